"""What requests cost: best effort, null where nobody knows."""

from __future__ import annotations

import sys
from decimal import Decimal

import pytest

from agent.errors import MissingExtra, UsageError
from agent.ladder import ModelName
from agent.prices import Usage, dollars, price, require_prices


pytest.importorskip("genai_prices")
USED = Usage(input_tokens=1_000_000, output_tokens=1_000_000)


def of(name: str, usage: Usage = USED, **more) -> Decimal | None:
    return price(ModelName.parse(name), usage, **more)


def test_a_request_costs_by_its_tokens_in_and_out():
    assert of("gemini-2.5-flash-lite") == Decimal("0.10") + Decimal("0.40")
    assert of("deepseek:deepseek-chat") > 0


def test_cached_tokens_are_cheaper():
    cached = Usage(1_000_000, 1_000_000, cached_tokens=900_000)
    assert of("gemini-2.5-flash-lite", cached) < of("gemini-2.5-flash-lite")


def test_the_batch_api_takes_half():
    assert of("gemini-2.5-flash", batch=True) * 2 == of("gemini-2.5-flash")


@pytest.mark.parametrize("name", ["gemini-0-none", "ollama:qwen3", "nobody:nothing", "openai:no-such-model"])
def test_an_unknown_price_is_null(name):
    assert of(name) is None


def test_a_usage_that_makes_no_sense_is_null_and_no_error():
    assert of("gemini-2.5-flash", Usage(-5, 1)) is None


def test_without_the_package_every_price_is_null(monkeypatch):
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    assert of("gemini-2.5-flash") is None


def test_what_the_list_says_is_free_costs_nothing():
    assert of("gemma-4-31b-it") == 0


def test_a_budget_needs_the_price_of_every_model():
    require_prices([ModelName.parse("gemini-2.5-flash"), ModelName.parse("gemma-4-31b-it")])
    with pytest.raises(UsageError, match="ollama:qwen3"):
        require_prices([ModelName.parse("gemini-2.5-flash"), ModelName.parse("ollama:qwen3")])


def test_a_budget_needs_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    with pytest.raises(MissingExtra, match=r"mianjing\[prices\]"):
        require_prices([])


def test_usage_is_read_from_what_langchain_tells():
    told = {"input_tokens": 9, "output_tokens": 4, "total_tokens": 13, "input_token_details": {"cache_read": 5}}
    assert Usage.of(told) == Usage(9, 4, 5)
    assert Usage.of({"input_tokens": 9, "output_tokens": 4, "total_tokens": 13}) == Usage(9, 4)
    assert Usage.of(None) is None


@pytest.mark.parametrize(
    ("amount", "told"),
    [("0", "$0.00"), ("0.00123", "$0.0012"), ("0.5", "$0.50"), ("0.025", "$0.025"), ("1234.5", "$1,234.50")],
)
def test_dollars_for_people(amount, told):
    assert dollars(Decimal(amount)) == told
