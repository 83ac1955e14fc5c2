"""What a budget holds back for a request is never less than the request can cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from langchain_core.messages import HumanMessage

from agent.gemini.ceiling import most_it_costs
from agent.ladder import ModelName
from agent.prices import Usage, price


FLASH = ModelName.parse("gemini-2.5-flash")
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}


def most(*content: Any, **settings: Any) -> Decimal:
    told = most_it_costs(FLASH, [HumanMessage(list(content))], output_tokens=100, settings=settings)
    assert told is not None
    return told


def cost(tokens: int) -> Decimal:
    told = price(FLASH, Usage(tokens, 100))
    assert told is not None
    return told


@pytest.mark.parametrize("text", ["a" * 999, "微" * 333, "\ud800" * 333])
def test_no_token_is_shorter_than_a_byte(text: str) -> None:
    assert most(text) >= cost(999)
    assert most({"type": "text", "text": text}) == most(text)


def test_each_part_and_each_picture_counts() -> None:
    assert most("a", IMAGE) - most("a") >= cost(2_240) - cost(0)
    assert most("a", IMAGE, IMAGE) - most("a", IMAGE) == most("a", IMAGE) - most("a")


def test_what_goes_along_counts_too() -> None:
    assert most("a", schema="x" * 5_000) - most("a") >= cost(5_000) - cost(0)


@pytest.mark.parametrize(("model", "tokens"), [("gemini-2.5-flash", None), ("ollama:of-nobody", 100)])
def test_what_nobody_knows_has_no_ceiling(model: str, tokens: int | None) -> None:
    assert most_it_costs(ModelName.parse(model), [HumanMessage("a")], output_tokens=tokens) is None
