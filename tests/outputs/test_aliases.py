"""What posts call by many names goes by one in lists and plots, by a table that holds no name twice; records stay as they are."""

from __future__ import annotations

import tomllib

import pytest

from agent.outputs.aliases import _folded, company_name, round_name
from agent.outputs.bank import build
from agent.outputs.search import BankSearch
from agent.resources import data_file
from tests.outputs.samples import asked


TABLE: dict[str, dict[str, list[str]]] = tomllib.loads(data_file("aliases.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("told", ["字节", "字节跳动", "ByteDance", "bytedance", "Ｂｙｔｅ Ｄａｎｃｅ"])
def test_a_company_goes_by_one_name(told: str) -> None:
    assert company_name(told) == "字节跳动"


@pytest.mark.parametrize("told", ["一面", "一 面", "1面", "1 面", "第一轮", "First round", "Round 1", "round1"])
def test_a_round_goes_by_one_name(told: str) -> None:
    assert round_name(told) == "一面"


@pytest.mark.parametrize("told", ["南京某中厂", "Acme Cloud", "阿里云", "", None])
def test_what_the_table_does_not_know_stays_as_it_is_told(told: str | None) -> None:
    assert company_name(told) == told
    assert round_name(told) == told


@pytest.mark.parametrize("name", TABLE)
def test_no_name_is_two_things(name: str) -> None:
    told = [_folded(one) for group, others in TABLE[name].items() for one in (group, *others)]
    assert sorted(told) == sorted(set(told))


def test_the_bank_lists_each_company_and_round_once_and_quotes_what_was_told() -> None:
    records = [
        asked("什么是 LoRA？", post="a", company="字节", round="1面"),
        asked("什么是 LoRA？", post="b", company="ByteDance", round="First round"),
    ]
    for bank in (build(records), build(records[1:], into=build(records[:1]))):
        (entry,) = bank.entries
        assert (entry.companies, entry.rounds) == (["字节跳动"], ["一面"])
        assert [(one.company, one.round) for one in entry.posts] == [("字节", "1面"), ("ByteDance", "First round")]


@pytest.mark.parametrize(
    "asked_for",
    [{"company": "bytedance"}, {"company": "字节"}, {"query": "ByteDance"}, {"query": "字节跳动"}, {"query": "First"}],
)
def test_a_search_finds_by_every_name(asked_for: dict[str, str]) -> None:
    bank = build([asked("什么是 LoRA？", company="ByteDance", round="First round"), asked("什么是 B 树？", post="q")])
    assert [entry.text for entry in BankSearch(bank).find(**asked_for)] == ["什么是 LoRA？"]
