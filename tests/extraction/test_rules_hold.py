"""What holds of the rules for any text at all: places, order, time."""

from __future__ import annotations

from itertools import pairwise
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.extraction.rules import extract
from agent.extraction.rules.lines import read_lines
from agent.extraction.rules.marks import number_of
from agent.records import Post


MARKS = [
    "1. ",
    "2、",
    "（3）",
    "④",
    "5️⃣",
    "[六R]",
    "- ",
    "• ",
    "✅",
    "Q7：",
    "## ",
    "> ",
    "**",
    "9.5 ",
    "1",
    "```",
    "| a | b |",
]
HEADS = [
    *("一面", "二面：", "反问", "【八股】", "tips:", "问了", "比如", "我说了", "#x[话题]#", "栗抠", "字节"),
    *("做法：", "参考答案：", "A、B、C", "一是", "第一周：", "第二招 ", "追问（他）：", "让我说", "手撕👉", "还有"),
]
WORDS = ["什么是 A？", "讲讲 B", "建议多看 C", "，", "。", "？", "（", "）", "：", "A", "é", "👩‍💻"]
BLANKS = ["\n", "\n\n", "\r\n", "　", "\u200b", "\ufeff", "\u2028", "\ud800", "\x00", "<br/>", "&emsp;"]
PIECES = st.sampled_from([*MARKS, *HEADS, *WORDS, *BLANKS])
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join))


@given(TEXTS)
def test_every_item_stands_in_the_text_with_nothing_around_it(text):
    for one in extract(Post(text=text)).items:
        quote = text[one.start : one.end]
        assert 0 <= one.start < one.end <= len(text)
        assert quote == quote.strip()


@given(TEXTS)
def test_items_come_in_reading_order_and_none_of_a_kind_overlap(text):
    items = extract(Post(text=text)).items
    assert [one.start for one in items] == sorted(one.start for one in items)
    for kind in ("method", "question", "advice"):
        assert all(one.end <= next_.start for one, next_ in pairwise(one for one in items if one.kind == kind))


@given(TEXTS)
def test_the_context_stands_in_the_text(text):
    seen = extract(Post(text=text, title=text[:20]))
    for place in (seen.company, seen.role, seen.outcome):
        assert place is None or 0 <= place.start < place.end <= len(text)


@given(TEXTS)
def test_lines_know_their_places(text):
    lines = read_lines(text)
    assert all(text[line.start : line.end] == line.words for line in lines)
    assert all(line.words for line in lines)
    assert all(line.end <= next_.start for line, next_ in pairwise(lines))


@pytest.mark.parametrize(
    ("told", "number"),
    [
        ("7", 7),
        ("１２", 12),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("三十一", 31),
        ("⑫", 12),
        ("⑴", 1),
        ("1️⃣2️⃣", 12),
        ("🔟", 10),
        ("3.2", 2),
    ],
)
def test_numbers_of_every_writing_are_read(told, number):
    assert number_of(told) == number


@pytest.mark.parametrize(
    "text",
    [
        "？" * 100_000,
        "面试官问了什么是微调，建议多看看八股" * 20_000,
        "1. 什么是 A？\n" * 20_000,
        "- a\n" * 20_000,
        "# a\n" * 20_000,
        "吗（" * 50_000,
        "：" * 100_000 + "a：",
        "a" * 100_000 + "，b：",
        "面试官问了A" + " " * 100_000 + "B",
        "1" * 100_000 + "：",
        "**" * 100_000,
        "#x[话题]# " * 20_000,
        "```\n" * 20_000,
        "\n" * 200_000,
        "我觉得" + "了" * 100_000,
    ],
    ids=lambda text: text[:8],
)
def test_time_grows_with_the_length_and_no_faster(text):
    """Ten times the time for the whole would be eight seconds and more, were it to grow with the square."""
    began = perf_counter()
    extract(Post(text=text))
    assert perf_counter() - began < 10
