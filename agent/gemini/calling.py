"""One call of a model: a key leased for each try, how it went reported, the next try decided by the verdict.

Sync, async and streams are all driven from here: they differ in how they send and how they sleep. The waiting is tenacity's.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn, Self

from pydantic import SecretStr
from tenacity import RetryCallState, retry_if_exception_type, stop_never

from agent.errors import RungUnavailable
from agent.gemini.errors import judge
from agent.gemini.keys import KeyManager, Lease
from agent.gemini.reasons import explain
from agent.gemini.verdict import Scope, Verdict
from agent.ladder import GEMINI, ModelName
from agent.prices import Usage, price
from agent.records import Attempt


if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage


# Of all who wait for a request in flight to come back, one looks about so often, in seconds.
_BUSY = 0.003
# A moment's pause before the one quick retry that a fault of the service is worth.
_FAULT = 1.0
# The list of models is not asked for again so soon, in seconds, whatever was not found.
_LOOKED = 600.0
_NOTHING = Decimal(0)


class _Again(Exception):
    """The next try is due, after so many seconds, and after a look at the list of models where a model was not found."""

    def __init__(self, pause: float = 0.0, *, looks: bool = False) -> None:
        self.pause, self.looks = pause, looks
        super().__init__(pause)


class Call:
    """One call, over all its tries."""

    def __init__(
        self, keys: KeyManager, model: str, tokens: int, *, patience: float, worst: Decimal | None = _NOTHING
    ) -> None:
        """`tokens` is a guess of the input's size, `patience` the most seconds to wait for a quota, `worst` the most that a try can cost."""
        self._keys, self._model, self._tokens, self._patience = keys, model, tokens, patience
        self._worst = worst
        self._attempts: list[Attempt] = []
        self._was_retried = False

    @property
    def policy(self) -> Mapping[str, Any]:
        """How tenacity is to repeat a try."""
        return {"retry": retry_if_exception_type(_Again), "wait": _pause, "stop": stop_never, "reraise": True}

    def next_try(self) -> Try:
        """Lease a key for it. Raises `RungUnavailable` where none can serve."""
        try:
            lease = self._keys.lease(self._model, self._tokens, self._worst)
        except RungUnavailable as error:
            refusal = error
        else:
            self._keys.waiting.discard(self)
            return Try(self, lease)
        if refusal.reason == "busy":
            self._keys.waiting.add(self)
            raise _Again(max(0.01, _BUSY * len(self._keys.waiting)) * random.uniform(0.5, 1.5))  # noqa: S311  # out of step
        self._keys.waiting.discard(self)
        self._wait_for(refusal.until)
        tried = {attempt.key for attempt in self._attempts}
        news = [attempt for attempt in refusal.attempts if attempt.key is None or attempt.key not in tried]
        raise RungUnavailable(
            self._model, refusal.reason, until=refusal.until, attempts=[*self._attempts, *news], detail=refusal.detail
        )

    @staticmethod
    def wants_look(state: RetryCallState) -> bool:
        error = _again(state)
        return error is not None and error.looks

    def look(self, state: RetryCallState, base_url: str) -> None:
        """Ask for the list of models, where a model was not found: it costs no quota."""
        if self.wants_look(state):
            self._keys.refresh_models(base_url, older_than=_LOOKED)

    def after(self, failure: Failure, *, is_last: bool) -> NoReturn:
        """Go on to the next try, or to the caller."""
        verdict = failure.verdict
        was_tried = failure.attempt in self._attempts
        self._attempts.append(failure.attempt)
        if not is_last:
            if verdict.another_key_helps and not was_tried:
                raise _Again
            if verdict.scope == Scope.MODEL:
                # There is no key to be had for it any more: that says so, and what lives in its place.
                raise _Again(looks=True)
            if verdict.retry and not self._was_retried:
                self._was_retried = True
                raise _Again(_FAULT * random.uniform(0.5, 1.5))  # noqa: S311  # keeps callers out of step
            self._wait_for(failure.until)
        detail = explain(verdict.reason)
        if verdict.scope == Scope.REQUEST and verdict.message:
            detail += f": {verdict.message}"
        raise RungUnavailable(self._model, verdict.reason, until=failure.until, attempts=self._attempts, detail=detail)

    def judged(self, lease: Lease, error: Exception) -> Failure | None:
        """What the failure means, booked. Null where it is none of the service's, but a bug of somebody's."""
        verdict = judge(error, now=self._keys.now())
        until = lease.failed(verdict)
        if verdict.reason == "unknown":
            return None
        return Failure(verdict, until, Attempt(model=self._model, key=lease.fingerprint, outcome=verdict.reason))

    def price(self, used: Usage) -> Decimal | None:
        """What an answer cost, where somebody counts it."""
        has_budget = self._keys.allowance.budget is not None
        return price(ModelName(GEMINI, self._model), used) if has_budget else _NOTHING

    def story(self, lease: Lease) -> dict[str, Any]:
        """What an answer's metadata say of how it came: the key that served, and the tries in vain before."""
        return {"key": lease.fingerprint, "attempts": [attempt.model_dump() for attempt in self._attempts]}

    def _wait_for(self, until: datetime | None) -> None:
        """Wait, where patience allows: the next try is then due."""
        if until is None:
            return
        pause = max(0.05, (until - self._keys.now()).total_seconds())
        if pause <= self._patience:
            self._patience -= pause
            self._was_retried = False
            raise _Again(pause)


@dataclass(frozen=True, slots=True)
class Failure:
    """A try that failed, judged and booked. Holds nothing of the error itself, which may hold the key."""

    verdict: Verdict
    until: datetime | None
    attempt: Attempt


class Try:
    """One try: send and take in what comes `with` it, then `check` how that went, and at the end say `served`."""

    def __init__(self, call: Call, lease: Lease) -> None:
        self._call, self._lease = call, lease
        self._failure: Failure | None = None
        self._used: Usage | None = None
        self._version: str | None = None
        self._is_noted = False

    @property
    def key(self) -> SecretStr:
        return self._lease.key

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        """A failure is booked and held back, so that what is raised in its place remembers nothing of it."""
        if isinstance(error, Exception):
            self._failure = self._call.judged(self._lease, error)
            return self._failure is not None
        if error is not None:
            self._lease.dropped()
        return False

    def check(self, *, is_last: bool = False) -> None:
        """Raise what comes of a failure; for the `last` try there is no next one."""
        if self._failure:
            self._call.after(self._failure, is_last=is_last)

    def noted(self, message: BaseMessage) -> None:
        """A message, or a piece of one, has come: note its size, and in its metadata how it came."""
        if not self._is_noted:
            self._is_noted = True
            message.response_metadata = {**message.response_metadata, "mianjing": self._call.story(self._lease)}
        if used := Usage.of(getattr(message, "usage_metadata", None)):
            self._used = self._used + used if self._used else used
        self._version = message.response_metadata.get("model_name") or self._version

    def served(self) -> None:
        used = self._used
        self._lease.served(used.input_tokens if used else None, self._version, self._call.price(used) if used else None)


def _again(state: RetryCallState) -> _Again | None:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, _Again) else None


def _pause(state: RetryCallState) -> float:
    error = _again(state)
    return error.pause if error else 0.0
