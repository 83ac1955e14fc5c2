"""Moments and spans as people say them: no more of them than is of use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agent.cli.moments import clock_time, span


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.4, "0 s"),
        (99, "99 s"),
        (100, "2 min"),
        (99 * 60, "99 min"),
        (6_000, "1 h 40 min"),
        (3 * 3600 + 299, "3 h 05 min"),
    ],
)
def test_a_span_is_told_about_as_closely_as_it_is_long(seconds: float, told: str) -> None:
    assert span(seconds) == told


def test_a_time_is_told_with_its_day_where_that_is_another_and_with_seconds_where_it_is_soon() -> None:
    now = datetime(2026, 11, 24, 12, 0, 0).astimezone()
    assert clock_time(now + timedelta(seconds=70), now) == "12:01:10"
    assert clock_time((now + timedelta(hours=2)).astimezone(UTC), now) == "14:00"
    assert clock_time(now + timedelta(hours=12), now) == "2026-11-25 00:00"
