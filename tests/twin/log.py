"""What the twin received and how each request ended, safe to read while it serves."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Seen:
    """One request and its end, as the twin saw it."""

    n: int
    """Which generate request it was, from 1; 0 for all other methods."""
    at: datetime
    key: str
    project: str
    model: str
    method: str
    """`generateContent`, `streamGenerateContent`, `countTokens`, `list`, `get`, …"""
    status: int
    """0 where no status was sent."""
    outcome: str
    """`ok`, `cut`, `quota_day`, `quota_minute`, `limit_0`, `model_unknown`, `model_retired`, `model_closed`,
    `invalid`, or the name of the fault or of the published body."""
    counted: bool
    """Whether the service counted it towards its quotas."""
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    post_ids: tuple[str, ...] = ()
    prompt_tokens: int = 0
    output_tokens: int = 0

    @property
    def is_wasted(self) -> bool:
        """A generate request that got a 4xx: it brought nothing and could have been known to."""
        return self.n > 0 and 400 <= self.status < 500


class Log:
    """All requests (or the last `keep`), and counts of all that ever came."""

    def __init__(self, keep: int | None = None) -> None:
        self._lock = threading.Lock()
        self._seen: deque[Seen] = deque(maxlen=keep)
        self._outcomes: Counter[str] = Counter()
        self._wasted: Counter[str] = Counter()
        self._in_flight = self._peak = 0

    def add(self, seen: Seen) -> None:
        with self._lock:
            self._seen.append(seen)
            if seen.n:
                self._outcomes[seen.outcome] += 1
            if seen.is_wasted:
                self._wasted[seen.outcome] += 1

    @contextmanager
    def flight(self, path: str) -> Iterator[None]:
        """While this is open one more generate request is in flight. For the server's own thread alone."""
        asks = path.lower().endswith("generatecontent")
        self._in_flight += asks
        self._peak = max(self._peak, self._in_flight)
        try:
            yield
        finally:
            self._in_flight -= asks

    @property
    def seen(self) -> tuple[Seen, ...]:
        with self._lock:
            return tuple(self._seen)

    @property
    def outcomes(self) -> Counter[str]:
        """Generate requests by outcome."""
        with self._lock:
            return self._outcomes.copy()

    @property
    def wasted(self) -> Counter[str]:
        """Those that got a 4xx, by outcome."""
        with self._lock:
            return self._wasted.copy()

    @property
    def in_flight(self) -> int:
        return self._in_flight

    @property
    def peak(self) -> int:
        """The most requests that were in flight at once."""
        return self._peak
