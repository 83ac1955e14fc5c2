"""Packs are as small as the quota allows."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.extraction.result import shares
from agent.pictures import MOST_PARTS
from agent.pipeline.jobs import Job
from agent.pipeline.packing import LOOK_AHEAD, Left, pack_due, pack_size, take_pack
from agent.records import Picture, Post


@pytest.mark.parametrize(
    ("waiting", "left", "size"),
    [(300, 20, 19), (1, 20, 1), (20, 1000, 1), (10, float("inf"), 1), (5, 0, 1), (5, 1, 5), (5, 2, 3)],
)
def test_pack_size(waiting, left, size):
    assert pack_size(waiting, left) == size


@given(st.integers(1, 2000), st.integers(2, 5000))
def test_all_that_wait_can_be_served_with_what_is_left(waiting, left):
    size = pack_size(waiting, left)
    assert -(-waiting // size) <= left
    assert size == 1 or -(-waiting // (size - 1)) > left - max(1, left // 5) - 1


def test_what_was_sent_counts_before_the_ledger_counts_it_and_never_twice():
    counted = [20.0]
    quota = Left(lambda: counted[-1])
    assert quota.left() == 20
    for _ in range(3):
        quota.sent()
    assert quota.left() == 17
    for used in (19.0, 17.0):
        counted.append(used)
        assert quota.left() == 17
    # A request that nobody sent from here, and a limit that was told.
    counted.append(16.0)
    assert quota.left() == 16
    quota.sent()
    counted.append(900.0)
    assert quota.left() == 900


def test_quota_without_a_limit_stays_without_one():
    quota = Left(lambda: float("inf"))
    quota.sent()
    assert quota.left() == quota.left() == float("inf")


def due(waiting: int, asked: int, left: float, *, is_flowing: bool = False, is_overdue: bool = False) -> int:
    return pack_due(waiting, asked, left, is_flowing=is_flowing, is_overdue=is_overdue)


@pytest.mark.parametrize("is_flowing", [True, False])
def test_with_ample_quota_a_post_waits_for_no_other(is_flowing):
    assert due(1, 1, float("inf"), is_flowing=is_flowing) == 1
    assert due(5, 5, 3_000, is_flowing=is_flowing) == 1


def test_with_scarce_quota_a_flowing_input_is_counted_first_and_one_that_pauses_is_served():
    assert due(5, 5, 20, is_flowing=True) == 0
    assert due(1, 1, 20) == 1


def test_the_later_posts_of_a_slow_input_wait_for_more_but_not_for_ever():
    assert due(1, 60, 6) == 0
    assert due(1, 60, 6, is_overdue=True) == 1
    assert due(24, 60, 6) == 24


@given(st.integers(2, 200))
def test_a_slow_input_of_any_length_is_served_with_a_days_quota(left):
    """One by one they come, each request takes its quota: what is left lasts for hundreds, and the first are served at once."""
    waiting = sent = 0
    for asked in range(1, LOOK_AHEAD // 4):
        waiting += 1
        if size := due(waiting, asked, left - sent):
            waiting, sent = waiting - size, sent + 1
        assert sent <= asked
        if asked == 1:
            assert sent == 1
    assert sent + (waiting > 0) <= left or left < 15


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
