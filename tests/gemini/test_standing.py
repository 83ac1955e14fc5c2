"""Whether one more request may go, by what the service told, by what is believed, and by what is in flight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from agent.gemini.standing import Standing
from agent.gemini.verdict import Metric


def standing(**counts: Any) -> Standing:
    defaults: dict[str, Any] = {"served": 100, "beliefs": {"requests_day": (20,), "requests_minute": (5, 10)}}
    return Standing("p", **defaults | counts)


@pytest.mark.parametrize(
    ("metric", "counts", "reason"),
    [
        ("requests_day", {"day_requests": 20}, "quota_day"),
        ("requests_minute", {"minute_requests": 20}, "quota_minute"),
        ("tokens_day", {"day_tokens": 15}, "quota_day"),
        ("tokens_minute", {"minute_tokens": 15}, "quota_minute"),
    ],
)
def test_what_would_pass_a_told_limit_does_not_go(metric: Metric, counts: dict[str, int], reason: str) -> None:
    room = standing(limits={metric: 20}, **counts).room(10, 0.0)
    assert (room.state, room.reason) == ("out", reason)


@pytest.mark.parametrize("metric", ["requests_day", "requests_minute", "tokens_day", "tokens_minute"])
def test_up_to_a_told_limit_requests_go_at_once(metric: Metric) -> None:
    counts = {"day_requests": 19, "minute_requests": 19, "day_tokens": 10, "minute_tokens": 10, "open": 19}
    limits: dict[Metric, int] = {"requests_day": 20, "requests_minute": 20, metric: 20}
    assert standing(limits=limits, **counts).room(10, 0.0).state == "free"


def test_a_request_that_is_thought_larger_than_the_whole_limit_is_left_to_the_service() -> None:
    assert standing(limits={"tokens_minute": 20}).room(99, 0.0).state == "free"
    assert standing(limits={"tokens_minute": 20}, minute_tokens=1).room(99, 0.0).state == "out"
    assert standing(limits={"tokens_minute": 0}).room(99, 0.0).state == "out"


def test_a_belief_stops_nothing_but_lets_one_go_ahead() -> None:
    assert standing(day_requests=500).room(0, 0.0).state == "free"
    assert standing(day_requests=20, day_peak=15, open=5).room(0, 0.0).state == "free"
    assert standing(day_requests=21, day_peak=15, open=6).room(0, 0.0).state == "busy"


@pytest.mark.parametrize(("open_", "served", "state"), [(0, 0, "free"), (1, 0, "busy"), (5, 1, "free"), (6, 1, "busy")])
def test_at_first_one_goes_alone_and_more_as_they_are_served(open_: int, served: int, state: str) -> None:
    assert standing(open=open_, served=served, day_requests=served + open_).room(0, 0.0).state == state


def test_where_the_days_limit_is_told_only_the_first_goes_alone() -> None:
    limits: Mapping[Metric, int] = {"requests_day": 20, "requests_minute": 20}
    assert standing(open=1, served=0, limits=limits).room(0, 0.0).state == "busy"
    assert standing(open=15, served=1, day_requests=16, limits=limits).room(0, 0.0).state == "free"


@pytest.mark.parametrize(
    ("peak", "most"),
    [(0, 6), (4, 6), (5, 6), (6, 11), (10, 11), (11, 27), (12, 44)],
)
def test_past_each_belief_one_goes_ahead_and_past_the_last_ever_more(peak: int, most: int) -> None:
    minute = standing(minute_peak=peak, day_peak=1_000, minute_requests=most - 1, open=1)
    assert minute.room(0, 0.0).state == "free"
    minute.minute_requests = most
    assert minute.room(0, 0.0).state == "busy"


def test_a_silent_request_holds_up_the_others_for_a_while_only() -> None:
    first = standing(open=1, served=0, oldest=100.0)
    assert first.room(0, 129.0).state == "busy"
    assert first.room(0, 130.0).state == "free"


@pytest.mark.parametrize(
    "counts",
    [
        {"served": 1, "open": 6},
        {"day_requests": 21, "day_peak": 15, "open": 6},
        {"minute_requests": 6, "day_peak": 1_000, "open": 1},
    ],
    ids=["at first", "past the day's belief", "past the minute's belief"],
)
def test_for_each_while_of_silence_one_more_may_go(counts: dict[str, int]) -> None:
    assert standing(**counts, oldest=100.0).room(0, 129.0).state == "busy"
    assert standing(**counts, oldest=100.0).room(0, 130.0).state == "free"


@pytest.mark.parametrize(
    ("limits", "peak", "beliefs", "left"),
    [
        ({"requests_day": 50}, 0, (20,), 43),
        ({}, 0, (20,), 13),
        ({}, 30, (20,), 23),
        ({"requests_day": 5}, 30, (20,), 0),
        ({}, 0, (), 0),
    ],
)
def test_what_is_left_goes_by_what_was_told_else_by_the_larger_of_belief_and_experience(
    limits: Mapping[Metric, int], peak: int, beliefs: Sequence[int], left: int
) -> None:
    told = standing(limits=limits, day_peak=peak, beliefs={"requests_day": beliefs}, day_requests=7)
    assert told.left_today == left
