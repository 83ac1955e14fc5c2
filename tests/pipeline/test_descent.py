"""One ask goes down the ladder again after a wait where that helps, and a ladder that is out is asked nothing."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest

from agent.errors import RungUnavailable
from agent.extraction.ask import Answered, Ask
from agent.pipeline.descent import Descent
from agent.records import Post


NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Ladder:
    """Turns an ask away so often, out for so many seconds, and answers it then."""

    def __init__(self, *, times: int, seconds: float, reason: str = "quota_minute") -> None:
        self.times, self.until, self.reason, self.asked = times, NOW + timedelta(seconds=seconds), reason, 0

    async def ainvoke(self, ask: Ask) -> Answered:
        self.asked += 1
        if self.asked <= self.times:
            raise ask.trail.note(RungUnavailable("m", self.reason, until=self.until))
        return Answered("m", None, "p", ask, {}, None)


def descent(ladder: Ladder, *, patience: float, stopping: asyncio.Event | None = None) -> Descent:
    # A wait for what is due already takes the twentieth of a second that every wait does.
    return Descent(
        ladder, patience=patience, stopping=stopping or asyncio.Event(), waits=lambda _: nullcontext(), now=lambda: NOW
    )


def ask() -> Ask:
    return Ask.of(Post(text="1. A？"))


def asked(down: Descent, one: Ask | None = None, *, waited: float = 0) -> Answered:
    return asyncio.run(down.ask(one or ask(), waited=waited))


def test_what_is_soon_back_is_waited_for():
    ladder = Ladder(times=2, seconds=0)
    assert asked(descent(ladder, patience=5)).model == "m"
    assert ladder.asked == 3


@pytest.mark.parametrize(("seconds", "waited"), [(60, 0), (0, 5)])
def test_what_takes_longer_than_the_patience_left_is_not(seconds, waited):
    ladder = Ladder(times=1, seconds=seconds)
    with pytest.raises(RungUnavailable):
        asked(descent(ladder, patience=5), waited=waited)
    assert ladder.asked == 1


def test_a_ladder_that_is_out_is_asked_nothing_and_its_word_is_told_once():
    ladder = Ladder(times=9, seconds=3_600, reason="quota_day")
    down = descent(ladder, patience=5)
    first, second = ask(), ask()
    for one in (first, second):
        with pytest.raises(RungUnavailable, match="quota_day"):
            asked(down, one)
    assert ladder.asked == 1
    assert not down.is_known(first.trail)
    assert down.is_known(second.trail)


def test_nothing_is_waited_for_once_the_run_is_stopping():
    ladder, stopping = Ladder(times=1, seconds=0), asyncio.Event()
    stopping.set()
    with pytest.raises(RungUnavailable):
        asked(descent(ladder, patience=5, stopping=stopping))
    assert ladder.asked == 1
