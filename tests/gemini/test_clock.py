"""A day's quota ends at midnight in Los Angeles, also on the days when the clocks change there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from agent.gemini.clock import next_reset, pacific_day, wall_clock


@pytest.mark.parametrize(
    ("now", "day", "reset"),
    [
        ("2026-11-24T20:00+00:00", "2026-11-24", "2026-11-25T08:00+00:00"),
        ("2026-11-25T07:59+00:00", "2026-11-24", "2026-11-25T08:00+00:00"),
        ("2026-11-25T08:00+00:00", "2026-11-25", "2026-11-26T08:00+00:00"),
        ("2026-07-01T06:59+00:00", "2026-06-30", "2026-07-01T07:00+00:00"),
        # The day of 23 hours, and the day of 25.
        ("2026-03-08T08:00+00:00", "2026-03-08", "2026-03-09T07:00+00:00"),
        ("2026-11-01T07:00+00:00", "2026-11-01", "2026-11-02T08:00+00:00"),
        # In Beijing it is afternoon when the day ends.
        ("2026-11-25T15:59+08:00", "2026-11-24", "2026-11-25T08:00+00:00"),
    ],
)
def test_the_day_and_its_end(now: str, day: str, reset: str) -> None:
    assert pacific_day(datetime.fromisoformat(now)) == date.fromisoformat(day)
    assert next_reset(datetime.fromisoformat(now)) == datetime.fromisoformat(reset)


@pytest.mark.parametrize("month", [3, 7, 11])
def test_the_next_reset_is_the_first_moment_of_another_day(month: int) -> None:
    now = datetime(2026, month, 1, tzinfo=timezone(timedelta(hours=5)))
    for _ in range(24 * 9):
        now += timedelta(hours=1)
        reset = next_reset(now)
        assert now < reset
        assert pacific_day(reset) == pacific_day(now) + timedelta(days=1)
        assert pacific_day(reset - timedelta(microseconds=1)) == pacific_day(now)


def test_the_wall_clock_is_aware() -> None:
    assert wall_clock().tzinfo is UTC
