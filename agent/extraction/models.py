"""Makes the chat model of a rung, with sampling and thinking set on purpose. Asks none. Heavy: imports LangChain when called."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from agent.errors import UsageError
from agent.ladder import ModelName


if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from agent.gemini.keys import KeyManager

# Enough for some 400 items, and a bound on an answer that loops. Every Gemini model of the ladder can give more.
MAX_OUTPUT_TOKENS = 32_768
LONGEST_CALL = 600.0
"""Seconds that another provider's model may take for one answer; a large one at home is slow."""


def chat_model(name: ModelName, *, keys: KeyManager, base_url: str | None = None) -> BaseChatModel:
    """The chat model of one rung. Raises `UsageError` for an unknown provider or one whose package is absent."""
    if not name.is_gemini:
        return _of_another_provider(name)
    from agent.gemini.chat import ChatGeminiPool

    return ChatGeminiPool(model=name.model, keys=keys, base_url=base_url, **gemini_settings(name.model))


def gemini_settings(model: str) -> dict[str, Any]:
    """What a Gemini model is asked with, beside the messages."""
    return {"max_output_tokens": MAX_OUTPUT_TOKENS, **_sampling(model)}


def speaks_json_schema(name: ModelName) -> bool:
    """Whether the model takes a schema for its answer; Gemma, served by Gemini's API, is asked in the prompt alone."""
    return not (name.is_gemini and name.model.startswith("gemma"))


def sees_pictures(name: ModelName, model: BaseChatModel) -> bool:
    """Whether the model takes pictures, by what LangChain knows of it; one that nobody knows takes none, unless it is a Gemini."""
    return bool((model.profile or {}).get("image_inputs", name.model.startswith("gemini")))


def _sampling(model: str) -> dict[str, Any]:
    """Copying needs no chance and no thought; but Gemini 3 and later loop when cooled below their own default."""
    version = re.match(r"gemini-(\d+)", model)
    if model.startswith("gemma"):
        return {"temperature": 0.0}
    if version and version[1] == "2":
        return {"temperature": 0.0, "thinking_budget": 128 if "pro" in model else 0}
    return {"reasoning_effort": "low" if "pro" in model else "minimal"}


def _of_another_provider(name: ModelName) -> BaseChatModel:
    from langchain.chat_models import init_chat_model

    try:
        return init_chat_model(
            name.model, model_provider=name.provider, temperature=0.0, max_retries=0, timeout=LONGEST_CALL
        )
    except ImportError as error:
        raise UsageError(f"{name}: {error}") from None
    except ValueError as error:
        raise UsageError(
            f"'{name}': {str(error).splitlines()[0]} A bare name such as gemini-2.5-flash is a Gemini model."
        ) from None
