"""A guess of how many tokens a request's input takes, before it is counted: enough to pace by, no more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from langchain_core.messages import BaseMessage


# Gemini's tokens: about four letters of English, about one character of Chinese, and a fixed number for a small image.
_ASCII_CHARS_A_TOKEN = 4
_TOKENS_AN_IMAGE = 258


def input_tokens(messages: Iterable[BaseMessage]) -> int:
    return sum(_tokens(message.content) for message in messages)


def _tokens(content: Any) -> int:
    if isinstance(content, str):
        beyond_ascii = len(content) - len(content.encode("ascii", "ignore"))
        return beyond_ascii + (len(content) - beyond_ascii) // _ASCII_CHARS_A_TOKEN
    if isinstance(content, list):
        return sum(_tokens(part) for part in content)
    if isinstance(content, dict):
        text = content.get("text")
        return _tokens(text) if isinstance(text, str) else _TOKENS_AN_IMAGE
    return 0
