"""The judge of clauses tells running text apart by weights, says nothing without them, and what it says stands in the text."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import Post
from agent.extraction.rules import extract
from agent.extraction.rules.clauses import READ, clauses_of
from agent.extraction.rules.telling import AFTER, NONE, STATES, ClauseJudge, states_of
from agent.extraction.rules.weights import packed, parted, shipped


TOLD = "一面的面试官人很和气，先随便聊了聊家乡，后来说到熔炉与风箱，再到水车，就结束了。"
_TEXTS = st.text(st.sampled_from("面试官问了我，。？：、 \n“”（）AbC.什么怎么建议多看"), max_size=200)


def weight(state: str, value: int = 900) -> int:
    return packed(value if one == state else 0 for one in STATES)


ELSE_NONE = {"after ，": weight(NONE, 1), "after 。": weight(NONE, 1)}


def items(text: str, weights: dict[str, int]) -> list[tuple[str, str]]:
    return [
        (one.kind, text[one.start : one.end]) for one in extract(Post(text=text), clauses=ClauseJudge(weights)).items
    ]


def test_without_weights_the_rules_word_stands():
    text = "一面，面试官问了缓存怎么预热、热点怎么发现，我说不会。"
    assert items(text, {}) == [("question", "缓存怎么预热"), ("question", "热点怎么发现")]


def test_one_clue_begins_an_item_and_another_goes_on_with_it():
    begun = ELSE_NONE | {"L熔炉": weight("question")}
    assert items(TOLD, begun) == [("question", "后来说到熔炉与风箱")]
    assert items(TOLD, begun | {"L水车": weight("question on")}) == [("question", "后来说到熔炉与风箱，再到水车")]


def test_what_may_follow_is_weighed_too():
    weights = ELSE_NONE | {"L熔炉": weight("advice"), "L水车": weight("advice")}
    assert len(items(TOLD, weights)) == 2
    weights[AFTER + "advice"] = weight("advice on", 2_000)
    assert items(TOLD, weights)[-1] == ("advice", "再到水车，就结束了")


def test_nothing_goes_on_where_nothing_has_begun():
    assert items(TOLD, ELSE_NONE | {"before ^": weight("question on")}) == []


def test_an_item_takes_its_mark_of_question_along():
    text = "一面聊得久，然后熔炉多热？我说千度，水车多大？我说三丈。"
    asked = items(text, ELSE_NONE | {"L熔炉": weight("question"), "L水车": weight("question")})
    assert [words[-3:] for _, words in asked] == ["多热？", "多大？"]


def test_what_is_no_words_is_no_item():
    assert items("“.“A", {"before ，": weight(NONE)}) == [("question", "A")]


def test_an_item_ends_as_the_rules_end_it():
    text = "* What should I do the night before? Sleep early. Do not study."
    assert [words for kind, words in items(text, {"read advice": weight("advice")}) if kind == "advice"] == [
        "Sleep early.",
        "Do not study.",
    ]


def test_clauses_are_parted_by_marks_and_behind_a_verb_of_asking():
    assert [one.words for one in clauses_of("他问了熔炉多热，我答了（不准）；接着 走了。")] == [
        "他问了",
        "熔炉多热",
        "我答了",
        "不准",
        "接着 走了",
    ]


@pytest.mark.parametrize("words", ["", "，，。", " \n "])
def test_where_there_are_no_words_there_are_no_clauses(words):
    assert clauses_of(words) == []


@given(_TEXTS)
def test_clauses_stand_where_they_say_in_order_and_apart(text):
    clauses = clauses_of(text)
    assert all(text[one.start : one.end] == one.words == one.words.strip() != "" for one in clauses)
    assert all(one.end <= after.start for one, after in pairwise(clauses))


@given(
    _TEXTS,
    st.lists(st.integers(-300, 300), min_size=5, max_size=5),
    st.lists(st.integers(-300, 300), min_size=5, max_size=5),
)
def test_whatever_the_weights_items_stand_in_the_post_and_those_of_a_kind_apart(text, some, others):
    weights = {"before ，": packed(some), "before V": packed(others), f"{AFTER}question": packed(others)}
    found = extract(Post(text=text), clauses=ClauseJudge(weights)).items
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    for kind in ("question", "advice"):
        own = [one for one in found if one.kind == kind]
        assert all(one.end <= after.start for one, after in pairwise(own))


def test_states_tell_where_an_item_begins_and_goes_on():
    text = "先问熔炉，多热，怎么修，完了"
    spans = [
        ("question", text.index("熔炉"), text.index("多热") + 2),
        ("advice", text.index("怎么"), text.index("，完")),
    ]
    told = dict(zip((one.words for one in clauses_of(text)), states_of(clauses_of(text), spans), strict=True))
    assert [told[words] for words in ("多热", "怎么修", "完了")] == ["question on", "advice", NONE]


def test_what_ships_has_a_weight_for_each_state_and_knows_what_may_follow():
    told = shipped("clauses")
    assert all(packed(parted(weights, len(STATES))) == weights for weights in told.values())
    assert {AFTER + state for state in STATES} <= told.keys()
    assert {READ + state for state in STATES} <= told.keys()
    behind_none = parted(told[AFTER + NONE], len(STATES))
    for kind in ("question", "advice"):
        assert behind_none[STATES.index(f"{kind} on")] == min(behind_none)
