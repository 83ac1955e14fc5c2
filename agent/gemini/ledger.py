"""The ledger: what each project has used of each model, what is out and until when. Shared by all processes of a machine.

A use is entered before its request goes, and taken back where the service did not count it. Keys stand here as fingerprints.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

from agent.gemini import accounts, booking, choosing
from agent.gemini.accounts import KeyState, ModelState, QuotaRow
from agent.gemini.clock import Clock, wall_clock
from agent.gemini.database import Database
from agent.gemini.leasing import Denial, Entry, Grant
from agent.gemini.moment import Moment, read
from agent.gemini.verdict import Verdict


def fingerprint(key: str) -> str:
    """What stands for a key in the ledger: from it the key cannot be found again."""
    return blake2b(key.encode(), digest_size=16, person=b"mianjing key").hexdigest()


class Ledger:
    """One file of uses, limits and what is out. Every method is one transaction; all raise `StateError` where the file cannot be used.

    >>> ledger = Ledger(Path("state"))
    >>> grant = ledger.lease("gemini-2.5-flash", [Entry(fingerprint(key), mask(key))], tokens=900)
    >>> ledger.served(grant, tokens=912)    # or failed(grant, judge(error)), or dropped(grant)
    """

    def __init__(self, home: Path, *, clock: Clock = wall_clock, chance: random.Random | None = None) -> None:
        self._database = Database(home / "ledger.sqlite3")
        self._clock = clock
        self._chance = chance or random.Random()  # noqa: S311  # it jitters pauses

    def lease(self, model: str, keys: Sequence[Entry], tokens: int) -> Grant | Denial:
        """A request of about so many input tokens may go with one of the keys, or why it may not."""
        with self._at() as (db, at):
            return choosing.choose(db, at, model, keys, tokens)

    def served(self, grant: Grant, tokens: int | None = None, version: str | None = None) -> None:
        """It was answered: by which version of the model, for how many input tokens, where that is told."""
        with self._at() as (db, at):
            booking.serve(db, at, grant, tokens, version)

    def failed(self, grant: Grant, verdict: Verdict) -> float | None:
        """It failed. When the same could go well again, in seconds since 1970; null where nobody knows, or never."""
        with self._at() as (db, at):
            return booking.fail(db, at, grant, verdict, self._chance)

    def dropped(self, grant: Grant) -> None:
        """It was given up half-way, by us: it counts as used."""
        with self._at() as (db, at):
            booking.drop(db, at, grant)

    def checked(self, entry: Entry, verdict: Verdict | None) -> None:
        """A key was looked at, at no cost: well (no verdict), or out."""
        with self._at() as (db, at):
            accounts.checked(db, at, entry, verdict)

    def capacity(self, model: str, keys: Sequence[Entry]) -> int:
        """How many requests are believed left until the reset, over all projects of the keys."""
        with self._at() as (db, at):
            return accounts.capacity(db, at, model, keys)

    def quotas(self, models: Iterable[str], keys: Sequence[Entry]) -> list[QuotaRow]:
        """How each project stands with each model: those asked for, and those it ever used."""
        with self._at() as (db, at):
            return accounts.quotas(db, at, models, keys)

    def key_states(self, keys: Sequence[Entry]) -> list[KeyState]:
        """What is known of each key, in the order given."""
        with self._at() as (db, at):
            return accounts.key_states(db, at, keys)

    def model_state(self, model: str) -> ModelState:
        """Whether a model lives, as far as is known."""
        with self._at() as (db, at):
            return accounts.model_state(db, at, model)

    def live_models(self) -> list[str]:
        """The listed models that generate content and are not retired."""
        with self._at() as (db, at):
            return accounts.live_models(db, at)

    def listed(self, models: Mapping[str, bool]) -> None:
        """The service listed its models; true for those that generate content."""
        with self._at() as (db, at):
            accounts.listed(db, at, models)

    def list_age(self) -> float:
        """Seconds since the models were last listed; infinite where they never were."""
        with self._at() as (db, at):
            return accounts.list_age(db, at)

    def close(self) -> None:
        self._database.close()

    @contextmanager
    def _at(self) -> Iterator[tuple[sqlite3.Connection, Moment]]:
        with self._database.write() as db:
            yield db, read(db, self._clock())
