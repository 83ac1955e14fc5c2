"""A long text is cut at natural borders, with bounded overlap, and nothing of it is left out."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.pipeline.windows import Window, windows


TEXTS = st.text(alphabet="问答ab。？.\n\r \u2028#【", max_size=300)


def even(text: str) -> list[float]:
    """Each code point takes one."""
    return [float(n) for n in range(1, len(text) + 1)]


def cut(text: str, room: float, overlap: int = 0, unbroken=()) -> list[str]:
    return [
        text[one.start : one.end] for one in windows(text, even(text), room=room, overlap=overlap, unbroken=unbroken)
    ]


@given(TEXTS, st.integers(1, 80), st.integers(0, 20))
def test_windows_cover_the_text_go_on_and_overlap_within_bounds(text, room, overlap):
    found = windows(text, even(text), room=room, overlap=overlap)
    assert found[0].start == found[0].fresh == 0
    assert found[-1].end == len(text)
    for before, one in pairwise(found):
        assert before.start < one.start <= one.fresh == before.end < one.end
        assert one.fresh - one.start <= overlap
    # A window takes more than its room only where it would else not go on.
    assert all(one.end - one.start <= room or one.end == one.fresh + 1 for one in found)


@given(TEXTS, st.integers(1, 80))
def test_without_overlap_the_windows_joined_are_the_text(text, room):
    assert "".join(cut(text, room)) == text


@pytest.mark.parametrize(
    ("text", "room", "parts"),
    [
        ("一二三四五\n\n六\n七八", 9, ["一二三四五\n\n", "六\n七八"]),
        ("一二三四\n五六。七八", 6, ["一二三四\n", "五六。七八"]),
        ("一二三四五六\n七。八九", 9, ["一二三四五六\n", "七。八九"]),
        ("一二三四五六七八\n一面\n六七八", 12, ["一二三四五六七八\n", "一面\n六七八"]),
        ("一二三四五！六七八九", 8, ["一二三四五！", "六七八九"]),
        ("一。二三四五六七八九十", 9, ["一。", "二三四五六七八九十"]),
        ("Say so. Then say it.", 9, ["Say so.", " Then say", " it."]),
        ("一二三四五六七八九", 4, ["一二三四", "五六七八", "九"]),
        ("", 4, [""]),
    ],
    ids=[
        "blank line",
        "the last line",
        "line before sentence",
        "heading",
        "sentence",
        "sentence far off",
        "english",
        "nothing natural",
        "empty",
    ],
)
def test_the_best_border_of_the_last_third_is_taken(text, room, parts):
    assert cut(text, room) == parts


def test_the_overlap_begins_at_a_border_too():
    text = "第一行\n第二行\n第三行\n第四行\n第五行\n"
    assert cut(text, 12, overlap=6) == ["第一行\n第二行\n第三行\n", "第三行\n第四行\n第五行\n"]


def test_no_natural_border_lies_in_what_is_to_stay_whole():
    text = "开头。\n问题第一行\n第二行\n其他"
    question = (text.index("问题"), text.index("\n其他"))
    assert cut(text, 12) == ["开头。\n问题第一行\n", "第二行\n其他"]
    assert cut(text, 12, unbroken=[question]) == ["开头。\n", "问题第一行\n第二行\n其他"]


def test_a_window_holds_what_there_is_room_for_not_so_many_characters():
    text = "轻重" * 10
    cumulative, total = [], 0.0
    for char in text:
        total += 1.0 if char == "轻" else 9.0
        cumulative.append(total)
    assert {one.end - one.start for one in windows(text, cumulative, room=30, overlap=0)} == {6, 2}


def test_long_hostile_texts_take_no_longer_than_their_length_asks():
    for text in ("\n \t" * 100_000, "。" * 300_000, "a" * 300_000, "\n" * 300_000):
        found = windows(text, even(text), room=10_000, overlap=300)
        assert found[-1] == Window(found[-1].start, found[-1].fresh, len(text))
        assert len(found) < 60
