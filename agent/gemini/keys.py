"""The key manager: holds a person's keys, leases one for each request, and tells how keys, quotas and models stand.

It never waits: where no key can serve now, it says so, and until when. It shows a key's last four characters, never the key.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Self
from weakref import WeakSet

from pydantic import SecretStr

from agent.errors import RungUnavailable, StateError, UsageError
from agent.gemini.accounts import QuotaRow
from agent.gemini.allowance import Allowance
from agent.gemini.clients import Clients
from agent.gemini.clock import Clock, wall_clock
from agent.gemini.keystore import Key, Keys, parse_key, read_keys, sealed, store_keys, stored_keys
from agent.gemini.leasing import Denial, Entry, Grant
from agent.gemini.ledger import Ledger, fingerprint
from agent.gemini.listing import base_url_of, list_models, successor_of
from agent.gemini.reasons import explain
from agent.gemini.verdict import Scope, Verdict
from agent.gemini.way import REASONS as OF_THE_WAY
from agent.gemini.way import Way
from agent.records import Attempt
from agent.settings import home as default_home


log = logging.getLogger(__name__)

_LIST_FRESH = 86_400.0
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class _OfKey:
    """Which key it is, for people."""

    key: str
    """`…A1b2`."""
    project: str
    source: str
    """Where it comes from."""


@dataclass(frozen=True, slots=True)
class KeyRow(_OfKey):
    """Whether a key serves."""

    state: str
    """`ok`, `out`, or `untried`."""
    reason: str = ""
    why: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class CheckRow(_OfKey):
    """What the free model-list call says of one key: `valid`, or a reason."""

    verdict: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model of the ladder. `state`: `live`, `retired`, or `unknown` where nobody has told yet."""

    model: str
    state: str
    successor: str | None
    left_today: int
    counted_as: str


class Lease:
    """One key for one request. Tell how it went by exactly one of `served`, `failed`, `dropped`."""

    def __init__(
        self,
        ledger: Ledger,
        way: Way,
        allowance: Allowance,
        grant: Grant,
        key: Key,
        clock: Clock,
        worst: Decimal | None = _NOTHING,
    ) -> None:
        """`worst` is what the allowance holds back for it."""
        self._ledger, self._way, self._allowance = ledger, way, allowance
        self._grant, self._clock, self._worst = grant, clock, worst
        self.key: SecretStr = key.secret
        self.fingerprint: str = key.tail
        """How the key is named to people: `…A1b2`."""

    @property
    def project(self) -> str:
        return self._grant.project

    @property
    def model(self) -> str:
        return self._grant.model

    def served(self, input_tokens: int | None = None, version: str | None = None, cost: Decimal | None = None) -> None:
        """It was answered, by that version of the model, for so many input tokens and dollars, where that is told."""
        self._way.passed()
        self._allowance.pay(self._worst, cost)
        self._note(lambda: self._ledger.served(self._grant, input_tokens, version))

    def failed(self, verdict: Verdict) -> datetime | None:
        """It failed. Returns when the same could go well again; null where nobody knows, or never."""
        self._allowance.fail(verdict.reason, self._worst)
        booked = self._note(lambda: self._ledger.failed(self._grant, verdict))
        if verdict.reason in OF_THE_WAY:
            return _moment(self._way.failed(verdict, sent=self._grant.at, now=self._clock().timestamp()))
        if verdict.scope != Scope.SERVICE:
            self._way.passed()
        return _moment(booked)

    def dropped(self) -> None:
        """It was given up half-way, by us. It counts as used."""
        self._way.given_up()
        self._allowance.pay(self._worst, None)
        self._note(lambda: self._ledger.dropped(self._grant))

    @staticmethod
    def _note(report: Callable[[], float | None]) -> float | None:
        """An answer that has come is not lost because the ledger cannot be written; its use was entered before."""
        try:
            return report()
        except StateError as error:
            log.warning("how a request went could not be noted: %s", error)
            return None

    def __repr__(self) -> str:
        return f"Lease({self.fingerprint}, {self.model})"


class KeyManager:
    """A person's keys, and one ledger for all programs that use them.

    `keys` may be `KEY` or `name=KEY`, where name tells the project; absent, they are those of the environment, else
    the stored ones. `home` is the folder of the state, by default that of `MIANJING_HOME`. `allowance` bounds and counts
    the requests.

    >>> manager = KeyManager()
    >>> lease = manager.lease("gemini-2.5-flash", tokens=900)   # raises RungUnavailable
    >>> lease.served(input_tokens=912)
    """

    def __init__(
        self,
        keys: Keys | None = None,
        *,
        home: Path | str | None = None,
        base_url: str | None = None,
        allowance: Allowance | None = None,
        clock: Clock = wall_clock,
        chance: random.Random | None = None,
        ledger: Ledger | None = None,
    ) -> None:
        """`ledger` is one that is kept elsewhere; else that of `home`."""
        self.allowance = allowance or Allowance()
        self.home = Path(home).expanduser() if home else default_home()
        self.base_url = base_url
        self._given, self._clock = sealed(keys), clock
        chance = chance or random.Random()  # noqa: S311  # it jitters pauses
        self._ledger = ledger or Ledger(self.home, clock=clock, chance=chance)
        self._way = Way(chance)
        self._keys: dict[str, Key] = {}
        self._warned: set[str] = set()
        self.clients = Clients()
        """Of all pools that use these keys: a client costs time to make."""
        self.waiting: WeakSet[object] = WeakSet()
        """Who waits for a request in flight to come back; kept here so that all together do not ask too often."""

    def lease(self, model: str, tokens: int = 0, worst: Decimal | None = _NOTHING) -> Lease:
        """A key for one request to the model, of about so many input tokens, that costs `worst` dollars at most. Its use is entered at once.

        Raises `RungUnavailable` with one attempt for each key that cannot serve; reason `busy` means: ask again in a moment.
        """
        keys = self._held()
        now = self._clock().timestamp()
        if refusal := self.allowance.take(worst):
            raise self._unavailable(model, Denial(refusal), keys)
        answer = self._way.closed(now) or self._ledger.lease(model, _entries(keys), tokens)
        if isinstance(answer, Denial):
            self.allowance.give_back(worst)
            raise self._unavailable(model, answer, keys)
        return Lease(self._ledger, self._way, self.allowance, answer, keys[answer.key], self._clock, worst)

    def capacity(self, models: Iterable[str]) -> dict[str, int]:
        """For each model how many requests are believed left until the reset, over all projects."""
        keys = _entries(self._held())
        return {model: self._ledger.capacity(model, keys) for model in models}

    def quotas(self, models: Iterable[str] = ()) -> Sequence[QuotaRow]:
        """How each project stands with each of the models, and with those it used today."""
        return self._ledger.quotas(models, _entries(self._held()))

    def list(self) -> Sequence[KeyRow]:
        """The keys in use, and what is known of each."""
        keys = self._held()
        rows = zip(keys.values(), self._ledger.key_states(_entries(keys)), strict=True)
        return [
            KeyRow(
                key.tail,
                state.project,
                key.source,
                state.state,
                state.reason,
                explain(state.reason) if state.reason else "",
                state.since,
                state.until,
            )
            for key, state in rows
        ]

    def add(self, text: str) -> KeyRow:
        """Store a key, `KEY` or `name=KEY`. One that was out is tried again. Raises `UsageError` or `StateError`."""
        key = parse_key(text)
        others = [one for one in stored_keys(self.home) if one.secret != key.secret]
        store_keys(self.home, [*others, key])
        self._keys.clear()
        entry = _entry(key)
        self._ledger.checked(entry, None)
        (state,) = self._ledger.key_states([entry])
        return KeyRow(key.tail, state.project, key.source, state.state)

    def remove(self, name: str) -> int:
        """Forget the stored keys of that project name, or that end in it. Returns how many. Raises `UsageError` where none is so."""
        name = name.strip().lstrip("…")
        stored = stored_keys(self.home)
        kept = [
            key
            for key in stored
            if not (name and (key.project == name or key.secret.get_secret_value().endswith(name)))
        ]
        if len(kept) == len(stored):
            raise UsageError("no stored key has that name or ends so; `mianjing keys list` shows them")
        store_keys(self.home, kept)
        self._keys.clear()
        return len(stored) - len(kept)

    def check(self) -> Sequence[CheckRow]:
        """Ask the free model-list call with each key whether it is good. What it says is kept; no quota is spent."""
        return [self._checked(key) for key in self._held().values()]

    def models(self, ladder: Iterable[str]) -> Sequence[ModelRow]:
        """Which models of the ladder live, as the service's list says, which is asked for at most once a day."""
        keys = _entries(self._held())
        self.refresh_models()
        rows = []
        for model in ladder:
            state = self._ledger.model_state(model)
            name = {True: "live", False: "retired", None: "unknown"}[state.is_live]
            successor = self.successor(model) if state.is_live is False else None
            rows.append(ModelRow(model, name, successor, self._ledger.capacity(model, keys), state.counted_as))
        return rows

    def refresh_models(self, base_url: str | None = None, *, older_than: float = _LIST_FRESH) -> None:
        """Ask for the list of models if the one at hand is older, in seconds. Does nothing where it cannot be had."""
        if self._ledger.list_age() < older_than:
            return
        for key in self.serving().values():
            verdict = self._listed(key, base_url)
            if verdict is None or not verdict.another_key_helps:
                return

    def successor(self, model: str) -> str | None:
        """A live model to take in place of a retired one: the one the service named, else the newest of its kind that is listed."""
        return self._ledger.model_state(model).successor or successor_of(model, self._ledger.live_models())

    def any_key(self, model: str) -> SecretStr:
        """A key for what costs no quota. Raises `RungUnavailable` where none is left that is not out."""
        for key in self.serving().values():
            return key.secret
        keys = self._held()
        states = self._ledger.key_states(_entries(keys))
        raise self._unavailable(model, Denial(states[0].reason if states else "no_key"), keys)

    def held(self) -> Mapping[str, Key]:
        """The keys in use, by fingerprint."""
        return self._held()

    def serving(self) -> Mapping[str, Key]:
        """Those of them that are not out."""
        keys = self._held()
        states = self._ledger.key_states(_entries(keys))
        return {name: keys[name] for name, state in zip(keys, states, strict=True) if state.state != "out"}

    def now(self) -> datetime:
        return self._clock()

    def close(self) -> None:
        """Close the ledger's file and the connections. They are opened again when they are needed."""
        self._ledger.close()
        self.clients.close()

    def _held(self) -> dict[str, Key]:
        """The keys by fingerprint; looked for again as long as there are none."""
        if not self._keys:
            self._keys = {fingerprint(key.secret.get_secret_value()): key for key in read_keys(self._given, self.home)}
        return self._keys

    def _checked(self, key: Key) -> CheckRow:
        verdict = self._listed(key, self.base_url)
        (state,) = self._ledger.key_states([_entry(key)])
        if verdict is None:
            return CheckRow(key.tail, state.project, key.source, "valid")
        return CheckRow(key.tail, state.project, key.source, verdict.reason, explain(verdict.reason))

    def _listed(self, key: Key, base_url: str | None) -> Verdict | None:
        """Ask for the list of models with this key, and keep what that tells of both; null where the key is good."""
        listing = list_models(key.secret, base_url_of(base_url or self.base_url), clock=self._clock)
        verdict = listing.verdict
        if verdict is None:
            self._ledger.listed(listing.models)
        # A key may be kept from listing models and still be good for asking them.
        if verdict is None or verdict.reason != "key_restricted" or verdict.here_only:
            self._ledger.checked(_entry(key), verdict)
        return verdict

    def _unavailable(self, model: str, denial: Denial, keys: dict[str, Key]) -> RungUnavailable:
        attempts = [Attempt(model=model, key=keys[one.key].tail, outcome=one.reason) for one in denial.passed_over]
        detail = explain(denial.reason)
        if denial.reason in {"model_not_found", "model_closed"}:
            successor = self.successor(model)
            detail += f"; {successor} lives" if successor else ""
            if model not in self._warned:
                self._warned.add(model)
                log.warning("%s is left out: %s", model, detail)
        return RungUnavailable(
            model,
            denial.reason,
            until=_moment(denial.until),
            attempts=attempts or [Attempt(model=model, outcome=denial.reason)],
            detail=detail,
        )

    def __repr__(self) -> str:
        return f"KeyManager({', '.join(key.tail for key in self._keys.values()) or 'no key yet'})"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process reads the keys anew: they do not travel in a pickle."""
        if self._given is not None:
            raise TypeError("a KeyManager with keys of its own is not pickled: make one where it is needed")
        return _reopened, (self.home, self.base_url)


def _reopened(home: Path, base_url: str | None) -> KeyManager:
    return KeyManager(home=home, base_url=base_url)


def _entry(key: Key) -> Entry:
    return Entry(fingerprint(key.secret.get_secret_value()), key.tail, key.project)


def _entries(keys: dict[str, Key]) -> Sequence[Entry]:
    return [Entry(name, key.tail, key.project) for name, key in keys.items()]


def _moment(at: float | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, UTC)
