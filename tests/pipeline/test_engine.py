"""The engine, on a function in a ladder's place: order, packs, splits, waits, resume and stops."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from langchain_core.runnables import RunnableLambda

from agent.errors import InputProblem, RungUnavailable
from agent.extraction.ask import Answered, Ask
from agent.extraction.check import Settled
from agent.extraction.findings import Finding, Findings
from agent.pipeline.engine import Engine
from agent.pipeline.store import Store
from agent.records import Attempt, Post, Record


NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Model:
    """A model's place: answers every post by its whole text, unless told otherwise."""

    def __init__(self, spoil: Callable[[Ask], str | None] = lambda _: None) -> None:
        self.packs: list[list[str]] = []
        self._spoil = spoil

    def ladder(self):
        async def answer(ask: Ask) -> Answered:
            self.packs.append([post.text for post in ask.posts])
            ask.trail.spent.add([Attempt(model="m", outcome="ok")], input_tokens=10, output_tokens=7)
            failure = self._spoil(ask)
            settled = {} if failure else {place: whole(post) for place, post in enumerate(ask.posts)}
            if failure and len(ask.posts) == 1:
                ask.trail.refuse(ask.posts[0], "m", failure)
                error = RungUnavailable("m", failure)
                ask.trail.note(error)
                raise error
            return Answered("m", "m-001", "extract@1", ask, settled, failure)

        return RunnableLambda(lambda _: None, answer)


def whole(post: Post) -> Settled:
    finding = Finding("question", 0, len(post.text))
    return Settled(findings=Findings((finding,)), missing=(), warnings=())


def posts(count: int) -> list[Post]:
    return [Post(text=f"问题{n}", id=str(n)) for n in range(count)]


def engine(model: Model, **more) -> Engine:
    return Engine(model.ladder(), **{"store": None, "requests_left": lambda: 1e9, **more})


def run(one: Engine, given):
    async def all_of_it():
        return [outcome async for outcome in one.run(given)]

    return asyncio.run(all_of_it())


@pytest.mark.parametrize("concurrency", [1, 3, None])
def test_every_post_has_an_outcome_in_the_order_of_the_input(concurrency):
    outcomes = run(engine(Model(), concurrency=concurrency), posts(50))
    assert [one.post.id for one in outcomes] == [str(n) for n in range(50)]


def test_unreadable_rows_and_empty_posts_are_named_in_their_place():
    given = [Post(text="问"), InputProblem("a.csv", "broken", row=7), Post(text=" \n", id="hollow", source="b.txt")]
    first, second, third = run(engine(Model()), given)
    assert isinstance(first, Record)
    assert second is given[1]
    assert isinstance(third, InputProblem)
    assert "b.txt" in str(third)


def test_packs_are_as_small_as_the_quota_allows():
    model = Model()
    run(engine(model, requests_left=lambda: 20 - len(model.packs)), posts(100))
    assert len(model.packs) <= 20
    ample = Model()
    run(engine(ample, requests_left=lambda: 1000), posts(100))
    assert {len(pack) for pack in ample.packs} == {1}


def test_a_poisonous_post_is_isolated_and_drags_nobody_along():
    model = Model(lambda ask: "blocked" if any(post.text == "问题5" for post in ask.posts) else None)
    outcomes = run(engine(model, pack=16), posts(16))
    assert [one.provenance.origin for one in outcomes].count("model") == 15
    assert outcomes[5].provenance.origin == "rules"
    assert "blocked" in outcomes[5].provenance.warnings[-1]


@pytest.mark.parametrize("times", [1, 2])
def test_a_post_alone_that_failed_by_chance_is_asked_for_again(times):
    failed: Counter[str] = Counter()

    def by_chance(ask: Ask) -> str | None:
        failed[ask.posts[0].text] += 1
        return "garbled" if failed[ask.posts[0].text] <= times else None

    outcomes = run(engine(Model(by_chance), pack=1), posts(3))
    assert [one.provenance.origin for one in outcomes] == ["model"] * 3
    assert set(failed.values()) == {times + 1}


def test_tokens_of_a_pack_are_shared_out_so_that_they_sum_to_the_runs():
    one = engine(Model(), pack=4)
    outcomes = run(one, posts(10))
    assert sum(each.provenance.output_tokens for each in outcomes) == one.tally.output_tokens == 21
    assert outcomes[0].provenance.packed_with == 3


def test_the_same_text_twice_is_asked_once_and_both_get_it():
    model = Model()
    given = [Post(text="同一个问题", id="a"), Post(text="另一个", id="b"), Post(text="同一个问题", id="c")]
    one = engine(model)
    outcomes = run(one, given)
    assert [each.post.id for each in outcomes] == ["a", "b", "c"]
    assert len(model.packs) == 2
    assert one.tally.doubles == 1
    assert sum(each.provenance.input_tokens or 0 for each in outcomes) == one.tally.input_tokens


def test_finished_posts_are_not_asked_again_without_fresh(tmp_path):
    with Store(tmp_path) as store:
        run(engine(Model(), store=store), posts(3))
        again, fresh = Model(), Model()
        resumed = engine(again, store=store)
        assert len(run(resumed, posts(4))) == 4
        assert again.packs == [["问题3"]]
        assert resumed.tally.resumed == 3
        run(engine(fresh, store=store, fresh=True), posts(3))
        assert len(fresh.packs) == 3


def test_what_the_rules_had_to_fill_is_asked_for_again_in_the_next_run(tmp_path):
    with Store(tmp_path) as store:
        down = Model(lambda _: "nothing")
        down.ladder = lambda: RunnableLambda(lambda _: None, unavailable(None))
        (first,) = run(engine(down, store=store), posts(1))
        assert first.provenance.origin == "rules"
        (second,) = run(engine(Model(), store=store), posts(1))
        assert second.provenance.origin == "model"


def test_a_post_that_a_model_refused_is_remembered(tmp_path):
    with Store(tmp_path) as store:
        run(engine(Model(lambda _: "blocked"), store=store), posts(1))
        assert store.refusals(posts(1)[0]) == {"m": "blocked"}


def unavailable(until: datetime | None, times: int = 10**9):
    left = [times]

    async def turn_away(ask: Ask) -> Answered:
        if left[0] <= 0:
            return Answered("m", None, "extract@1", ask, {0: whole(ask.posts[0])}, None)
        left[0] -= 1
        error = RungUnavailable("m", "quota_minute", until=until)
        ask.trail.note(error)
        raise error

    return turn_away


def test_quota_that_comes_back_within_patience_is_waited_for():
    soon = NOON + timedelta(milliseconds=60)
    ladder = RunnableLambda(lambda _: None, unavailable(soon, times=2))
    one = Engine(ladder, store=None, requests_left=lambda: 9, patience=5, now=lambda: NOON)
    (outcome,) = run(one, posts(1))
    assert outcome.provenance.origin == "model"


@pytest.mark.parametrize("until", [None, NOON + timedelta(hours=9)])
def test_quota_that_comes_back_too_late_or_never_is_not_waited_for(until):
    ladder = RunnableLambda(lambda _: None, unavailable(until))
    one = Engine(ladder, store=None, requests_left=lambda: 9, patience=90, now=lambda: NOON)
    outcomes = run(one, posts(5))
    assert {each.provenance.origin for each in outcomes} == {"rules"}
    assert one.tally.turned_away[0].until == until


def test_stop_ends_a_wait_at_once_and_finishes_nothing_by_rules():
    ladder = RunnableLambda(lambda _: None, unavailable(NOON + timedelta(seconds=60)))
    one = Engine(ladder, store=None, requests_left=lambda: 9, patience=90, now=lambda: NOON)

    async def stopped_soon():
        asyncio.get_running_loop().call_later(0.05, one.stop)
        return [outcome async for outcome in one.run(posts(3))]

    assert asyncio.run(asyncio.wait_for(stopped_soon(), 10)) == []


def test_a_bug_in_a_rung_comes_out_as_a_bug():
    async def bug(_: Ask) -> Answered:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(Engine(RunnableLambda(lambda _: None, bug), store=None, requests_left=lambda: 9), posts(2))


def test_an_endless_input_is_taken_in_no_further_than_the_look_ahead():
    taken = [0]

    def endless():
        while True:
            taken[0] += 1
            yield Post(text=f"问{taken[0]}")

    async def first_ten():
        stream = engine(Model()).run(endless())
        got = [await anext(stream) for _ in range(10)]
        await stream.aclose()
        return got

    assert len(asyncio.run(first_ten())) == 10
    assert taken[0] < 2_100


def counting(ladder_of: Callable[[int], RungUnavailable | None]):
    """A ladder that tells at each walk what turns it away, and how often it was walked."""
    walks = [0]

    async def walk(ask: Ask) -> Answered:
        walks[0] += 1
        if error := ladder_of(walks[0]):
            ask.trail.note(error)
            raise error
        return Answered("m", None, "extract@1", ask, {n: whole(post) for n, post in enumerate(ask.posts)}, None)

    return RunnableLambda(lambda _: None, walk), walks


def test_a_ladder_that_is_out_as_a_whole_is_walked_once_for_all_posts():
    attempts = [Attempt(model="m", key="…A1b2", outcome="quota_day")]
    ladder, walks = counting(
        lambda _: RungUnavailable("m", "quota_day", until=NOON + timedelta(hours=9), attempts=attempts)
    )
    one = Engine(ladder, store=None, requests_left=lambda: 0, now=lambda: NOON, concurrency=1)
    outcomes = run(one, posts(200))
    assert walks == [1]
    assert all(each.provenance.attempts == attempts for each in outcomes)
    assert (one.tally.by_rules, one.tally.unserved) == (200, 200)


def test_what_an_outage_says_is_not_logged_as_a_request_of_each_post(caplog):
    attempts = [Attempt(model="m", key="…A1b2", outcome="key_invalid")]
    ladder, _ = counting(lambda _: RungUnavailable("m", "key_invalid", attempts=attempts))
    with caplog.at_level(logging.INFO, "agent.pipeline.engine"):
        run(Engine(ladder, store=None, requests_left=lambda: 0, concurrency=1), posts(50))
    assert len(caplog.records) == 1


def test_a_ladder_that_is_back_is_walked_again():
    clock = [NOON]

    def turns_away(walk: int) -> RungUnavailable | None:
        if walk > 1:
            return None
        clock[0] += timedelta(hours=1)
        return RungUnavailable("m", "quota_day", until=NOON + timedelta(minutes=30))

    ladder, _ = counting(turns_away)
    one = Engine(ladder, store=None, requests_left=lambda: 9, patience=0, now=lambda: clock[0], pack=1, concurrency=1)
    assert [each.provenance.origin for each in run(one, posts(3))] == ["rules", "model", "model"]


def test_what_one_post_alone_met_sends_no_other_to_the_rules():
    ladder, walks = counting(lambda walk: RungUnavailable("m", "too_long") if walk == 1 else None)
    one = Engine(ladder, store=None, requests_left=lambda: 9, pack=1, concurrency=1)
    assert [each.provenance.origin for each in run(one, posts(3))] == ["rules", "model", "model"]
    assert walks == [3]


@pytest.mark.parametrize("left", [20.0, 1e9], ids=["scarce", "ample"])
def test_the_first_posts_of_a_slow_input_are_served_before_the_next_come(left):
    model = Model()
    go_on = threading.Event()

    def slow():
        yield from posts(3)
        assert go_on.wait(10)
        yield Post(text="最后一个", id="last")

    async def until_three():
        stream = engine(model, requests_left=lambda: left).run(slow())
        got = [await anext(stream) for _ in range(3)]
        go_on.set()
        return [*got, *[one async for one in stream]]

    assert [one.post.id for one in asyncio.run(until_three())] == ["0", "1", "2", "last"]


def test_requests_go_on_while_the_next_post_is_being_read():
    """What is slow to read, as text in pictures is, holds up neither the loop nor what is in flight."""
    answered = threading.Event()

    def reading():
        yield Post(text="一个问题", id="a")
        assert answered.wait(10), "nothing was answered while this was read"
        yield Post(text="另一个", id="b")

    model = Model(lambda _: answered.set())
    assert [one.post.id for one in run(engine(model), reading())] == ["a", "b"]


def test_what_the_input_raises_comes_out_behind_what_was_read_before():
    def broken():
        yield from posts(3)
        raise ZeroDivisionError

    async def until_it_breaks():
        stream, got = engine(Model()).run(broken()), []
        while len(got) < 3:
            got.append((await anext(stream)).post.id)
        with pytest.raises(ZeroDivisionError):
            await anext(stream)
        return got

    assert asyncio.run(until_it_breaks()) == ["0", "1", "2"]


def test_who_takes_nothing_has_nothing_more_asked_for():
    model = Model()

    async def one_alone():
        stream = engine(model, concurrency=4).run(posts(500))
        await anext(stream)
        for _ in range(200):
            await asyncio.sleep(0)
        await stream.aclose()

    asyncio.run(one_alone())
    assert len(model.packs) <= 40
