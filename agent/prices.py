"""What requests cost at list price: best effort, by genai-prices (extra `prices`). An unknown price is null, never 0, and never an error.

The list says what a paid project is asked; what a free tier, a discount or a tax makes of it is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib.util import find_spec
from typing import Any, Self

from agent.errors import MissingExtra, UsageError
from agent.ladder import ModelName


# As genai-prices calls LangChain's providers, where it calls them otherwise.
_PROVIDERS = {
    "gemini": "google",
    "azure_openai": "azure",
    "azure_ai": "azure",
    "bedrock": "aws",
    "bedrock_converse": "aws",
    "mistralai": "mistral",
    "xai": "x-ai",
}
# The Batch API's share of the list price.
_BATCH_SHARE = Decimal("0.5")
# Finer than a token of the cheapest model.
_FINEST = Decimal("1e-12")


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one request. Those read from the service's cache are among the input's."""

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0

    @classmethod
    def of(cls, told: Mapping[str, Any] | None) -> Self | None:
        """From LangChain's `usage_metadata`; null where the service did not tell."""
        if not told:
            return None
        cached = (told.get("input_token_details") or {}).get("cache_read") or 0
        return cls(told["input_tokens"], told["output_tokens"], min(cached, told["input_tokens"]))

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cached_tokens + other.cached_tokens,
        )


def price(model: ModelName, usage: Usage, *, batch: bool = False) -> Decimal | None:
    """US dollars at list price; null where it is not known. 0 only for what the list says is free, as Gemma at Google."""
    try:
        from genai_prices import Usage as Tokens
        from genai_prices import calc_price

        tokens = Tokens(
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cache_read_tokens=usage.cached_tokens,
        )
        found = calc_price(tokens, model.model, provider_id=_PROVIDERS.get(model.provider, model.provider))
    except Exception:  # noqa: BLE001  # no package, no such model, a usage that it cannot reckon with: all the same to a run
        return None
    if not model.is_gemini and not str(found.model_price):
        return None
    return (found.total_price * (_BATCH_SHARE if batch else 1)).quantize(_FINEST)


def require_prices(models: Iterable[ModelName]) -> None:
    """Raises `MissingExtra` where no price can be known, `UsageError` for a model whose price is not: a budget needs them."""
    if find_spec("genai_prices") is None:
        raise MissingExtra("--budget", "prices")
    unknown = [str(model) for model in models if price(model, Usage(1, 1)) is None]
    if unknown:
        raise UsageError(
            f"--budget: no price is known of {', '.join(unknown)}; leave it out of the ladder by --models, or leave the budget out"
        )


def dollars(amount: Decimal) -> str:
    """An amount for people: two digits behind the point, more where it is small. Example: 0.00123 -> `$0.0012`."""
    if amount == 0 or abs(amount) >= 1:
        return f"${amount:,.2f}"
    digits = max(2, 1 - amount.adjusted())
    return f"${amount:.{digits}f}"
