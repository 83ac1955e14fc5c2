"""Quotes find their places: verbatim, but for their form, reworded; each place once; what stands nowhere finds none."""

from __future__ import annotations

import random
import re
import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agent.extraction.findings import Place
from agent.extraction.folding import are_one_character, fold
from agent.extraction.grounding import TextIndex, ground, without_mark


POST = """秋招面经
1. 什么是ＲＡＧ？和微调怎么选
2、讲讲 Transformer 结构
③ LoRA 与 QLoRA 的区别
Q4：手撕：反转链表
（5）1.5B 的模型要多少显存
- 3D 高斯泼溅了解吗
✅ 全量微调（Full Fine-tuning）
✅ LoRA
6️⃣ 写一个 *args 的例子
[七R] C++ 的 “智能指针”……有哪些
"""

# Whatever makes offsets go wrong: expansions, compositions, joined emoji, pairs, bidi and zero-width characters, widths.
TRICKY = "aAｂB１2.、)①㈱½ﬁßİ¼ｶﾞé\u0301\u0323\u200b\u200d\ufe0f\u20e3👩👍🏽🇨🇳\ud83d\ude00\ufffd 　\t\n\r\u2028\u2029\x00\x85<＜“”'—…。．？?！吗微调，,한\u1112\u1161\u11ab"
ANY_TEXT = st.text(st.one_of(st.sampled_from(TRICKY), st.characters(exclude_categories=())), max_size=60)


def span_of(text: str, quote: str) -> str | None:
    place = TextIndex(text).find(quote)
    return text[place.start : place.end] if place else None


def in_chunks(*pieces: str) -> str:
    return "\n".join(pieces)


@pytest.mark.parametrize(
    ("quote", "span", "grounding"),
    [
        ("讲讲 Transformer 结构", "讲讲 Transformer 结构", "exact"),
        ("反转链表", "反转链表", "exact"),
        ("什么是RAG?和微调怎么选", "什么是ＲＡＧ？和微调怎么选", "normalized"),
        ("讲讲transformer结构", "讲讲 Transformer 结构", "normalized"),
        ("  讲讲 Transformer 结构。", "讲讲 Transformer 结构", "normalized"),
        ("全量微调(full fine-tuning)", "全量微调（Full Fine-tuning）", "normalized"),
        ('C++的"智能指针"...... 有哪些', "C++ 的 “智能指针”……有哪些", "normalized"),
        ("讲\u200b讲 Transf\xadormer 结构", "讲讲 Transformer 结构", "normalized"),
        ("请讲讲 Transformer 的结构", "讲讲 Transformer 结构", "fuzzy"),
        ("手撕：反转一个链表", "手撕：反转链表", "fuzzy"),
        ("写一个*args例子", "写一个 *args 的例子", "fuzzy"),
    ],
)
def test_a_quote_finds_its_place_and_tells_how_it_fits(quote, span, grounding):
    place = TextIndex(POST).find(quote)
    assert place is not None
    assert (POST[place.start : place.end], place.grounding) == (span, grounding)
    assert place.text == (without_mark(quote) if grounding == "fuzzy" else None)


@pytest.mark.parametrize(
    ("quote", "span", "grounding"),
    [
        ("2、讲讲 Transformer 结构", "讲讲 Transformer 结构", "exact"),
        ("2. 讲讲 Transformer 结构", "讲讲 Transformer 结构", "exact"),
        ("17）讲讲 Transformer 结构", "讲讲 Transformer 结构", "exact"),
        ("③ LoRA 与 QLoRA 的区别", "LoRA 与 QLoRA 的区别", "exact"),
        ("3. LoRA 与 QLoRA 的区别", "LoRA 与 QLoRA 的区别", "exact"),
        ("Q4：手撕：反转链表", "手撕：反转链表", "exact"),
        ("✅全量微调（Full Fine-tuning）", "全量微调（Full Fine-tuning）", "exact"),
        ("6️⃣ 写一个 *args 的例子", "写一个 *args 的例子", "exact"),
        ("7. C++ 的 “智能指针”……有哪些", "C++ 的 “智能指针”……有哪些", "exact"),
        ("（5）1.5B 的模型要多少显存", "1.5B 的模型要多少显存", "exact"),
        ("1.5B 的模型要多少显存", "1.5B 的模型要多少显存", "exact"),
        ("3D 高斯泼溅了解吗", "3D 高斯泼溅了解吗", "exact"),
        ("- 3D 高斯泼溅了解吗", "3D 高斯泼溅了解吗", "exact"),
        ("*args 的例子", "*args 的例子", "exact"),
    ],
)
def test_a_mark_before_the_quote_stays_outside_and_what_belongs_to_the_words_stays_in(quote, span, grounding):
    place = TextIndex(POST).find(quote)
    assert place == Place(POST.index(span), POST.index(span) + len(span), grounding=grounding)


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "  \n",
        "\u200b",
        "3.",
        "①",
        "✅",
        "- ",
        "？",
        "请谈谈你对量子纠错码的理解",
        "What is it and how does it work?",
        "栈",
    ],
)
def test_what_stands_nowhere_or_says_nothing_has_no_place(quote):
    assert TextIndex(POST).find(quote) is None


def test_a_quote_longer_than_the_text_or_a_text_of_nothing_is_no_error():
    assert TextIndex("微调").find("微调" * 50) is None
    assert TextIndex("").find("微调") is None
    assert TextIndex(" \u200b\n").find("微调") is None


@pytest.mark.parametrize("char", ["栈", "A", "３", "é"])
def test_one_character_is_a_quote(char):
    assert span_of(f"题：{char}", char) == char


@pytest.mark.parametrize(
    ("text", "quote", "span"),
    [
        ("问了㈱的意思", "(株)的意思", "㈱的意思"),
        ("问了㈱的意思", "株)的意思", "㈱的意思"),
        ("精度掉了½怎么办", "1/2怎么办", "½怎么办"),
        ("cafe\u0301 怎么读", "café", "cafe\u0301"),
        ("cafe\u0301 怎么读", "cafe", None),
        ("用👩\u200d💻写代码", "用👩", "用👩\u200d💻"),
        ("手势👍🏽的编码", "手势👍", "手势👍🏽"),
        ("半角ｶﾞの話", "ガの話", "ｶﾞの話"),
        ("坏掉的\ud83d\ude00表情", "坏掉的\ud83d", "坏掉的\ud83d\ude00"),
        ("坏掉的\ud800字符", "坏掉的\ufffd字符", "坏掉的\ud800字符"),
        ("结束标签 </post> 怎么转义", "结束标签 ＜/post> 怎么转义", "结束标签 </post> 怎么转义"),
        ("第一题\u2028什么是RAG", "什么是 rag", "什么是RAG"),
        ("한국어 질문", "한국어", "한국어"),
    ],
)
def test_no_character_is_cut_in_two(text, quote, span):
    if span is None:
        place = TextIndex(text).find(quote)
        assert place is None or text[place.start : place.end].startswith("cafe\u0301")
    else:
        assert span_of(text, quote) == span


@pytest.mark.parametrize(
    ("words", "are_said"),
    [
        ("讲讲 LoRA 的原理", True),
        ("讲一讲ＬＯＲＡ原理", True),
        ("讲甲L乙R丙的丁理", True),
        # Made of what the post says elsewhere: by half, by less.
        ("RAG 和微调怎么选", True),
        ("微调甲", True),
        ("微调甲乙丙", False),
        ("讲甲乙丙丁戊己庚", False),
        ("量子纠错", False),
        ("微", False),
        ("", False),
    ],
)
def test_own_words_are_said_where_they_are_close_to_the_place_or_the_posts_own_by_half(words, are_said):
    text = "1. 什么是 RAG？和微调怎么选\n2. 讲讲 LoRA 的原理"
    index = TextIndex(text)
    place = index.find("讲讲 LoRA 的原理")
    assert place is not None
    assert index.says(words, place) is are_said


def test_equal_quotes_take_equal_places_in_reading_order():
    text = "一面\n1. 自我介绍\n2. 八股\n二面\n1. 自我介绍\n2. 手撕"
    first, second = (found.start() for found in re.finditer("自我介绍", text))
    [places] = ground(TextIndex(text), ["自我介绍", "八股", "1. 自我介绍", "手撕", "自我介绍"])
    assert [place and place.start for place in places] == [first, text.index("八股"), second, text.index("手撕"), None]


def test_the_place_after_the_item_before_is_meant():
    text = "一面\n1. 自我介绍\n2. 八股\n二面\n1. 自我介绍"
    [places] = ground(TextIndex(text), ["八股", "自我介绍", "自我介绍"])
    assert [place and place.start for place in places[1:]] == [text.rindex("自我介绍"), text.index("自我介绍")]


def test_two_equal_lines_of_other_form_are_two_places():
    text = "1. 什么是 RAG？\n2. 什么是RAG?"
    [places] = ground(TextIndex(text), ["什么是RAG?", "什么是RAG?"])
    assert {(place.start, place.grounding) for place in places if place} == {(3, "normalized"), (15, "exact")}


def test_a_double_does_not_take_a_worse_place():
    text = "聊到了 LoRA 的原理\n方法：\n✅ LoRA\n"
    [places] = ground(TextIndex(text), ["LoRA", "LoRA"])
    assert places == [Place(text.rindex("LoRA"), text.rindex("LoRA") + 4), None]


def test_a_whole_word_goes_before_a_part_of_one():
    text = "QLoRA 和 LoRA 都试过"
    assert TextIndex(text).find("LoRA") == Place(8, 12)
    assert TextIndex("① 微调").find("1") is None
    assert TextIndex("she said").find("AI") is None


@pytest.mark.parametrize(
    ("quote", "place"), [("LoRA", Place(1, 5, grounding="normalized")), ("ORA", Place(2, 5)), ("oRA", None)]
)
def test_a_part_of_a_word_is_found_to_the_letter_and_in_another_form_where_it_is_long_enough(quote, place):
    assert TextIndex("QLORA").find(quote) == place


@pytest.mark.parametrize(
    "quote", ["请讲讲LoRA的原理", "请你讲讲LoRA的原理", "讲讲LoRA的原理呀", "请讲讲 LoRA 的原理吧"]
)
def test_words_that_the_quote_puts_in_take_none_of_the_lines_beside_its_own(quote):
    assert span_of("自我介绍\n讲讲LoRA的原理\n反问", quote) == "讲讲LoRA的原理"


def test_equal_rewordings_take_places_in_turn_from_the_first_character_on():
    line = "讲讲 Transformer 结构"
    [places] = ground(TextIndex(f"{line}\n{line}"), ["请讲讲 Transformer 的结构"] * 2)
    assert [(place.start, place.grounding) for place in places if place] == [(0, "fuzzy"), (len(line) + 1, "fuzzy")]


def test_a_line_of_its_own_goes_before_the_end_of_a_longer_one():
    text = "当时只聊到了 LoRA\n方法：\n✅ LoRA\n"
    assert TextIndex(text).find("LoRA") == Place(text.rindex("LoRA"), text.rindex("LoRA") + 4)


def test_verbatim_quotes_take_their_places_before_reworded_ones():
    text = "1. 讲讲训练流程\n2. 讲讲训练的流程"
    [places] = ground(TextIndex(text), ["讲一讲训练流程", "讲讲训练流程"])
    assert places[1] == Place(3, 9)


def test_claims_hold_over_all_lists():
    lists = ground(TextIndex("✅ LoRA"), ["LoRA"], ["LoRA"])
    assert lists == [[Place(2, 6)], [None]]


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("讲讲 TCP 三次握手", "讲讲 UDP 三次握手"),
        ("BERT 和 GPT 的主要区别", "BERT 和 MoE 的主要区别"),
        ("什么是微调", "什么是蒸馏"),
        ("自我介绍", "反问"),
        ("怎么部署大模型", "怎么评估大模型幻觉"),
    ],
)
def test_another_term_in_the_same_words_is_another_question(text, quote):
    assert TextIndex(text).find(quote) is None


def reworded(quote: str, chance: random.Random) -> str:
    """One character in twelve, and one at least, left out, doubled or replaced."""
    letters = list(quote)
    for _ in range(max(1, len(letters) // 12)):
        place = chance.randrange(len(letters))
        letters[place] = chance.choice(("", letters[place] * 2, "的", "了"))
    return "".join(letters)


def quotes_of(row) -> list[dict]:
    return [item for kind in ("methods", "questions", "advice") for item in row[kind]]


def test_reworded_quotes_of_real_posts_are_found_in_their_place(corpus):
    right = asked = 0
    for row in corpus("dev"):
        index = TextIndex(row["text"])
        for item in quotes_of(row):
            if len(item["quote"]) < 5:
                continue
            place = index.find(reworded(item["quote"], random.Random(item["quote"])))
            asked += 1
            common = min(place.end, item["end"]) - max(place.start, item["start"]) if place else 0
            right += 2 * common > item["end"] - item["start"]
    assert right >= 0.98 * asked > 500


def test_quotes_of_other_real_posts_are_hardly_ever_found(corpus):
    rows = corpus("dev")
    chance = random.Random(7)
    quotes = [(row["id"], item["quote"]) for row in rows for item in quotes_of(row)]
    wrong = asked = 0
    for row in rows:
        index = TextIndex(row["text"])
        for of, quote in chance.sample(quotes, 60):
            place = index.find(quote) if of != row["id"] else None
            asked += 1
            wrong += place is not None and place.grounding == "fuzzy"
    assert wrong <= 0.003 * asked


@settings(max_examples=300)
@given(ANY_TEXT, ANY_TEXT)
@example("1.\u0301x", "1.\u0301x")
@example(" \u0301", "\u0301")
@example("e\u0301x", "\u0301x")
@example("\ud83d\ude00", "\ud83d")
def test_any_place_is_a_span_of_whole_characters(text, quote):
    place = TextIndex(text).find(quote)
    if place:
        assert 0 <= place.start < place.end <= len(text)
        for edge in {place.start, place.end} - {0, len(text)}:
            assert not are_one_character(text[edge - 1], text[edge])


@st.composite
def text_and_part(draw):
    text = draw(ANY_TEXT.filter(bool))
    edges = [at for at in range(len(text) + 1) if at in {0, len(text)} or not are_one_character(text[at - 1], text[at])]
    start, end = sorted((draw(st.sampled_from(edges)), draw(st.sampled_from(edges))))
    return text, text[start:end]


@settings(max_examples=300)
@given(text_and_part())
def test_any_part_of_a_text_is_found_to_the_letter(given_):
    text, part = given_
    place = TextIndex(text).find(part)
    if without_mark(part) == part and any(map(str.isalnum, part)):
        assert place is not None
        assert place.grounding == "exact"
        assert text[place.start : place.end] == part
    elif without_mark(part) and place:
        assert text[place.start : place.end] in part or place.grounding != "exact"


WORDS = st.sampled_from(
    [
        "什么是",
        "ＲＡＧ",
        "LoRA",
        "（PEFT）",
        "的区别",
        "？",
        "：",
        "“幻觉”",
        "½",
        "é",
        "ガ",
        "3D",
        "、",
        "Fine-tuning",
        " ",
    ]
)
LINES = st.lists(WORDS, min_size=2, max_size=8).map("".join)


def half_width(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def full_width(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


@settings(max_examples=200)
@given(LINES, LINES, LINES, st.sampled_from([half_width, full_width, str.upper, str.lower, " ".join]))
def test_other_widths_cases_and_spaces_find_the_same_place(before, line, after, other_form):
    index = TextIndex(in_chunks(before, line, after))
    known, found = index.find(line), index.find(other_form(line))
    if known:
        assert found is not None
        assert found.grounding in {"exact", "normalized"}
        assert fold(index.text[found.start : found.end]).strip(" ,.;:!?~'-·") == fold(
            index.text[known.start : known.end]
        ).strip(" ,.;:!?~'-·")


@given(ANY_TEXT, st.lists(st.text(TRICKY, max_size=4), max_size=12), st.lists(st.text(TRICKY, max_size=4), max_size=12))
def test_no_two_quotes_ever_get_one_place(text, some, others):
    lists = ground(TextIndex(text), some, others)
    assert [len(places) for places in lists] == [len(some), len(others)]
    spans = [(place.start, place.end) for places in lists for place in places if place]
    assert len(spans) == len(set(spans))


@pytest.mark.parametrize(
    "make",
    [
        lambda: ("面试问了什么是微调。" * 200_000, ["什么是微调", "什么是是微调", "没有的东西在这里"]),
        lambda: (
            "\n".join(f"{n}. 讲讲第{n * 7919}个问题" for n in range(6_000)),
            [f"讲讲第{n * 31}个的问题" for n in range(10_000)],
        ),
        lambda: ("自我介绍\n" * 20_000, ["自我介绍"] * 10_000),
        lambda: ("a" + "\u0301\u0323" * 500_000, ["a", "a\u0301\u0323"]),
        lambda: ("- " * 500_000, ["- " * 2_000 + "x"]),
        lambda: (" " * 1_000_000 + "x", [" " * 100_000 + "x"]),
        lambda: ("题" + " " * 1_000_000 + "x", ["题", "x"]),
    ],
    ids=[
        "one long line",
        "ten thousand rewordings",
        "equal lines",
        "marks without end",
        "bullets",
        "blanks before",
        "blanks behind",
    ],
)
def test_time_grows_with_the_text_alone(make):
    text, quotes = make()
    began = time.process_time()
    ground(TextIndex(text), quotes)
    assert time.process_time() - began < 20


def test_equal_lines_each_get_a_quote_of_their_own():
    [places] = ground(TextIndex("自我介绍\n" * 1_000), ["自我介绍"] * 1_001)
    assert [place.start for place in places[:-1] if place] == list(range(0, 5_000, 5))
    assert places[-1] is None
