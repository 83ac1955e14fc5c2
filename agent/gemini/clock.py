"""The service's day: when a day's quota ends, at midnight in `America/Los_Angeles`. Knows nothing of quotas."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


Clock = Callable[[], datetime]
"""Gives the time, aware."""

_PACIFIC = ZoneInfo("America/Los_Angeles")


def wall_clock() -> datetime:
    return datetime.now(UTC)


def pacific_day(now: datetime) -> date:
    """The day whose quota a request at `now` is counted under."""
    return now.astimezone(_PACIFIC).date()


def next_reset(now: datetime) -> datetime:
    """When the day's quotas come back, in UTC. Days of 23 and 25 hours are as long as they are."""
    tomorrow = pacific_day(now) + timedelta(days=1)
    return datetime.combine(tomorrow, time(), _PACIFIC).astimezone(UTC)
