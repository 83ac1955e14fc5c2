"""Whatever a model says is read: each entry for the post that it is of, each item that can be told, and never an error."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.extraction.answer import Answer, PostAnswer, RawItem, Reading, assigned_by_quotes, read_answer


ITEMS = [{"quote": "什么是RAG？", "number": 1}, {"quote": "手撕：反转链表"}]
WHOLE = {"posts": [{"id": "p1", "methods": [{"quote": "LoRA"}], "questions": ITEMS, "advice": []}]}
QUOTES = ["LoRA", "什么是RAG？", "手撕：反转链表"]


def dumped(value) -> str:
    return json.dumps(value, ensure_ascii=False)


def quotes(reading: Reading, name: str = "p1") -> list[str]:
    return [item.quote for item in reading.posts[name].items] if name in reading.posts else []


def post(name: str | None = None, **lists) -> dict:
    return {**({"id": name} if name else {}), "methods": [], "questions": [], "advice": [], **lists}


class TestTheSchema:
    def test_it_is_flat_and_asks_for_little(self):
        schema = Answer.model_json_schema()
        keys = set(all_keys(schema["properties"], names=True))
        assert keys <= {"type", "properties", "items", "required", "description"}
        entry = schema["properties"]["posts"]["items"]
        assert entry["required"] == ["id", "methods", "questions", "advice"]
        assert [entry["properties"][kind]["items"]["required"] for kind in entry["required"][1:]] == [["quote"]] * 3

    def test_it_names_the_fields_of_the_model(self):
        entry = Answer.model_json_schema()["properties"]["posts"]["items"]["properties"]
        answer = Answer.model_validate(
            {"posts": [{**dict.fromkeys(entry, "x"), "methods": [], "questions": [], "advice": []}]}
        )
        assert answer.posts[0].model_fields_set == set(entry)


def all_keys(schema, *, names: bool = False):
    for key, value in schema.items():
        if not names:
            yield key
        if isinstance(value, dict):
            yield from all_keys(value, names=key == "properties" and not names)


def test_a_good_answer_is_read_as_it_is():
    items = (
        RawItem("method", "LoRA"),
        RawItem("question", "什么是RAG？", number=1),
        RawItem("question", "手撕：反转链表"),
    )
    assert read_answer(dumped(WHOLE), None, ["p1"]) == Reading({"p1": PostAnswer(items)})


def test_the_parsed_answer_counts_where_there_is_no_text():
    assert quotes(read_answer("", Answer.model_validate(WHOLE), ["p1"])) == QUOTES


@pytest.mark.parametrize(
    "text",
    [
        f"好的，以下是结果：\n```json\n{dumped(WHOLE)}\n```\n希望有帮助！",
        f"```\n{dumped(WHOLE)}\n```",
        f"[帖子]的结果见下\n{dumped(WHOLE)}",
        "\ufeff" + dumped(WHOLE),
        dumped(WHOLE).replace('"advice": []', '"advice": [],').replace("}]}", "},],}"),
        dumped(WHOLE).replace('"', "'"),
        dumped(WHOLE).replace(", ", ",\n\t"),
        dumped(WHOLE).replace(": ", ":\x00"),
        dumped(WHOLE)[:-2],
        dumped(WHOLE["posts"]),
        dumped(WHOLE["posts"][0]),
        dumped({"posts": WHOLE["posts"][0]}),
        dumped({"result": {"Posts": {"p1": post(None, methods=["LoRA"], questions=ITEMS)}}}),
        dumped({"p1": post(None, methods=["LoRA"], questions=ITEMS)}),
        dumped({"帖子": [{"ID": 1, "方法": ["LoRA"], "问题": [{"问题": "什么是RAG？", "编号": "1"}, {"原文": "手撕：反转链表"}], "建议": None}]}),
        dumped([post("p1", methods={"quote": "LoRA"}, questions={"1": "什么是RAG？", "2": {"question": "手撕：反转链表"}}, advice="")]),
        dumped([post("p1", methods="LoRA", questions="什么是RAG？\n手撕：反转链表")]),
        dumped([post("p1", methods=[["LoRA"]], questions=[{"text": "什么是RAG？"}, None, 7, {"quote": ["手撕：反转链表"]}, {"content": "手撕：反转链表"}])]),
    ],
    ids=[
        "in a fence, among prose", "in a bare fence", "behind prose with brackets", "byte order mark", "trailing commas", "single quotes",
        "white space", "control characters", "no end", "bare list", "bare object", "object for list", "by id in an envelope", "by id",
        "Chinese keys", "mappings for lists", "text for lists", "mixed types",
    ],
)  # fmt: skip
def test_other_forms_say_the_same(text):
    assert quotes(read_answer(text, None, ["p1"])) == QUOTES


def test_quotes_that_were_not_escaped_stay_in_the_words():
    text = '{"posts": [{"id": "p1", "questions": [{"quote": "什么叫"幻觉"？"}, {"quote": "第二题"}]}]}'
    assert quotes(read_answer(text, None, ["p1"])) == ['什么叫"幻觉"？', "第二题"]


@pytest.mark.parametrize("end", range(40, len(dumped(WHOLE)) - 2))
def test_of_an_answer_that_broke_off_the_whole_items_stay(end):
    reading = read_answer(dumped(WHOLE)[:end], None, ["p1"])
    said = quotes(reading)
    assert said == QUOTES[: len(said)]
    if '"手撕' in dumped(WHOLE)[:end]:
        assert said[:2] == QUOTES[:2]


def test_the_entry_that_broke_off_is_told_or_in_a_pack_left_out():
    alone = read_answer(dumped(WHOLE)[:-60] + '"quote": "手', None, ["p1"])
    assert alone.cut
    assert alone.posts["p1"].cut
    both = dumped({"posts": [post("p1", questions=ITEMS), post("p2", questions=ITEMS)]})
    pack = read_answer(both[:-40], None, ["p1", "p2"])
    assert pack.cut
    assert set(pack.posts) == {"p1"}
    assert not pack.posts["p1"].cut


def test_an_answer_that_loops_is_read_up_to_a_bound():
    head = '{"posts": [{"id": "p1", "methods": [], "questions": [{"quote": "第一题"}, '
    reading = read_answer(head + '{"quote": "第二题"}, ' * 400_000, None, ["p1"])
    assert quotes(reading)[:3] == ["第一题", "第二题", "第二题"]
    assert len(quotes(reading)) <= 10_000
    assert reading.posts["p1"].cut


def test_ten_thousand_items_are_read():
    reading = read_answer(dumped([post("p1", questions=[f"第{n}题" for n in range(12_000)])]), None, ["p1"])
    assert len(quotes(reading)) == 10_000


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (3, 3),
        ("3", 3),
        ("第3题", 3),
        (3.0, 3),
        (None, None),
        ("三", None),
        (True, None),
        (-1, None),
        (10**30, None),
        (float("nan"), None),
        ([3], None),
    ],
)
def test_a_number_is_a_number_in_any_dress(number, told):
    reading = read_answer(json.dumps([post("p1", questions=[{"quote": "题", "number": number}])]), None, ["p1"])
    assert [item.number for item in reading.posts["p1"].items] == [told]


@pytest.mark.parametrize("nothing", ["", "  ", None, "null", "无", "N/A", "unknown", "x" * 500, 7, {"a": "b"}])
def test_words_that_say_nothing_are_none(nothing):
    told = post("p1", questions=[{"quote": "题", "topic": nothing, "round": nothing}], company=nothing, role=nothing)
    said = read_answer(dumped([told]), None, ["p1"]).posts["p1"]
    assert (said.items[0].topic, said.items[0].round, said.company, said.role) == (None, None, None, None)


def test_the_context_is_read_flat_or_nested():
    flat = read_answer(
        dumped([post("p1", company="某厂", role="算法岗", outcome="挂了", summary="一句\n话")]), None, ["p1"]
    )
    nested = read_answer(
        dumped(
            [post("p1", context={"company": {"quote": "某厂"}, "岗位": "算法岗", "outcome": ["挂了"]}, 摘要="一句 话")]
        ),
        None,
        ["p1"],
    )
    assert flat.posts == nested.posts
    assert flat.posts["p1"].company == "某厂"
    assert flat.posts["p1"].summary == "一句 话"


class TestIds:
    @pytest.mark.parametrize(
        "told",
        [["p1", "p2"], ["P1", "P2"], ["post1", "post2"], [1, 2], ["post-9041", "post-3310"], [None, None], ["a", "p2"]],
    )
    def test_changed_ids_are_told_by_number_or_by_place(self, told):
        text = dumped([post(name, questions=[f"题{n}"]) for n, name in enumerate(told, 1)])
        reading = read_answer(text, None, ["p1", "p2"])
        assert (quotes(reading, "p1"), quotes(reading, "p2")) == (["题1"], ["题2"])

    def test_the_order_does_not_matter_where_ids_are_kept(self):
        reading = read_answer(
            dumped([post("p2", questions=["题2"]), post("p1", questions=["题1"])]), None, ["p1", "p2"]
        )
        assert (quotes(reading, "p1"), quotes(reading, "p2")) == (["题1"], ["题2"])

    def test_what_is_said_twice_of_a_post_is_joined(self):
        reading = read_answer(
            dumped([post("p1", questions=["题1"]), post("p1", questions=["题2"], company="某厂")]), None, ["p1"]
        )
        assert quotes(reading) == ["题1", "题2"]
        assert reading.posts["p1"].company == "某厂"

    def test_of_one_post_all_that_is_said_is_meant(self):
        assert quotes(
            read_answer(dumped([post("x", questions=["题1"]), post("y", questions=["题2"])]), None, ["p1"])
        ) == [
            "题1",
            "题2",
        ]

    def test_a_post_left_out_is_not_among_the_posts(self):
        assert set(read_answer(dumped([post("p2", questions=["题"])]), None, ["p1", "p2", "p3"]).posts) == {"p2"}

    def test_an_entry_of_nobody_is_a_stray(self):
        reading = read_answer(dumped([post("zz", questions=["题"])]), None, ["p1", "p2"])
        assert not reading.posts
        assert [item.quote for stray in reading.strays for item in stray.items] == ["题"]


TEXTS = {"p1": "1. 什么是ＲＡＧ？\n2. 自我介绍", "p2": "1. 讲讲 LoRA\n2. 自我介绍", "p3": "1. 手撕链表"}


class TestByContent:
    def settled(self, *entries: dict) -> dict[str, list[str]]:
        reading = assigned_by_quotes(read_answer(dumped(list(entries)), None, list(TEXTS)), TEXTS)
        assert not reading.strays
        return {name: [item.quote for item in said.items] for name, said in reading.posts.items()}

    def test_swapped_ids_are_swapped_back(self):
        told = self.settled(post("p2", questions=["什么是RAG？"]), post("p1", questions=["2. 讲讲LoRA"]), post("p3"))
        assert told == {"p1": ["什么是RAG？"], "p2": ["2. 讲讲LoRA"], "p3": []}

    def test_a_stray_goes_where_its_quotes_stand(self):
        assert self.settled(post("other", questions=["手撕链表"])) == {"p3": ["手撕链表"]}
        assert self.settled(post("other", questions=["没有的题"])) == {}

    def test_an_item_of_a_neighbour_goes_home(self):
        told = self.settled(
            post("p1", questions=["什么是RAG？", "自我介绍", "手撕链表"]),
            post("p2", questions=["讲讲 LoRA"]),
            post("p3"),
        )
        assert told == {"p1": ["什么是RAG？", "自我介绍"], "p3": ["手撕链表"], "p2": ["讲讲 LoRA"]}

    def test_a_post_that_was_left_out_stays_left_out(self):
        told = self.settled(post("p1", questions=["什么是RAG？", "手撕链表"]))
        assert told == {"p1": ["什么是RAG？", "手撕链表"]}

    def test_what_stands_nowhere_stays_for_the_check(self):
        assert self.settled(post("p1", questions=["讲讲RAG啊", "什么是RAG？"])) == {"p1": ["讲讲RAG啊", "什么是RAG？"]}

    def test_a_single_post_is_left_alone(self):
        reading = read_answer(dumped([post("p1", questions=["没有的题"])]), None, ["p1"])
        assert assigned_by_quotes(reading, {"p1": "别的"}) is reading


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "null", "[]", "{}", "true", "42", '"posts"', "这篇帖子主要讲了一次面试。", "I cannot help with that.", '{"error": "no"}', "[[[]]]", '{"posts": null}',
        '{"posts": [null, 1, "x", []]}', "\ud800", "1e999", "9" * 10_000, "```json\n```",
    ],
)  # fmt: skip
def test_what_says_nothing_of_a_post_gives_no_post(text):
    assert read_answer(text, None, ["p1"]).posts == {}


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000, "{" * 100_000, '{"a":' * 100_000, "[{" * 50_000, '"' * 200_000, "\\" * 200_000, '{"a":"' * 30_000, '{"posts":["' + "x" * 3_000_000,
        '{"posts": [{"id": "p1", "questions": [' + "[" * 50_000 + "]" * 50_000 + "]}]}", "```json" * 30_000, "{ [ " * 30_000, '{"quote": "' + '", ' * 60_000,
        " " * 3_000_000 + "{", "{" + "/*" * 60_000, '{"questions": {' * 20_000,
    ],
    ids=range(15),
)  # fmt: skip
def test_hostile_answers_take_bounded_time(text):
    began = time.perf_counter()
    read_answer(text, None, ["p1", "p2"])
    assert time.perf_counter() - began < 5


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["posts", "id", "questions", "methods", "advice", "quote", "number", "context", "x"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_any_json_is_read(value):
    check(read_answer(json.dumps(value), None, ["p1", "p2"]))


@given(st.one_of(st.text(st.characters(exclude_categories=())), st.text('{}[]":,\\ \nnulltrue0`quoteidpostsquestions')))
def test_any_text_is_read(text):
    check(read_answer(text, None, ["p1", "p2"]))


@given(JSON, st.integers(0, 300), st.integers(0, 300))
def test_any_spoiled_json_is_read(value, start, end):
    text = json.dumps({"posts": [{"id": "p1", "questions": [value]}]})
    check(read_answer(text[:start] + text[end:], None, ["p1", "p2"]))


def check(reading: Reading) -> None:
    assert set(reading.posts) <= {"p1", "p2"}
    for said in (*reading.posts.values(), *reading.strays):
        assert isinstance(said, PostAnswer)
        assert all(item.quote.strip() for item in said.items)
    assigned_by_quotes(reading, {"p1": "什么", "p2": ""})


def test_an_answer_is_looked_for_only_so_deep():
    def wrapped(times: int) -> object:
        value: object = [post("p1", questions=ITEMS)]
        for _ in range(times):
            value = {"wrapped": value}
        return value

    assert quotes(read_answer(dumped(wrapped(3)), None, ["p1"])) == QUOTES[1:]
    assert read_answer(dumped(wrapped(30)), None, ["p1"]).posts == {}
