"""The ladder of models by name: which are asked, in which order. Makes no model and asks nothing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from agent.errors import UsageError
from agent.resources import data_file


RULES = "rules"
GEMINI = "gemini"
_GEMINI_PROVIDERS = {GEMINI, "google_genai", "google-genai"}


@dataclass(frozen=True, slots=True)
class ModelName:
    """One rung's name: `gemini-2.5-flash`, or `provider:model` for any other LangChain chat model."""

    provider: str
    model: str

    @classmethod
    def parse(cls, text: str) -> ModelName:
        """Read a name as people write it. Raises `UsageError` where a part is empty."""
        provider, colon, model = text.strip().partition(":")
        if not colon:
            provider, model = GEMINI, provider
        if provider in _GEMINI_PROVIDERS:
            provider, model = GEMINI, model.removeprefix("models/")
        if not provider or not model:
            raise UsageError(f"'{text}' is no model name; write gemini-2.5-flash, or provider:model as in ollama:qwen3")
        return cls(provider, model)

    @property
    def is_gemini(self) -> bool:
        return self.provider == GEMINI

    def __str__(self) -> str:
        return self.model if self.is_gemini else f"{self.provider}:{self.model}"


def ladder(models: str | Sequence[str] | None = None) -> tuple[ModelName, ...]:
    """The models to ask, in order: those given, else `MIANJING_MODELS`, else the default. `rules` is left out, being always last."""
    if models is None:
        models = os.environ.get("MIANJING_MODELS") or default_ladder()
    names = models.split(",") if isinstance(models, str) else models
    wanted = dict.fromkeys(name.strip() for name in names if name.strip())
    if not wanted:
        raise UsageError("the ladder of models is empty; name at least one model, or 'rules'")
    wanted.pop(RULES, None)
    return tuple(dict.fromkeys(map(ModelName.parse, wanted)))


def default_ladder() -> list[str]:
    import tomllib

    names: list[str] = tomllib.loads(data_file("models.toml").read_text(encoding="utf-8"))["ladder"]
    return names
