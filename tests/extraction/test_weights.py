"""Weights held as one number come back as they were, and adding the numbers adds each weight to its own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.extraction.rules.weights import packed, parted, total


_MANY = st.lists(st.lists(st.integers(-300, 300), min_size=5, max_size=5), max_size=100)


@given(_MANY)
def test_sums_of_packed_weights_part_into_the_sums_of_each(many):
    learned = {f"clue {number}": packed(weights) for number, weights in enumerate(many)}
    assert parted(total(learned, learned), 5) == [sum(weights[place] for weights in many) for place in range(5)]


def test_a_clue_that_was_not_learned_weighs_nothing():
    assert total({"known": packed((1, -2))}, ["known", "unknown"]) == packed((1, -2))
