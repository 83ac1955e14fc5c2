"""How much of an answer's room a post takes: a guess from its text and from what the rules see in it, before anybody is asked."""

from __future__ import annotations

from array import array
from collections import Counter
from itertools import accumulate

from agent.extraction.findings import Findings
from agent.extraction.models import MAX_OUTPUT_TOKENS


ROOM = MAX_OUTPUT_TOKENS // 2
"""Tokens of an answer that are planned with. A longer one is possible, but a cut one costs a second request: half is kept free."""

# Measured on answers of the schema: braces, keys and a topic around each quote; CJK takes about a token a character.
_TOKENS_AN_ITEM = 30
_TOKENS_A_POST = 60
_TOKENS_AN_ASCII_CHAR = 0.25
# Code points. No shorter post fills the room, however many items it has.
_NEVER_LONG = 4_096


def answer_tokens(seen: Findings) -> int:
    """A first guess, from what the rules see, of the output tokens that a model's answer about a post takes."""
    return _TOKENS_A_POST + sum(_TOKENS_AN_ITEM + one.end - one.start for one in seen.items)


def may_be_long(text: str) -> bool:
    """Whether it is worth looking at what the rules see, to tell if the post fits into one answer."""
    return len(text) > _NEVER_LONG


def cumulative_tokens(text: str, seen: Findings) -> array[float]:
    """For each place in the text, the tokens of an answer that quotes all before it: its end's is the most that the post can take."""
    starts = Counter(one.start for one in seen.items)
    weights = ((_TOKENS_AN_ASCII_CHAR if char.isascii() else 1.0) for char in text)
    return array("d", accumulate(weight + _TOKENS_AN_ITEM * starts[at] for at, weight in enumerate(weights)))
