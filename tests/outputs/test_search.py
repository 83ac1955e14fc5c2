"""The search in the bank: words in any order, Chinese without spaces, the rare word before the common one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.outputs.bank import build
from agent.outputs.search import BankSearch
from tests.outputs.samples import asked


BANK = build(
    [
        asked(
            "LoRA 的原理是什么？",
            "QLoRA 为什么省显存？",
            "微调之后通用能力为什么变差？",
            "如何评估 RAG 的召回？",
            "storage 引擎有哪些？",
            "C++ 的虚函数表在哪里？",
            "乐观锁和悲观锁怎么选？",
            "ＲＡＧ 怎么做权限？",
            company="Cloud 云图",
            topic="大模型",
        )
    ]
)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("lora", ["LoRA 的原理是什么？"]),
        ("原理 LoRA", ["LoRA 的原理是什么？"]),
        ("rag", ["ＲＡＧ 怎么做权限？", "如何评估 RAG 的召回？"]),
        ("RAG召回", ["如何评估 RAG 的召回？"]),
        ("召回怎么评估", ["如何评估 RAG 的召回？"]),
        ("微调", ["微调之后通用能力为什么变差？"]),
        ("锁", ["乐观锁和悲观锁怎么选？"]),
        ("c++", ["C++ 的虚函数表在哪里？"]),
        ("c", []),
        ("kubernetes", []),
        ("？！", []),
    ],
)
def test_what_a_query_finds(query: str, found: list[str]) -> None:
    assert sorted(entry.text for entry in BankSearch(BANK).find(query)) == sorted(found)


def test_the_nearest_comes_first() -> None:
    found = [entry.text for entry in BankSearch(BANK).find("RAG 的权限")]
    assert found[0] == "ＲＡＧ 怎么做权限？"


@pytest.mark.parametrize(
    ("filters", "count"),
    [({"topic": "模型"}, 8), ({"topic": "操作系统"}, 0), ({"company": "cloud"}, 8), ({"company": "海带"}, 0), ({}, 8)],
)
def test_filters_stand_inside_a_name(filters: dict[str, str], count: int) -> None:
    assert len(BankSearch(BANK).find(**filters)) == count


@settings(deadline=None)
@given(st.text(), st.text(max_size=3))
def test_any_query_finds_some_of_the_bank_each_once(query: str, topic: str) -> None:
    found = [entry.id for entry in BankSearch(BANK).find(query, topic=topic)]
    assert len(found) == len(set(found))
    assert set(found) <= {entry.id for entry in BANK.entries}


def test_every_question_finds_itself() -> None:
    search = BankSearch(BANK)
    for entry in BANK.entries:
        assert search.find(entry.text)[0] == entry


def test_an_empty_bank_finds_nothing() -> None:
    assert BankSearch(build([])).find() == []
