"""Packs are as small as the quota allows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.extraction.result import shares
from agent.pipeline.packing import pack_size


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
