"""One ask put to one model, sync or async: what it may cost held back before, what came or why nothing did told after. Sends nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from agent.errors import RungUnavailable
from agent.extraction.answer import Answer
from agent.extraction.broken_off import message_in
from agent.gemini.allowance import Allowance
from agent.gemini.ceiling import most_it_costs
from agent.gemini.errors import judge
from agent.gemini.reasons import explain
from agent.ladder import ModelName
from agent.prices import Usage, price
from agent.records import Attempt


if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage, BaseMessage

    from agent.extraction.ask import Ask

# What is in flight is back in about so long.
_A_MOMENT = timedelta(seconds=1)


class Guard:
    """What the key manager does for Gemini, for another provider: requests are bounded and counted, errors judged as far as they tell."""

    def __init__(self, name: ModelName, model: BaseChatModel, allowance: Allowance) -> None:
        self._name, self._model, self._allowance = name, model, allowance

    def take(self, messages: Sequence[BaseMessage]) -> Decimal | None:
        """Whether the allowance has room for it; returns what is held back. Raises `RungUnavailable`."""
        worst = Decimal(0) if self._allowance.budget is None else self._most_it_costs(messages)
        if refusal := self._allowance.take(worst):
            until = datetime.now(UTC) + _A_MOMENT if refusal == "busy" else None
            raise RungUnavailable(str(self._name), refusal, until=until, detail=explain(refusal))
        return worst

    def paid(self, raw: AIMessage, worst: Decimal | None) -> None:
        used = Usage.of(raw.usage_metadata)
        self._allowance.pay(worst, price(self._name, used) if used else None)

    def judged(self, error: Exception, worst: Decimal | None) -> RungUnavailable:
        verdict = judge(error)
        self._allowance.fail(verdict.reason, worst)
        attempt = Attempt(model=str(self._name), outcome=verdict.reason)
        detail = f"{explain(verdict.reason)}: {verdict.message}" if verdict.message else explain(verdict.reason)
        return RungUnavailable(str(self._name), verdict.reason, until=verdict.until, attempts=[attempt], detail=detail)

    def _most_it_costs(self, messages: Sequence[BaseMessage]) -> Decimal | None:
        longest = getattr(self._model, "max_tokens", None) or (self._model.profile or {}).get("max_output_tokens")
        return most_it_costs(self._name, list(messages), output_tokens=longest, settings=Answer.model_json_schema())


class Sending:
    """Send and take in what comes `with` it, as long as it is not over; then see what `came`."""

    def __init__(self, ask: Ask, guard: Guard | None, mends: Callable[[RungUnavailable], bool]) -> None:
        """`mends` tells whether the same is to be sent once more after a failure, in another form."""
        self.ask, self._guard, self._mends = ask, guard, mends
        self.is_over = False
        self.said: Any = None
        """A message, or one with what was parsed of it, as `include_raw` tells it."""
        self._refusal: RungUnavailable | None = None
        self._worst: Decimal | None = None

    def of(self, messages: Sequence[BaseMessage]) -> Self:
        """To be sent now. Raises `RungUnavailable` where nothing may be."""
        if self._guard:
            try:
                self._worst = self._guard.take(messages)
            except RungUnavailable as error:
                self.ask.trail.note(error)
                raise
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        """A failure is held back, so that what is raised in its place remembers nothing of it; a bug comes out."""
        self.is_over = True
        if not isinstance(error, Exception):
            return False
        if said := message_in(error):
            self.said = said
            return True
        refusal = self._guard.judged(error, self._worst) if self._guard else error
        if not isinstance(refusal, RungUnavailable):
            return False
        if self._mends(refusal):
            self.is_over = False
            self.ask.trail.spent.add(refusal.attempts)
        else:
            self._refusal = refusal
        return True

    def came(self) -> tuple[AIMessage, Any]:
        """The message, and what was parsed of it. Raises `RungUnavailable`, noted on the ask's trail."""
        if self._refusal:
            raise self.ask.trail.note(self._refusal)
        raw, parsed = (self.said["raw"], self.said.get("parsed")) if isinstance(self.said, dict) else (self.said, None)
        if self._guard:
            self._guard.paid(raw, self._worst)
        return raw, parsed
