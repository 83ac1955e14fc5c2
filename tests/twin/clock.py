"""The twin's time: when a day of quota ends, and a clock that tests turn by hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


Clock = Callable[[], datetime]
"""Gives the time, aware."""

PACIFIC = ZoneInfo("America/Los_Angeles")


def wall_clock() -> datetime:
    return datetime.now(UTC)


class VirtualClock:
    """A clock that stands still until it is advanced, or runs `speed` times as fast as the real one."""

    def __init__(self, start: datetime = datetime(2026, 11, 24, 18, tzinfo=UTC), *, speed: float = 0.0) -> None:
        self._start, self._speed = start, speed
        self._real_start = time.monotonic()

    def __call__(self) -> datetime:
        return self._start + timedelta(seconds=(time.monotonic() - self._real_start) * self._speed)

    def advance(self, seconds: float = 0.0, *, hours: float = 0.0, days: float = 0.0) -> None:
        self._start += timedelta(seconds=seconds, hours=hours, days=days)


def pacific_day(now: datetime) -> date:
    return now.astimezone(PACIFIC).date()


def next_pacific_midnight(now: datetime) -> datetime:
    """When the day's quotas come back, in UTC; days of 23 and 25 hours are as long as they are."""
    tomorrow = pacific_day(now) + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=PACIFIC).astimezone(UTC)
