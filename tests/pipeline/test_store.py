"""Finished work outlives the run, is forgotten when that is asked for, and is never half kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agent import Extractor, Post, Record
from agent.errors import StateError
from agent.extraction.rules import extract
from agent.pipeline.batch_store import BatchEntry, BatchStore
from agent.pipeline.parts import parts_of
from agent.pipeline.store import Store
from tests.pipeline.test_parts import long_post


def post(name: str) -> Post:
    return Post(text=f"1. 什么是{name}？", id=name)


def record(of: Post) -> Record:
    return Extractor(offline=True).extract(of)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """One with results of `a`, `b` and `c`, of which a model refused each."""
    with Store(tmp_path) as store:
        for name in "abc":
            store.keep(post(name), record(post(name)))
            store.keep_refusals(post(name).digest, {"m": "blocked"})
        yield store


def known(store: Store) -> str:
    """The names of those that are finished; checks that what refused them is known as long."""
    finished = [name for name in "abc" if store.finished(post(name))]
    assert finished == [name for name in "abc" if store.refusals(post(name)) == {"m": "blocked"}]
    return "".join(finished)


def test_what_is_forgotten_is_that_of_the_posts_given_alone(store: Store) -> None:
    assert store.forget([post("a"), post("c"), post("nobody")]) == 2
    assert known(store) == "b"


def test_all_is_forgotten_where_no_posts_are_given(store: Store) -> None:
    assert store.forget() == 3
    assert known(store) == ""


def test_no_posts_are_not_all_posts(store: Store) -> None:
    assert store.forget([]) == 0
    assert known(store) == "abc"


def test_a_long_post_is_forgotten_with_its_parts(tmp_path: Path) -> None:
    long = long_post(300, 60_000)
    parts = [part.post for part in parts_of(long, lambda: extract(long))]
    with Store(tmp_path) as store:
        for one in (long, *parts):
            store.keep(one, record(post("a")))
        assert store.forget([long]) == 1 + len(parts) > 2
        assert not any(store.finished(one) for one in (long, *parts))


def test_several_results_are_kept_together_or_not_at_all(store: Store) -> None:
    full(store)
    more = [(post(f"more {n}"), record(post(f"more {n}"))) for n in range(99)]
    with pytest.raises(StateError, match="kept"):
        store.keep_all(more)
    assert not any(store.finished(one) for one, _ in more)
    assert known(store) == "abc"


def test_a_job_that_the_disk_does_not_take_is_not_half_remembered(tmp_path: Path) -> None:
    with BatchStore(tmp_path) as store:
        full(store)
        given = [[post(f"post {n}" * 99)] for n in range(99)]
        with pytest.raises(StateError, match="full"):
            store.enter(BatchEntry("l", "n", "k", "…t", "m", "p", "at", "here", 1, "b"), given)
        assert store.jobs() == []
        assert store.job_of(given[0][0]) is None


def full(store: Store) -> None:
    """No page more is to be had, as on a full disk."""
    with store._using() as db:
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages}")


def test_a_file_that_breaks_in_use_is_set_aside_and_the_next_store_begins_anew(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.keep(post("a"), record(post("a")))
        damage(store.path)
        with pytest.raises(StateError, match="kept"):
            store.finished(post("a"))
    assert len(list(tmp_path.glob("results.sqlite3.unusable-*"))) >= 1
    with Store(tmp_path) as anew:
        assert anew.finished(post("a")) is None
        anew.keep(post("a"), record(post("a")))
        assert anew.finished(post("a"))


def damage(path: Path) -> None:
    """Overwrite all but the first page of a database that another connection has open."""
    with closing(sqlite3.connect(path)) as db:
        (size,) = db.execute("PRAGMA page_size").fetchone()
        db.execute("CREATE TABLE anything (x)")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek(size)
        file.write(b"\xff" * (path.stat().st_size - size))
