"""Pieces of text come in the order that a person reads: rows, columns, and lines that the screen broke."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from agent.pictures.order import Piece, lines_of


SIZE = 40


def row(text: str, left: float, top: float) -> Piece:
    """A row of characters as wide as high."""
    return Piece(text, left, top, left + len(text) * SIZE, top + SIZE)


def test_rows_come_from_top_to_bottom_whatever_they_were_found_in():
    pieces = [row("三行", 60, 260), row("一行", 60, 60), row("二行", 60, 160)]
    assert lines_of(pieces, width=1000) == ["一行", "二行", "三行"]


def test_pieces_on_one_baseline_are_one_line():
    pieces = [row("自我介绍", 140, 63), row("1.", 60, 60), row("反转链表", 60, 160)]
    assert lines_of(pieces, width=1000) == ["1. 自我介绍", "反转链表"]


def test_columns_are_read_one_after_the_other_below_their_title():
    title = row("十道高频题目的汇总整理版本", 300, 60)
    left = [row(f"{n}.左边的题目", 60, 100 + 80 * n) for n in range(1, 6)]
    right = [row(f"{n}.右边的题目", 560, 130 + 80 * n) for n in range(6, 9)]
    foot = row("以上都要会讲不会就回去补一补再来", 100, 900)
    shuffled = [*right, foot, *left[::-1], title]
    right = [row(f"{n}.右边的题目", 560, 130 + 80 * (n - 5)) for n in range(6, 9)]
    shuffled = [*right, foot, *left[::-1], title]
    assert lines_of(shuffled, width=1000) == [
        title.text,
        *(one.text for one in left),
        *(one.text for one in right),
        foot.text,
    ]


def test_the_two_sides_of_a_chat_are_no_columns():
    said = ["面试官问的问题", "我的回答是这样", "然后他又问一个", "这个我就不会了", "最后反问的环节", "我问了培养机制"]
    pieces = [row(text, 60 if n % 2 == 0 else 600, 100 * n) for n, text in enumerate(said)]
    assert lines_of(pieces, width=1000) == said


def test_labels_beside_what_they_name_are_no_column():
    table = [("公司", "某某科技公司"), ("岗位", "后端开发工程师"), ("轮次", "技术面第一轮"), ("结果", "还在等通知")]
    pieces = [
        row(text, left, 80 * n) for n, pair in enumerate(table) for left, text in zip((60, 400), pair, strict=True)
    ]
    assert lines_of(pieces, width=1000) == [" ".join(pair) for pair in table]


def test_a_line_that_the_screen_broke_is_one_again():
    pieces = [
        row("1.请讲讲你做过的最难的项目里遇到了什么", 60, 60),
        row("问题", 60, 130),
        row("2.反转链表", 60, 230),
        row("3.", 60, 300),
    ]
    assert lines_of(pieces, width=880) == ["1.请讲讲你做过的最难的项目里遇到了什么问题", "2.反转链表", "3."]


def test_latin_words_keep_the_space_that_the_screen_took():
    above = Piece("4. Explain how attention works in a", 60, 60, 800, 100)
    below = Piece("Transformer", 60, 120, 300, 160)
    assert lines_of([above, below], width=900) == ["4. Explain how attention works in a Transformer"]


def test_what_begins_something_new_is_not_joined():
    full = "这一行字正好写到了屏幕的最右边才停下来"
    for text in (
        "2. 反转链表",
        "② 反转链表",
        "（3）反转链表",
        "- 反转链表",
        "Q：反转链表",
        "【算法】",
        "✅ 反转链表",
        "二、反转链表",
    ):
        assert lines_of([row(full, 60, 60), row(text, 60, 130)], width=880) == [full, text]


def test_a_sentence_that_ends_is_not_joined_and_nor_is_a_short_row():
    ended, short = "这一行字正好写到了屏幕的最右边就讲完。", "算法题"
    assert lines_of([row(ended, 60, 60), row(short, 60, 130)], width=880) == [ended, short]
    assert lines_of([row(short, 60, 60), row("反转链表", 60, 130)], width=880) == [short, "反转链表"]


EDGE = st.floats(0, 1000)
PIECES = st.builds(
    lambda text, left, top, width, height: Piece(text, left, top, left + width, top + height),
    st.text("甲乙丙丁", min_size=1, max_size=6),
    EDGE,
    EDGE,
    st.floats(1, 600),
    st.floats(1, 60),
)


@given(st.lists(PIECES, max_size=40))
def test_nothing_is_lost_or_told_twice(pieces):
    told = Counter("".join(lines_of(pieces, width=1000)).replace(" ", ""))
    assert told == Counter("".join(one.text for one in pieces))
