"""The models that the twin serves: which live, which are gone, and by which bucket they are counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Model:
    """One model id."""

    name: str
    bucket: str = ""
    """The name that its quota is counted under; its own where empty."""
    version: str = ""
    """What an answer calls itself; an alias answers with another model's name."""
    gone: Literal["", "retired", "closed"] = ""
    """`retired` is 404 for everybody, `closed` 404 for projects not in `open_to` ("no longer available to new users")."""
    open_to: tuple[str, ...] = ()
    successor: str = "gemini-3.8-flash"
    listed: bool = True
    generates: bool = True
    input_limit: int = 1_048_576
    output_limit: int = 65_536
    takes_system: bool = True
    takes_schema: bool = True
    thinks: Literal["no", "may", "must"] = "may"
    """Whether a thinking budget is refused, free to choose, or must not be 0."""

    @property
    def counted_as(self) -> str:
        return self.bucket or self.name

    @property
    def answers_as(self) -> str:
        return self.version or self.name

    def card(self) -> dict[str, Any]:
        """Its entry in the model list."""
        methods = ["generateContent", "countTokens", "batchGenerateContent"] if self.generates else ["embedContent"]
        return {
            "name": f"models/{self.name}",
            "version": "001",
            "displayName": self.name.replace("-", " ").title(),
            "inputTokenLimit": self.input_limit,
            "outputTokenLimit": self.output_limit,
            "supportedGenerationMethods": methods,
        }


DEFAULT_MODELS = (
    Model("gemini-3.8-flash"),
    Model("gemini-3.5-flash"),
    Model("gemini-3.5-flash-lite"),
    Model("gemini-3.1-pro-preview", bucket="gemini-3.1-pro", thinks="must"),
    Model("gemini-3.1-flash-lite"),
    Model("gemini-2.5-pro", thinks="must"),
    Model("gemini-2.5-flash"),
    Model("gemini-2.5-flash-lite"),
    Model("gemini-flash-latest", bucket="gemini-3.8-flash", version="gemini-3.8-flash"),
    Model("gemini-flash-lite-latest", bucket="gemini-3.5-flash-lite", version="gemini-3.5-flash-lite"),
    Model("gemma-4-31b-it", takes_schema=False, output_limit=8_192),
    Model("gemma-3-27b-it", takes_system=False, takes_schema=False, thinks="no", output_limit=8_192),
    Model("gemini-2.0-flash", gone="retired"),
    Model("gemini-1.5-flash", gone="retired", listed=False),
    Model("gemini-embedding-2", generates=False),
)
"""What is served where a test names no models: the default ladder, aliases, a retired one that is still listed, one that is not."""


def catalogue(models: Iterable[Model | str] | None) -> dict[str, Model]:
    """By name. A bare name is a live model with nothing special, or the default's entry of that name."""
    defaults = {model.name: model for model in DEFAULT_MODELS}
    if models is None:
        return defaults
    named = (defaults.get(model, Model(model)) if isinstance(model, str) else model for model in models)
    return {model.name: model for model in named}
