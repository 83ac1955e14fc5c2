"""The one actor that all workers of a cluster ask: it owns the ledger, the finished work and the allowance of a run.

It stands on the driver's machine, beside the files of `MIANJING_HOME`. Keys pass through it in memory, from the driver to the workers.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from agent.gemini.allowance import Allowance, Refusal
from agent.gemini.leasing import Grant
from agent.gemini.ledger import Ledger
from agent.pipeline.store import Store
from agent.pipeline.tally import Tally


NAME = "mianjing-ledger"
_NOTHING = Decimal(0)


@dataclass(slots=True)
class _Part:
    """What one worker has under way."""

    grants: dict[int, Grant] = field(default_factory=dict)
    held: Decimal = _NOTHING
    """Dollars that the allowance holds back for it."""
    posts: int = 0
    """Of the block it is at."""
    waiting: int = 0
    """Of these, how many have no result yet."""


@dataclass(frozen=True, slots=True)
class Account:
    """What a run used, all workers together."""

    tally: Tally
    sent: int
    spent: Decimal
    failed: Counter[str]


class Desk:
    """Made once for a run, by name. Its methods are called from many workers at once; each is one step for all of them."""

    def __init__(self, home: Path, most: int | None, budget: Decimal | None) -> None:
        self._ledger, self._store = Ledger(home), Store(home)
        self._allowance = Allowance(most, budget)
        self._keys: Sequence[SecretStr] = ()
        self._parts: dict[str, _Part] = {}
        self._unbegun = 0
        self._tally = Tally()
        self._lock = threading.Lock()

    def open(self, keys: Sequence[SecretStr], posts: int) -> None:
        """The run's keys, and how many posts it is for."""
        self._keys, self._unbegun = keys, posts

    def join(self, worker: str) -> Sequence[SecretStr]:
        """A worker begins, for the first time or once more after it died: what it had under way then counts as used, its block comes again."""
        with self._lock:
            died = self._parts.pop(worker, _Part())
            self._parts[worker] = _Part()
            self._unbegun += died.posts
        for grant in died.grants.values():
            self._ledger.dropped(grant)
        self._allowance.pay(died.held, None)
        return self._keys

    def begin(self, worker: str, posts: int) -> None:
        """A worker takes a block of so many posts."""
        with self._lock:
            part = self._parts[worker]
            part.posts = part.waiting = posts
            self._unbegun -= posts

    def end(self, worker: str, tally: Tally) -> None:
        """It is through with it: what that used counts."""
        with self._lock:
            self._parts[worker].posts = self._parts[worker].waiting = 0
            add_block(self._tally, tally)

    def share(self, worker: str, waiting: int) -> float:
        """Of all posts that wait, over the cluster, the part that so many of this worker's are: its part of the requests too."""
        with self._lock:
            self._parts[worker].waiting = waiting
            everybody = self._unbegun + sum(part.waiting for part in self._parts.values())
            return waiting / max(1, waiting, everybody)

    def ledger(self, worker: str, method: str, arguments: Sequence[Any]) -> Any:
        """A method of the ledger; what it grants is remembered until the worker tells how it went."""
        grants = self._parts[worker].grants
        answer = getattr(self._ledger, method)(*arguments)
        if isinstance(answer, Grant):
            grants[answer.id] = answer
        elif arguments and isinstance(arguments[0], Grant):
            grants.pop(arguments[0].id, None)
        return answer

    def store(self, _: str, method: str, arguments: Sequence[Any]) -> Any:
        """A method of the store."""
        return getattr(self._store, method)(*arguments)

    def take(self, worker: str, worst: Decimal | None) -> Refusal | None:
        """`Allowance.take`."""
        refusal = self._allowance.take(worst)
        if refusal is None:
            self._hold(worker, worst)
        return refusal

    def give_back(self, worker: str, worst: Decimal | None) -> None:
        """`Allowance.give_back`."""
        self._allowance.give_back(worst)
        self._hold(worker, worst, -1)

    def pay(self, worker: str, worst: Decimal | None, cost: Decimal | None) -> None:
        """`Allowance.pay`."""
        self._allowance.pay(worst, cost)
        self._hold(worker, worst, -1)

    def fail(self, worker: str, reason: str, worst: Decimal | None) -> None:
        """`Allowance.fail`."""
        self._allowance.fail(reason, worst)
        self._hold(worker, worst, -1)

    def left(self, _: str) -> float:
        """`Allowance.left`."""
        return self._allowance.left

    def account(self) -> Account:
        """What the run used so far."""
        allowance = self._allowance
        return Account(self._tally, allowance.sent, allowance.spent, allowance.failed)

    def _hold(self, worker: str, worst: Decimal | None, sign: int = 1) -> None:
        with self._lock:
            self._parts[worker].held += sign * (worst or _NOTHING)


def add_block(total: Tally, block: Tally) -> None:
    """What a block came to, beside its outcomes: the driver counts those itself."""
    total.add_usage(block)
    total.refused += block.refused
    total.partly_unserved += block.partly_unserved
    total.resumed += block.resumed
    total.doubles += block.doubles
    total.turned_away = tuple({one.model: one for one in (*total.turned_away, *block.turned_away)}.values())
