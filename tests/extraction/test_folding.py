"""Texts are folded to what counts, and no code point is taken from the character that people see it in."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.extraction.folding import Folded, are_one_character, fold, in_canonical_order, stripped


UNSEEN = (
    "\ufe00\ufe0f\U000e0100\U000e01ef\u180b\u180d\u034f\u115f\u1160\u2800\u3164\uffa0\u200b\u00ad\u2060\x00\x1f \u3000"
)


@pytest.mark.parametrize("char", UNSEEN, ids=lambda char: f"U+{ord(char):04X}")
def test_what_nobody_sees_counts_for_nothing(char):
    assert fold(f"微{char}调") == "微调"
    assert stripped(f"{char}{char}微 调{char}{char}{char}") == "微 调"


@pytest.mark.parametrize("text", ["", " ", "\u200b\n\t"])
def test_of_what_nobody_sees_nothing_is_left(text):
    assert (fold(text), stripped(text)) == ("", "")


@pytest.mark.parametrize(
    ("char", "form"), [("\ufe10", ","), ("\ufdff", "\ufdff"), ("。", "."), ("〔", "["), ("ß", "ss")]
)
def test_what_is_seen_stays_in_one_form(char, form):
    assert fold(f"微{char}调") == f"微{form}调"


@pytest.mark.parametrize("half", [0xD800, 0xDBFF, 0xDC00, 0xDFFF], ids=hex)
def test_half_of_a_pair_is_compared_as_it_is_sent(half):
    assert fold(f"坏{chr(half)}") == "坏\ufffd"


@pytest.mark.parametrize(
    ("before", "char", "is_one"),
    [
        ("e", "\u0301", True),
        ("a", "\u20dd", True),
        ("क", "\u093e", True),
        ("ｶ", "ﾞ", True),
        ("👍", "\U0001f3fb", True),
        ("👍", "\U0001f3ff", True),
        ("👩", "\u200d", True),
        ("\u200d", "💻", True),
        ("\u200d", "微", False),
        ("", "\u0301", False),
        ("微", "调", False),
    ],
)
def test_marks_tails_and_halves_go_with_what_stands_before_them(before, char, is_one):
    assert are_one_character(before, char) is is_one


@pytest.mark.parametrize(
    ("before", "char", "is_one"),
    [
        (0xD800, 0xDC00, True),
        (0xDBFF, 0xDFFF, True),
        (0xDC00, 0xD800, False),
        (0xD800, 0x61, False),
        (0x61, 0xDC00, False),
    ],
)
def test_only_a_first_half_and_a_second_make_a_pair(before, char, is_one):
    assert are_one_character(chr(before), chr(char)) is is_one


@given(st.text("ab가é\u0301\u0323\u0327\u05b0\u3099", max_size=12))
def test_marks_come_in_the_order_of_unicode(text):
    shuffled = "".join(unicodedata.normalize("NFD", char) for char in text)
    assert in_canonical_order(shuffled) == unicodedata.normalize("NFD", text)


def test_a_span_is_turned_back_to_whole_characters():
    folded = Folded("  cafe\u0301 ㈱")
    assert folded.chars == "cafe\u0301(株)"
    assert folded.span(3, 4) == (5, 7)
    assert folded.span(6, 7) == (8, 9)
