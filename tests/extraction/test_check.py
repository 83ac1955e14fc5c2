"""A model's answer held against the post: what stands there stays, once and in its place; what the rules surely saw is never lost."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.extraction.answer import PostAnswer, RawItem, read_answer
from agent.extraction.check import Settled, filled_in, merge, read_again, settle
from agent.extraction.findings import Finding, Findings, Place
from agent.extraction.overlap import without_doubles
from agent.extraction.rules import extract
from agent.records import Post
from tests.twin.asked import ShownPost
from tests.twin.noise import Noisy
from tests.twin.oracle import labelled


TEXT = """某云 算法岗 一面凉经
建议先把简历上的项目过一遍，别背模板。
常用手段：
✅ 混合检索
✅ 查询改写
一面：
1. 自我介绍
2. RAG 的召回率怎么评估？不达标怎么办？
3. 讲讲 LoRA 的原理，秩怎么选？
4. 手撕：反转链表
先聊了会儿项目，然后问我怎么看待智能体的未来。
"""
POST = Post(text=TEXT)


def found(kind: str, words: str, *, sure: bool = False, **more) -> Finding:
    start = TEXT.index(words)
    return Finding(kind, start, start + len(words), sure=sure, **more)


INTRODUCTION = found("question", "自我介绍", sure=True, number=1, round="一面")
RECALL = found("question", "RAG 的召回率怎么评估？不达标怎么办？", sure=True, number=2, round="一面", topic="RAG")
LORA = found("question", "讲讲 LoRA 的原理，秩怎么选？", sure=True, number=3, round="一面", topic="微调")
LIST = found("question", "手撕：反转链表", sure=True, number=4, round="一面")
HYBRID = found("method", "混合检索", sure=True)
REWRITING = found("method", "查询改写", sure=True)
REVIEW = found("advice", "建议先把简历上的项目过一遍")
FUTURE = found("question", "怎么看待智能体的未来")
SURE = (HYBRID, REWRITING, INTRODUCTION, RECALL, LORA, LIST)
SEEN = Findings((REVIEW, *SURE, FUTURE), company=Place(0, 2), tags=("面经",))


def said(*items: RawItem, **more) -> PostAnswer:
    return PostAnswer(items, **more)


def question(quote: str, **more) -> RawItem:
    return RawItem("question", quote, **more)


def advice(quote: str) -> RawItem:
    return RawItem("advice", quote)


def method(quote: str) -> RawItem:
    return RawItem("method", quote)


GOOD = (
    *map(method, ("混合检索", "查询改写")),
    *map(question, ("自我介绍", "RAG 的召回率怎么评估？不达标怎么办？", "讲讲 LoRA 的原理，秩怎么选？", "手撕：反转链表", "怎么看待智能体的未来")),
    *map(advice, ("建议先把简历上的项目过一遍", "别背模板")),
)  # fmt: skip


def items(settled: Settled) -> list[tuple[str, str]]:
    return [(one.kind, TEXT[one.start : one.end]) for one in settled.findings.items]


def quotes(settled: Settled, kind: str = "question") -> list[str]:
    return [words for of, words in items(settled) if of == kind]


def spans_of(findings: Findings) -> set[tuple[str, int, int]]:
    return {(one.kind, one.start, one.end) for one in findings.items}


def test_a_good_answer_stays_as_it_is():
    settled = settle(POST, said(*GOOD), SEEN)
    assert sorted(items(settled)) == sorted((item.kind, item.quote) for item in GOOD)
    assert (settled.missing, settled.warnings) == ((), ())
    assert filled_in(settled) == settled.findings


def test_items_come_in_reading_order_whatever_the_order_was():
    settled = settle(POST, said(*reversed(GOOD)), SEEN)
    starts = [one.start for one in settled.findings.items]
    assert starts == sorted(starts)


def test_what_stands_nowhere_is_dropped_and_counted():
    settled = settle(POST, said(*GOOD, question("如何证明停机问题不可判定？"), method("贝叶斯超参搜索")), SEEN)
    assert len(settled.findings.items) == len(GOOD)
    assert settled.warnings == ("dropped 2 items: not found in the post",)


@pytest.mark.parametrize(
    "double",
    [
        question("自我介绍"),
        question("1. 自我介绍"),
        method("自我介绍"),
        question("讲讲LoRA的原理,秩怎么选?"),
        question("讲讲 LoRA 的原理"),
        question("讲一讲 LoRA 的原理，秩怎么选？"),
        advice("先把简历上的项目过一遍，"),
    ],
    ids=lambda item: item.quote,
)
def test_what_is_told_twice_is_merged(double):
    settled = settle(POST, said(*GOOD, double), SEEN)
    assert sorted(items(settled)) == sorted((item.kind, item.quote) for item in GOOD)
    assert "merged 1 item: told twice" in settled.warnings


@pytest.mark.parametrize(
    ("misfiled", "kind", "quote"),
    [
        (method("RAG 的召回率怎么评估？不达标怎么办？"), "question", "RAG 的召回率怎么评估？不达标怎么办？"),
        (advice("2. RAG的召回率怎么评估?"), "question", "RAG 的召回率怎么评估？不达标怎么办？"),
        (question("混合检索"), "method", "混合检索"),
        (question("建议先把简历上的项目过一遍"), "advice", "建议先把简历上的项目过一遍"),
    ],
    ids=["a question as method", "part of a question as advice", "a method as question", "advice as question"],
)
def test_what_is_misfiled_is_moved(misfiled, kind, quote):
    others = [item for item in GOOD if item.quote != quote]
    settled = settle(POST, said(misfiled, *others), SEEN)
    assert (kind, quote) in items(settled)
    assert len(settled.findings.items) == len(GOOD)
    assert "moved 1 item to another kind" in settled.warnings


@pytest.mark.parametrize(
    ("told", "kind"),
    [(method("怎么看待智能体的未来"), "question"), (question("别背模板"), "advice"), (method("混合检索"), "method")],
    ids=lambda value: value if isinstance(value, str) else value.quote,
)
def test_where_the_rules_saw_nothing_the_words_tell(told, kind):
    assert [one.kind for one in settle(POST, said(told), Findings()).findings.items] == [kind]


def test_one_numbered_line_is_one_question():
    parts = question("RAG 的召回率怎么评估？"), question("不达标怎么办？")
    settled = settle(POST, said(*parts), SEEN)
    assert quotes(settled) == ["RAG 的召回率怎么评估？不达标怎么办？"]


def test_a_quote_over_several_lines_is_those_lines():
    settled = settle(POST, said(question(TEXT[TEXT.index("1. 自我") : TEXT.index("先聊了")])), SEEN)
    lines = [(one.start, one.end) for one in (INTRODUCTION, RECALL, LORA, LIST)]
    assert [(one.start, one.end) for one in settled.findings.items] == lines


def test_a_method_that_is_only_mentioned_in_a_question_is_none():
    settled = settle(POST, said(*GOOD, method("LoRA")), SEEN)
    assert ("method", "LoRA") not in items(settled)
    assert settled.warnings == ("dropped 1 item: only mentioned inside a question",)


def test_what_the_model_left_open_is_told_as_the_rules_saw_it():
    [lora] = settle(POST, said(question("讲讲 LoRA 的原理")), Findings((LORA,))).findings.items
    assert (lora.number, lora.topic, lora.round) == (3, "微调", "一面")


def test_a_topic_that_nobody_told_is_told_by_the_words():
    [lora] = settle(POST, said(question("讲讲 LoRA 的原理")), Findings()).findings.items
    assert lora.topic == "微调"


@pytest.mark.parametrize(("number", "told"), [(3, 3), (4, None), (None, None)])
def test_a_number_counts_that_stands_before_the_item(number, told):
    [item] = settle(POST, said(question("讲讲 LoRA 的原理，秩怎么选？", number=number)), Findings()).findings.items
    assert item.number == told


@pytest.mark.parametrize(
    ("marker", "number"), [("12、", 12), ("（十二）", 12), ("⑫ ", 12), ("第２题：", 2), ("二十、", 20), ("Q3: ", 3)]
)
def test_a_number_is_known_in_any_figures(marker, number):
    post = Post(text=f"{marker}怎么看 RAG 的幻觉")
    [item] = settle(post, said(question("怎么看 RAG 的幻觉", number=number)), Findings()).findings.items
    assert item.number == number


@pytest.mark.parametrize(("told", "kept"), [("一面", "一面"), ("终面", None), (None, None)])
def test_a_round_counts_that_the_post_names(told, kept):
    [item] = settle(POST, said(question("手撕：反转链表", round=told)), Findings()).findings.items
    assert item.round == kept


def test_rewordings_keep_their_words_and_the_place_keeps_the_posts():
    [item] = settle(POST, said(question("讲一讲 LoRA 的原理，秩怎么选择？")), Findings()).findings.items
    assert (item.text, item.grounding) == ("讲一讲 LoRA 的原理，秩怎么选择？", "fuzzy")
    assert TEXT[item.start : item.end].startswith("讲讲 LoRA 的原理，秩怎么选")
    [item] = settle(POST, said(question("自我介绍", text="自我介绍")), Findings()).findings.items
    assert item.text is None


def test_the_context_is_grounded_or_the_rules_own():
    settled = settle(POST, said(*GOOD, company="字节", role="算法岗", outcome="凉经", summary="一面没过"), SEEN)
    told = settled.findings
    assert (told.company, told.role, told.outcome) == (Place(0, 2), Place(3, 6), Place(9, 11))
    assert (told.summary, told.tags) == ("一面没过", ("面经",))


class TestMissing:
    def test_what_the_rules_are_sure_of_is_missing_where_it_is_left_out(self):
        told = [item for item in GOOD if item.quote != "手撕：反转链表"]
        settled = settle(POST, said(*told), SEEN)
        assert settled.missing == (LIST,)
        assert LIST in filled_in(settled).items
        assert len(filled_in(settled).items) == len(GOOD)

    def test_of_a_good_answer_what_the_rules_only_guess_is_not_missing(self):
        told = [item for item in GOOD if item.quote not in {"怎么看待智能体的未来", "建议先把简历上的项目过一遍"}]
        assert settle(POST, said(*told), SEEN).missing == ()

    def test_of_a_careless_answer_it_is(self):
        told = [item for item in GOOD if item.quote != "怎么看待智能体的未来"]
        careless = settle(POST, said(*told, *map(question, ("量子纠错码", "停机问题怎么证明", "打印一份作品集"))), SEEN)
        assert careless.missing == (FUTURE,)

    @pytest.mark.parametrize(
        "nothing",
        [said(), said(question("请谈谈量子纠错码")), said(cut=True), said(summary="帖子讲了一次面试")],
        ids=["empty", "invented", "cut", "a summary alone"],
    )
    def test_an_answer_with_nothing_in_it_leaves_the_rules_own(self, nothing):
        assert filled_in(settle(POST, nothing, SEEN)) == replace(
            SEEN, items=filled_in(settle(POST, nothing, SEEN)).items
        )
        assert filled_in(settle(POST, nothing, SEEN)).items == SEEN.items

    def test_an_answer_that_broke_off_loses_nothing_that_the_rules_saw(self):
        settled = settle(POST, said(*GOOD[:4], cut=True), SEEN)
        assert spans_of(SEEN) <= spans_of(filled_in(settled))

    def test_a_list_is_missing_where_only_its_parts_were_told(self):
        text = "常用工具：\n1. 向量库：Milvus、Faiss\n"
        line = Finding("method", text.index("向量"), len(text) - 1, sure=True)
        settled = settle(Post(text=text), said(method("Milvus")), Findings((line,)))
        assert settled.missing == (line,)

    def test_advice_is_told_where_a_part_of_it_is(self):
        seen = found("advice", "建议先把简历上的项目过一遍，别背模板。", sure=True)
        assert settle(POST, said(advice("别背模板")), Findings((seen,))).missing == ()


class TestMerge:
    def test_what_was_asked_again_is_found_and_nothing_else_is_taken(self):
        first = settle(POST, said(*GOOD[:4]), Findings(SURE))
        assert first.missing == (LORA, LIST)
        second = said(
            question("4. 手撕：反转链表", topic="链表"), question("怎么看待智能体的未来"), question("没有的题")
        )
        settled = merge(POST, first, second)
        assert settled.missing == (LORA,)
        assert settled.findings.items == (*first.findings.items, replace(LIST, topic="链表"))

    def test_a_second_answer_with_nothing_changes_nothing(self):
        first = settle(POST, said(*GOOD[:4]), Findings(SURE))
        assert merge(POST, first, said()) == first


class TestReadTwice:
    """A post whose first answer was careless is read again, whole."""

    INVENTED = tuple(map(question, ("量子纠错码", "停机问题怎么证明", "打印一份作品集")))

    def careless(self, *left_out: str) -> Settled:
        return settle(POST, said(*(item for item in GOOD if item.quote not in left_out), *self.INVENTED), SEEN)

    def test_what_either_found_counts(self):
        first, second = self.careless("自我介绍", "怎么看待智能体的未来"), self.careless("混合检索")
        settled = read_again(first, second, SEEN)
        assert sorted(items(settled)) == sorted((item.kind, item.quote) for item in GOOD)
        assert settled.missing == ()

    def test_what_both_left_out_is_missing_only_where_the_rules_are_sure(self):
        left_out = ("自我介绍", "怎么看待智能体的未来")
        settled = read_again(self.careless(*left_out), self.careless(*left_out), SEEN)
        assert settled.missing == (INTRODUCTION,)

    def test_two_readings_that_are_both_useless_leave_the_rules_own(self):
        useless = settle(POST, said(*GOOD[:1] * 50), SEEN)
        assert useless.trust == "none"
        assert spans_of(SEEN) <= spans_of(filled_in(read_again(useless, useless, SEEN)))

    def test_of_one_item_the_posts_own_words_win(self):
        near = Finding("advice", FUTURE.start, FUTURE.end, grounding="fuzzy")
        exact = Finding("advice", FUTURE.start, FUTURE.end - 2)
        first, second = (Settled(Findings((one,)), (), ()) for one in (near, exact))
        assert read_again(first, second, Findings(())).findings.items == (exact,)
        assert read_again(second, first, Findings(())).findings.items == (exact,)

    def test_of_one_item_most_readings_tell_the_kind_and_of_as_many_the_question_counts(self):
        def reading(kind: str) -> Settled:
            return Settled(Findings((Finding(kind, FUTURE.start, FUTURE.end),)), (), (), trust="some")

        first, second, third = map(reading, ("method", "question", "method"))
        twice = read_again(first, second, Findings(()))
        assert [one.kind for one in twice.findings.items] == ["question"]
        assert [one.kind for one in read_again(twice, third, Findings(())).findings.items] == ["method"]

    def test_a_reading_that_tells_nothing_new_ends_the_doubt(self):
        first = self.careless("自我介绍")
        twice = read_again(first, self.careless(), SEEN)
        assert twice.trust == "some"
        assert read_again(twice, self.careless(), SEEN).trust == "full"


SPANS = st.tuples(st.integers(0, len(TEXT) - 1), st.integers(1, 30)).map(
    lambda span: (span[0], min(len(TEXT), sum(span)))
)
QUOTES = st.one_of(
    SPANS.map(lambda span: TEXT[slice(*span)]), st.text(max_size=6), st.sampled_from([item.quote for item in GOOD])
)
KINDS = st.sampled_from(["method", "question", "advice"])
ANSWERS = st.lists(st.builds(RawItem, KINDS, QUOTES, number=st.none() | st.integers(0, 9)), max_size=14)
FINDINGS = st.lists(
    st.builds(lambda kind, span, sure: Finding(kind, *span, sure=sure), KINDS, SPANS, st.booleans()), max_size=8
)


@given(ANSWERS, FINDINGS, st.booleans())
def test_any_answer_gives_spans_of_the_post_each_once(told, seen, cut):
    settled = settle(POST, PostAnswer(tuple(told), cut=cut), Findings(tuple(seen)))
    spans = [(one.start, one.end) for one in settled.findings.items]
    assert all(0 <= start < end <= len(TEXT) for start, end in spans)
    assert len(set(spans)) == len(spans)
    assert spans == sorted(spans, key=lambda span: (span[0], -span[1]))
    assert {(one.start, one.end) for one in settled.missing}.isdisjoint(spans)


@given(ANSWERS, ANSWERS, FINDINGS)
def test_two_readings_give_spans_of_the_post_each_once(one, other, seen):
    seen_there = Findings(tuple(seen))
    first, second = (settle(POST, PostAnswer(tuple(told)), seen_there) for told in (one, other))
    settled = read_again(first, second, seen_there)
    spans = [(one.start, one.end) for one in settled.findings.items]
    assert all(0 <= start < end <= len(TEXT) for start, end in spans)
    assert len(set(spans)) == len(spans)
    assert {(one.start, one.end) for one in settled.missing}.isdisjoint(spans)


@given(ANSWERS)
def test_no_answer_loses_what_the_rules_are_sure_of(told):
    items = filled_in(settle(POST, PostAnswer(tuple(told)), SEEN))
    assert spans_of(Findings(SURE)) <= spans_of(items)


def invented(count: int) -> PostAnswer:
    return PostAnswer(tuple(question(f"第{n}个不在帖子里的问题{n}") for n in range(count)))


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        (20, invented(10_000)),
        (5_000, PostAnswer(tuple(question(f"{n}. 讲讲第{n}种方案的原理") for n in range(10_000)))),
        (5_000, PostAnswer((question("讲讲第7种方案的原理"),) * 10_000)),
        (100, PostAnswer(tuple(question(f"第{n}种方案的原理"[: 3 + n % 6]) for n in range(5_000)))),
    ],
    ids=["all invented", "all there", "one over and over", "pieces"],
)
def test_ten_thousand_items_take_seconds(lines, answer):
    text = "\n".join(f"{n}. 讲讲第{n}种方案的原理" for n in range(lines))
    post = Post(text=text)
    seen = extract(post)
    began = time.process_time()
    settle(post, answer, seen)
    assert time.process_time() - began < 15


def overlap(one: tuple, other: tuple) -> float:
    common = min(one[2], other[2]) - max(one[1], other[1])
    together = max(one[2], other[2]) - min(one[1], other[1])
    return max(0, common) / together if one[0] == other[0] else 0.0


class Score:
    """Hits, false ones and misses so far; a span is a hit where it overlaps a gold one of its kind by half."""

    def __init__(self) -> None:
        self.hits = self.false = self.misses = 0

    def add(self, findings: Findings, gold: list[tuple], optional: list[tuple] = ()) -> None:
        told = spans_of(findings)
        self.misses += (missed := sum(all(overlap(one, label) < 0.5 for one in told) for label in gold))
        self.hits += len(gold) - missed
        self.false += sum(all(overlap(one, label) < 0.5 for label in (*gold, *optional)) for one in told)

    @property
    def f1(self) -> float:
        return 2 * self.hits / (2 * self.hits + self.false + self.misses)


SUBJECTS = (
    "RAG 的召回",
    "LoRA 的秩",
    "KV cache 的显存",
    "MoE 的路由",
    "位置编码的外推",
    "DPO 和 PPO",
    "量化误差",
    "Agent 的记忆",
)
FORMS = ("{}怎么优化？", "讲讲{}，有哪些坑？", "如何评估{}？", "{}为什么会影响效果？", "介绍一下{}的原理")


def invented_post(seed: int) -> tuple[str, list[tuple]]:
    """A post of a common form and what stands in it."""
    methods = [f"{SUBJECTS[(seed + n) % 8]}优化法" for n in range(3)]
    questions = [FORMS[(seed + n) % 5].format(SUBJECTS[(3 * seed + n) % 8]) for n in range(8)]
    advice_ = ["建议提前把八股过一遍", "一定要多练手撕"]
    text = f"{advice_[0]}。\n{advice_[1]}！\n【常用方法】\n" + "".join(f"✅ {one}\n" for one in methods)
    text += "【面试题】\n" + "".join(f"{n}. {one}\n" for n, one in enumerate(questions, 1)) + "#面经[话题]#"
    kinds = [("method", methods), ("question", questions), ("advice", advice_)]
    return text, [(kind, text.index(one), text.index(one) + len(one)) for kind, told in kinds for one in told]


class Told:
    """An oracle that knows the posts made here."""

    def read(self, shown: ShownPost) -> dict:
        told: dict = {"methods": [], "questions": [], "advice": []}
        for kind, start, end in GOLD[shown.text]:
            told["advice" if kind == "advice" else f"{kind}s"].append({"quote": shown.text[start:end]})
        return told


GOLD = dict(invented_post(seed) for seed in range(40))


def test_a_noisy_model_is_made_good():
    noisy, alone, checked = Noisy(Told()), Score(), Score()
    for text, gold in GOLD.items():
        told = answer_of(noisy, text)
        alone.add(filled_in(settle(Post(text=text), told, Findings())), gold)
        checked.add(filled_in(settle(Post(text=text), told, extract(Post(text=text)))), gold)
    assert min(noisy.done[name] for name in ("drop", "reword", "invent", "double", "misfile")) > 5
    assert alone.f1 < 0.9
    assert checked.f1 >= 0.98


def test_a_noisy_model_is_better_for_the_check_on_real_posts(corpus):
    rows = corpus("dev")
    noisy, alone, checked = Noisy(labelled(rows)), Score(), Score()
    for row in rows:
        labels = {True: [], False: []}
        for kind, name in (("method", "methods"), ("question", "questions"), ("advice", "advice")):
            for item in row[name]:
                labels[bool(item.get("optional"))].append((kind, item["start"], item["end"]))
        post, told = Post(text=row["text"], title=row["title"] or ""), answer_of(noisy, row["text"])
        alone.add(filled_in(settle(post, told, Findings())), labels[False], labels[True])
        checked.add(filled_in(settle(post, told, extract(post))), labels[False], labels[True])
    assert checked.f1 > alone.f1 + 0.04


def answer_of(noisy: Noisy, text: str) -> PostAnswer:
    told = noisy.read(ShownPost("p1", text))
    return read_answer(json.dumps({"posts": [{"id": "p1", **told}]}), None, ["p1"]).posts["p1"]


def test_what_overlaps_too_deeply_is_an_answer_that_loops_and_is_left_out():
    """A line, a part of it, a part of that…: each half of the one before."""
    nested = [Finding("question", 0, 1 << size) for size in range(9, 0, -1)]
    kept, gone = without_doubles(nested)
    assert kept == tuple(nested[:6])
    assert gone == 3
    beside = Finding("question", 600, 700)
    assert without_doubles([*nested, beside])[0] == (*nested[:6], beside)
