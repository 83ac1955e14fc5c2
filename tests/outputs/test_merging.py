"""Which questions are merged: what means the same, and never what does not; measured on pairs labelled by reading them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from agent.outputs.merging import merged
from agent.outputs.nearness import are_near, near_groups
from agent.outputs.wording import worded
from tests.outputs.test_json_text import ANY_TEXT


SAME = [
    ("什么是LoRA", "请说说什么是 lora 吗？"),
    ("什么是LoRA", "ＬｏＲＡ是什么呢"),
    ("讲一下Spring Boot自动装配的原理", "SpringBoot 自动装配的底层原理是什么？"),
    ("TCP和UDP的区别", "UDP 与 TCP 有什么不同"),
    ("为什么用Redis", "使用Redis的原因"),
    ("如何设计秒杀系统", "秒杀系统怎么设计？"),
    ("缓存穿透怎么解决", "缓存穿透的解决方案"),
    ("进程间通讯方式", "进程之间有哪些通信方式"),
    ("一面：介绍一下布隆过滤器", "布隆过滤器了解吗（没答上来）"),
    ("synchronized锁升级", "sychronized 锁升级"),
    ("如果线上服务突然出现大量超时报警你会怎样一步一步排查", "如果线上服务突然出现大量超时报告你会怎样一步一步排查"),
    ("What is LoRA?", "Could you please explain LoRA"),
    ("Kafka vs RabbitMQ", "RabbitMQ和Kafka的区别"),
]
OTHER = [
    ("什么是LoRA", "什么是QLoRA"),
    ("TCP和UDP的区别", "TCP的区别"),
    ("MySQL索引", "Redis索引"),
    ("2面问了什么", "3面问了什么"),
    ("为什么用Redis", "为什么不用Redis"),
    ("HashMap是线程安全的吗", "HashMap为什么不是线程安全的"),
    ("HashMap的原理", "HashMap的扩容"),
    ("HTTP", "HTTPS"),
    ("B树", "B+树"),
    ("C和C++的区别", "C++和C#的区别"),
    ("#{}怎么用", "${}怎么用"),
    ("用栈实现队列", "用队列实现栈"),
    ("进程怎么通信", "线程怎么通信"),
    ("HTTP 1.0和1.1的区别", "HTTP 1.1和2.0的区别"),
    ("synchronized的原理和volatile的作用", "volatile的原理和synchronized的作用"),
    ("什么是死锁？怎么避免", "怎么避免死锁"),
    ("请求上下文的context怎么传递下去的", "请求上下文的content怎么传递下去的"),
    ("在高并发系统里面线程之间有哪些通信和同步的办法", "在高并发系统里面进程之间有哪些通信和同步的办法"),
    ("如果系统要支持一千万用户同时在线你会怎么设计", "如果系统要支持两千万用户同时在线你会怎么设计"),
    ("Nginx怎么代理http请求到后端集群", "Nginx怎么代理https请求到后端集群"),
    ("有什么区别？", "为什么？"),
]
LABELLED = Path(__file__).parent / "merging_pairs.jsonl"


def are_merged(first: str, second: str) -> bool:
    groups = merged([first, second])
    return groups[first] == groups[second]


@pytest.mark.parametrize(("first", "second"), SAME)
def test_the_same_question_is_merged(first: str, second: str) -> None:
    assert are_merged(first, second)


@pytest.mark.parametrize(("first", "second"), OTHER)
def test_another_question_is_not(first: str, second: str) -> None:
    assert not are_merged(first, second)


def test_a_question_that_names_nothing_is_merged_with_its_like_alone() -> None:
    groups = merged(["有什么区别？", "有什么区别", "有什么不同？", "原理呢"])
    assert groups["有什么区别？"] == groups["有什么区别"]
    assert len(set(groups.values())) == 3


@dataclass
class Score:
    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed)


def test_merging_on_labelled_pairs(
    corpus: Callable[[str], list[dict[str, Any]]], record_property: Callable[[str, object], None]
) -> None:
    """On the half of the pairs that chose no threshold; the other half chose `CHARS_AN_EDIT`."""
    texts = {row["id"]: row["text"] for row in corpus("unlabelled")}
    score = Score()
    for line in LABELLED.read_text(encoding="utf-8").splitlines():
        pair = json.loads(line)
        if pair["half"] == "report":
            said = are_merged(*(texts[side["id"]][side["start"] : side["end"]] for side in (pair["a"], pair["b"])))
            score.right += said and pair["same"]
            score.wrong += said and not pair["same"]
            score.missed += pair["same"] and not said
    record_property("merging", f"precision {score.precision:.3f}, recall {score.recall:.3f}")
    assert score.precision >= 0.95
    assert score.recall >= 0.75


@settings(deadline=None)
@given(st.lists(ANY_TEXT, max_size=12), st.randoms(use_true_random=False))
def test_the_same_texts_fall_together_in_any_order(texts: list[str], random: Any) -> None:
    groups = merged(texts)
    random.shuffle(texts)
    assert merged(texts) == groups
    assert set(groups) == set(texts)


@settings(deadline=None)
@given(ANY_TEXT)
def test_case_and_width_of_letters_make_no_difference(text: str) -> None:
    wide = text.translate({code: code + 0xFEE0 for code in (*range(0x41, 0x5B), *range(0x61, 0x7B))})
    assert worded(wide) == worded(text)
    assert worded(text.replace("A", "a")) == worded(text)


WORDINGS = st.text("甲乙丙丁不1 abcd", min_size=12, max_size=44)


@settings(deadline=None)
@given(st.sets(WORDINGS, max_size=6), st.data())
def test_every_near_pair_falls_together_and_nothing_else(wordings: set[str], data: st.DataObject) -> None:
    for wording in sorted(wordings):
        at = data.draw(st.integers(0, len(wording) - 1))
        wordings.add(wording[:at] + data.draw(st.sampled_from(["", "戊", "戊己", "2"])) + wording[at + 1 :])
    ordered = sorted(wordings)
    expected = list(range(len(ordered)))
    for second, wording in enumerate(ordered):
        for first in range(second):
            if are_near(ordered[first], wording):
                low, high = sorted((expected[first], expected[second]))
                expected = [low if name == high else name for name in expected]
    assert near_groups(ordered) == expected


@pytest.mark.parametrize(
    ("family", "groups"),
    [
        ("线上第{}号集群的检索服务为什么要做分片怎么保证一致", 4_000),
        ("如何评估{1}号院系统在线上场景里的召回效果和成本", 1),
    ],
    ids=["none near", "all near"],
)
def test_a_family_of_thousands_is_not_compared_each_with_each(family: str, groups: int) -> None:
    questions = [family.format(number, chr(0x3400 + number)) for number in range(4_000)]
    began = time.process_time()
    assert len(set(merged(questions).values())) == groups
    assert time.process_time() - began < 0.7


@settings(deadline=None)
@given(WORDINGS, WORDINGS)
def test_near_is_near_from_both_sides_and_never_far(first: str, second: str) -> None:
    if are_near(first, second):
        assert Levenshtein.distance(first, second) <= max(len(first) // 14, 1)
