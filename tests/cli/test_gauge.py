"""What progress tells: how far, how fast, how long still, and what a run waits for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from agent.cli.gauge import Gauge
from agent.errors import RungUnavailable, StateError
from agent.pipeline.tally import Tally


NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Run:
    """A tally, a clock and a quota to turn by hand."""

    def __init__(self) -> None:
        self.tally = Tally(taken=120, may_grow=False)
        self.seconds = 0.0
        self.asked = 0
        self.gauge = Gauge(self.tally, self.quota, clock=lambda: self.seconds, now=lambda: NOON)

    def quota(self) -> float:
        self.asked += 1
        return 14

    def told(self, seconds: float, **done: int) -> str:
        self.seconds += seconds
        self.tally.by_model.update(done)
        return "\n".join(self.gauge.read().lines)


def test_the_count_is_open_while_more_posts_may_come():
    run = Run()
    run.tally.may_grow = True
    assert run.told(0, lite=3).startswith("3 posts done\n")
    run.tally.may_grow = False
    assert run.told(0, lite=3).startswith("3 of 120 posts done\n")


def test_rate_and_time_left_come_with_a_while_of_watching():
    run = Run()
    assert "left" not in run.told(1, lite=2).split("\n")[0]
    assert run.told(9, lite=20).startswith("20 of 120 posts done · 2.0 posts a second · 50 s left")
    assert "1.0 posts a second" in run.told(30, lite=40)


def test_a_time_left_that_has_passed_is_not_told_again():
    run = Run()
    assert "10 s left" in run.told(10, lite=60)
    assert "1 s left" in run.told(10, lite=119)
    assert "left" not in run.told(10, lite=119).split("\n")[0]


def test_what_was_finished_before_is_no_pace():
    run = Run()
    run.tally.resumed = 100
    assert "6.0 a minute · 3 min left" in run.told(10, lite=101)


def test_quota_is_asked_for_at_most_once_a_second():
    run = Run()
    for _ in range(10):
        assert "14 left today" in run.told(0.25)
    assert run.asked == 3


def test_a_wait_is_told_with_the_model_and_the_time_here():
    run = Run()
    run.tally.in_flight = 3
    back = NOON + timedelta(seconds=42)
    later = RungUnavailable("later", "quota_minute", until=back + timedelta(hours=3))
    with run.tally.waits([later]), run.tally.waits([RungUnavailable("lite", "quota_minute", until=back), later]):
        told = run.told(1)
        assert f"waiting for lite: back at {back.astimezone():%H:%M:%S}" in told
        assert "1 request in flight" in told
    assert "waiting" not in run.told(1)


def test_models_are_told_with_their_posts_the_busiest_first():
    run = Run()
    run.tally.by_rules = 1
    assert run.told(0, lite=2, flash=1_234).endswith("flash 1,234 · lite 2 · rules 1")


def test_a_pace_of_long_ago_is_no_pace_of_now():
    run = Run()
    assert "6.0 posts a second" in run.told(10, lite=60)
    for done in (61, 62, 63, 64):
        told = run.told(60, lite=done)
    assert "1.0 a minute" in told


def test_what_no_waiting_brings_back_is_not_waited_for():
    run = Run()
    with run.tally.waits([RungUnavailable("lite", "key_invalid")]):
        assert "waiting" not in run.told(1)


def test_a_ledger_that_cannot_be_read_ends_no_run():
    def broken() -> float:
        raise StateError("the disk is full")

    lines = Gauge(Tally(taken=3, by_rules=1), broken).read().lines
    assert lines[0].startswith("1 post")
    assert not any("left today" in line for line in lines)
