"""Packs are as small as the quota allows."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.extraction.result import shares
from agent.pictures import MOST_PARTS
from agent.pipeline.jobs import Job
from agent.pipeline.packing import pack_size, take_pack
from agent.records import Picture, Post


@pytest.mark.parametrize(
    ("waiting", "left", "size"),
    [(300, 20, 17), (1, 20, 1), (20, 1000, 1), (10, float("inf"), 1), (5, 0, 1), (5, 1, 5), (5, 2, 3)],
)
def test_pack_size(waiting, left, size):
    assert pack_size(waiting, left) == size


@given(st.integers(1, 2000), st.integers(2, 5000))
def test_all_that_wait_can_be_served_with_what_is_left(waiting, left):
    size = pack_size(waiting, left)
    assert -(-waiting // size) <= left
    assert size == 1 or -(-waiting // (size - 1)) > left - max(1, left // 10) - 1


@given(st.integers(0, 10**6), st.integers(1, 500))
def test_shares_sum_to_the_whole_and_differ_by_one_at_most(total, parts):
    shared = list(shares(total, parts))
    assert sum(shared) == total
    assert max(shared) - min(shared) <= 1


def test_what_nobody_counted_is_shared_as_unknown():
    assert list(shares(None, 3)) == [None, None, None]


def with_pictures(parts: int) -> Job:
    return Job(Post(text="问", pictures=(Picture(path="a.png", sha256="0", parts=parts),) if parts else ()))


def test_a_request_holds_no_more_pictures_than_it_may():
    pending = deque(with_pictures(parts) for parts in (MOST_PARTS // 2, 0, MOST_PARTS // 2, 1, 0))
    assert [len(take_pack(pending, 9)) for _ in range(2)] == [3, 2]


def test_a_post_with_too_many_pictures_goes_with_none_but_posts_without():
    pending = deque(with_pictures(parts) for parts in (MOST_PARTS + 8, 0, 1))
    assert [len(take_pack(pending, 9)) for _ in range(2)] == [2, 1]
