"""What a model had said when its client raised, in an answer's place, that it broke off: as OpenAI's does, and all that speak like it. Judges no error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from langchain_core.messages import AIMessage


def message_in(error: Exception) -> AIMessage | None:
    """The message in an error that holds the whole completion; null where it holds none."""
    completion: Any = getattr(error, "completion", None)
    choices = getattr(completion, "choices", None)
    said = choices[0].message.content if choices else None
    if not isinstance(said, str):
        return None
    from langchain_core.messages import AIMessage

    told = {"finish_reason": "length", "model_name": getattr(completion, "model", None)}
    return AIMessage(said, response_metadata=told, usage_metadata=_usage(getattr(completion, "usage", None)))


def _usage(used: Any) -> Any:
    if used is None:
        return None
    return {
        "input_tokens": used.prompt_tokens,
        "output_tokens": used.completion_tokens,
        "total_tokens": used.total_tokens,
    }
