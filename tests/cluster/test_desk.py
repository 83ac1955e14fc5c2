"""The desk, asked as its actor would be: what it grants, what of a dead worker it takes back, and how it shares out what is left."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr

from agent.cluster.desk import Desk
from agent.errors import InputProblem
from agent.gemini.leasing import Denial, Entry, Grant
from agent.pipeline.tally import Tally
from agent.records import Post
from tests.twin import fake_key


MODEL = "gemini-2.5-flash"
KEY = Entry("f1", "…A1b2")


def desk(home: Path, *, most: int | None = None, budget: Decimal | None = None, posts: int = 100) -> Desk:
    made = Desk(home, most, budget)
    made.open([SecretStr(fake_key(1))], posts)
    for worker in ("a", "b"):
        made.join(worker)
    return made


def lease(made: Desk, worker: str) -> Grant | Denial:
    return made.ledger(worker, "lease", (MODEL, [KEY], 900))


def test_a_worker_that_begins_is_given_the_keys(tmp_path):
    (key,) = desk(tmp_path).join("c")
    assert key.get_secret_value() == fake_key(1)
    assert fake_key(1) not in repr(key)


def test_all_workers_lease_from_one_ledger(tmp_path):
    made = desk(tmp_path)
    assert isinstance(lease(made, "a"), Grant)
    told = lease(made, "b")
    assert isinstance(told, Denial)
    assert told.reason == "busy", "of a key that nobody has tried, one request goes ahead"


def test_what_a_dead_worker_had_under_way_counts_as_used_and_holds_up_nobody(tmp_path):
    made = desk(tmp_path, budget=Decimal("0.03"))
    before = made.ledger("b", "capacity", (MODEL, [KEY]))
    assert isinstance(lease(made, "a"), Grant)
    assert made.take("a", Decimal("0.02")) is None
    assert made.take("b", Decimal("0.02")) == "busy"
    made.join("a")
    assert isinstance(lease(made, "b"), Grant)
    assert made.ledger("b", "capacity", (MODEL, [KEY])) == before - 2
    assert made.take("b", Decimal("0.02")) == "budget", "what nobody knows the price of is taken to have cost the most"


def test_what_has_come_back_is_not_taken_back_again(tmp_path):
    made = desk(tmp_path, budget=Decimal("0.05"))
    granted = lease(made, "a")
    made.take("a", Decimal("0.02"))
    made.pay("a", Decimal("0.02"), Decimal("0.01"))
    made.ledger("a", "served", (granted, 912, None))
    made.join("a")
    account = made.account()
    assert (account.sent, account.spent) == (1, Decimal("0.01"))


def test_a_bound_holds_over_all_workers(tmp_path):
    made = desk(tmp_path, most=3)
    taken = [made.take(worker, Decimal(0)) for worker in ("a", "b", "a", "b")]
    assert taken == [None, None, None, "max_requests"]
    made.give_back("b", Decimal(0))
    made.fail("a", "overloaded", Decimal(0))
    assert made.take("b", Decimal(0)) is None
    assert (made.account().sent, made.account().failed) == (3, {"overloaded": 1})


class TestShares:
    def test_what_is_left_is_shared_by_who_waits(self, tmp_path):
        made = desk(tmp_path, posts=100)
        made.begin("a", 20)
        made.begin("b", 20)
        assert made.share("a", 20) == pytest.approx(20 / 100)
        assert made.share("b", 5) == pytest.approx(5 / 85)

    def test_the_last_one_has_all_of_it(self, tmp_path):
        made = desk(tmp_path, posts=40)
        for worker in ("a", "b"):
            made.begin(worker, 20)
        made.end("a", Tally())
        assert made.share("b", 20) == 1

    def test_a_block_of_a_dead_worker_waits_again(self, tmp_path):
        made = desk(tmp_path, posts=40)
        for worker in ("a", "b"):
            made.begin(worker, 20)
        made.join("a")
        assert made.share("b", 20) == pytest.approx(20 / 40)


def test_what_blocks_came_to_is_added_up(tmp_path):
    made = desk(tmp_path)
    for worker in ("a", "b"):
        made.begin(worker, 10)
        made.end(worker, Tally(answers=2, input_tokens=30, resumed=1, problems=[InputProblem("a", "b")]))
    told = made.account().tally
    assert (told.answers, told.input_tokens, told.resumed) == (4, 60, 2)
    assert not told.problems, "outcomes are the driver's to count"


def test_finished_work_is_kept_for_all(tmp_path):
    made = desk(tmp_path)
    made.store("a", "keep_refusals", (Post(text="问").digest, {MODEL: "blocked"}))
    assert made.store("b", "refusals", (Post(text="问"),)) == {MODEL: "blocked"}
