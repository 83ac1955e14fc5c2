"""How many requests a program may send and what they may cost, and what became of them. Knows no key and no quota."""

from __future__ import annotations

import threading
from collections import Counter
from decimal import Decimal
from typing import Literal


_NOTHING = Decimal(0)
# Of these nobody knows whether the service went on to the end, and asks for money.
_MAY_COST = {"timeout", "dropped", "garbled", "unknown"}

Refusal = Literal["max_requests", "budget", "busy"]
"""Why no request may go. `busy`: once what is in flight has come back it may."""


class Allowance:
    """Counts over all keys, models and threads, and lets no request go beyond `most`, nor one that could pass the budget.

    Before a request goes the most that it can cost is held back; when it has come back, what it did cost is spent.
    Both bounds are any number where null; the budget is in US dollars at list price.
    """

    def __init__(self, most: int | None = None, budget: Decimal | None = None) -> None:
        self.most, self.budget = most, budget
        self.sent = 0
        self.spent = _NOTHING
        """What came back, in dollars; counted where there is a budget."""
        self.failed: Counter[str] = Counter()
        """Requests that were sent and not answered, by reason."""
        self._held = _NOTHING
        self._lock = threading.Lock()

    @property
    def left(self) -> float:
        """Requests that may still go; without end where nobody set a bound."""
        return float("inf") if self.most is None else self.most - self.sent

    def take(self, worst: Decimal | None = _NOTHING) -> Refusal | None:
        """Why one more request, that costs `worst` at most, may not go; null where it may, and then it counts as sent.

        With a budget, one of which nobody knows what it costs may not.
        """
        with self._lock:
            if self.left <= 0:
                return "max_requests"
            if self.budget is not None:
                if worst is None or self.spent + worst > self.budget:
                    return "budget"
                if self.spent + self._held + worst > self.budget:
                    return "busy"
            self.sent += 1
            self._held += worst or 0
            return None

    def give_back(self, worst: Decimal | None = _NOTHING) -> None:
        """What was taken is not sent after all."""
        with self._lock:
            self.sent -= 1
            self._held -= worst or 0

    def pay(self, worst: Decimal | None, cost: Decimal | None) -> None:
        """It came back, and cost so much; the most that it could where that is not known."""
        with self._lock:
            self._held -= worst or 0
            self.spent += (worst or 0) if cost is None else cost

    def fail(self, reason: str, worst: Decimal | None = _NOTHING) -> None:
        """It came to nothing: for nothing, as the service says, or as far as anybody knows for all that it could cost."""
        self.pay(worst, None if reason in _MAY_COST else _NOTHING)
        with self._lock:
            self.failed[reason] += 1
