"""How far a run is, in words and numbers: read off its tally, with a rate and what is left of quota and time. Shows nothing itself."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from agent.cli.moments import clock_time, span
from agent.cli.tell import requests
from agent.errors import StateError
from agent.language import t
from agent.pipeline.tally import Tally, first_back


_SEPARATOR = " · "
# The rate is that of the last so many seconds, and told once it has been watched for some.
_WINDOW, _SHORTEST_WATCH = 120.0, 5.0
# Quota is not asked for more often: the ledger is shared with those who lease from it.
_QUOTA_EVERY = 1.0


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at a run."""

    done: int
    total: int | None
    """Null while more posts may come."""
    pace: tuple[str, ...]
    """The rate, and the time left; as far as they are known."""
    requests: tuple[str, ...]
    """How many are in flight, how many are left today, what the run waits for."""
    served: tuple[str, ...]
    """By which model how many."""
    is_waiting: bool

    @property
    def count(self) -> str:
        if self.total is None:
            return t("{done:,} posts done", done=self.done)
        return t("{done:,} of {total:,} posts done", done=self.done, total=self.total)

    @property
    def lines(self) -> list[str]:
        """What is shown, the most important first."""
        parts = (self.count, *self.pace), self.requests, self.served
        return [_SEPARATOR.join(part) for part in parts if part]


class Gauge:
    """Reads one run. `quota` tells how many requests are left; null where none are asked."""

    def __init__(
        self,
        tally: Tally,
        quota: Callable[[], float] | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._tally, self._quota, self._clock, self._now = tally, quota, clock, now
        self._samples: deque[tuple[float, int]] = deque([(clock(), 0)])
        self._moved = self._samples[0]
        self._left, self._asked_at = math.inf, -math.inf

    def read(self) -> Reading:
        tally = self._tally
        requests = (self._in_flight(), self._quota_left(), self._waiting())
        served = [f"{model} {count:,}" for model, count in sorted(tally.by_model.items(), key=lambda one: -one[1])]
        if tally.by_rules and self._quota:
            served.append(t("rules {count:,}", count=tally.by_rules))
        return Reading(
            tally.done,
            None if tally.may_grow else tally.taken,
            self._pace(),
            tuple(part for part in requests if part),
            tuple(served),
            bool(tally.waiting),
        )

    def _in_flight(self) -> str:
        flying = self._tally.in_flight - len(self._tally.waiting)
        return t("{requests} in flight", requests=requests(flying)) if flying > 0 else ""

    def _quota_left(self) -> str:
        if self._quota and self._clock() - self._asked_at >= _QUOTA_EVERY:
            self._asked_at = self._clock()
            try:
                self._left = self._quota()
            except StateError:
                self._left = math.inf
        return "" if math.isinf(self._left) else t("{count:,} left today", count=max(0, int(self._left)))

    def _pace(self) -> tuple[str, ...]:
        """The rate, and the time that is left at that rate. What was finished before this run is no pace.

        A time that has passed since the last post was done, and brought no other, is not promised again.
        """
        now, done = self._clock(), self._tally.done - self._tally.resumed
        if done != self._moved[1]:
            self._moved = now, done
        self._samples.append((now, done))
        while len(self._samples) > 2 and now - self._samples[1][0] > _WINDOW:
            self._samples.popleft()
        since, before = self._samples[0]
        if now - since < _SHORTEST_WATCH or done <= before:
            return ()
        rate = (done - before) / (now - since)
        paced = t("{rate:.1f} posts a second", rate=rate) if rate >= 1 else t("{rate:.1f} a minute", rate=rate * 60)
        ahead = self._tally.taken - self._tally.done
        left = ahead / rate
        if self._tally.may_grow or not ahead or self._tally.waiting or left < now - self._moved[0]:
            return (paced,)
        return paced, t("{span} left", span=span(max(1.0, left)))

    def _waiting(self) -> str:
        first = first_back(list(self._tally.waiting))
        if first is None or first.until is None:
            return ""
        return t("waiting for {model}: back at {time}", model=first.model, time=clock_time(first.until, self._now()))
