"""The most that a request can cost, before it is sent: what a budget holds back for it. Counts on the safe side, and not closely."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from agent.gemini.sizes import tokens_of
from agent.ladder import ModelName
from agent.prices import Usage, price


if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

# What the service may add of its own: roles, turns, the words around a schema.
_ANY_REQUEST, _A_PART = 200, 20
# A Gemini takes no more for an image in any detail; an older one takes 258 a tile, which `sizes` counts.
_AN_IMAGE = 2_240


def most_it_costs(
    model: ModelName,
    messages: Iterable[BaseMessage],
    *,
    output_tokens: int | None,
    settings: Mapping[str, Any] | None = None,
) -> Decimal | None:
    """US dollars; null where the model's price, or the length of its longest answer, is not known.

    `settings` go along with the messages: a schema, tools.
    """
    if output_tokens is None:
        return None
    beside = sum(_bytes(str(value)) for value in (settings or {}).values())
    inputs = _ANY_REQUEST + beside + sum(_tokens(message.content) for message in messages)
    return price(model, Usage(inputs, output_tokens))


def _tokens(content: Any) -> int:
    if isinstance(content, str):
        return _A_PART + _bytes(content)
    if isinstance(content, list):
        return sum(_tokens(part) for part in content)
    if isinstance(content, Mapping) and isinstance(content.get("text"), str):
        return _tokens(content["text"])
    return _A_PART + max(_AN_IMAGE, tokens_of(content))


def _bytes(text: str) -> int:
    """No token is shorter than a byte."""
    return len(text.encode("utf-8", "surrogatepass"))
