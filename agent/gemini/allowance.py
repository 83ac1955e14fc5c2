"""How many requests a program may send, how many it sent, and how many of them failed. Knows no key and no quota."""

from __future__ import annotations

import threading
from collections import Counter


class Allowance:
    """Counts over all keys, models and threads, and lets no request go beyond `most` (any number where it is null)."""

    def __init__(self, most: int | None = None) -> None:
        self.most = most
        self.sent = 0
        self.failed: Counter[str] = Counter()
        """Requests that were sent and not answered, by reason."""
        self._lock = threading.Lock()

    @property
    def left(self) -> float:
        """Requests that may still go; without end where nobody set a bound."""
        return float("inf") if self.most is None else self.most - self.sent

    def take(self) -> bool:
        """Whether one more request may go. It counts as sent from then on."""
        with self._lock:
            if self.left <= 0:
                return False
            self.sent += 1
            return True

    def give_back(self) -> None:
        """What was taken is not sent after all."""
        with self._lock:
            self.sent -= 1

    def fail(self, reason: str) -> None:
        with self._lock:
            self.failed[reason] += 1
