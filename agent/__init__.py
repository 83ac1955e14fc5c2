"""mianjing: reads interview-experience posts (面经) into methods, questions and advice, each grounded in the post. Nothing heavy is loaded before it is used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from agent.extractor import Extractor
    from agent.gemini.chat import ChatGeminiPool
    from agent.gemini.keys import KeyManager
    from agent.outputs import export
    from agent.records import Post, Record

__all__ = ["ChatGeminiPool", "Extractor", "KeyManager", "Post", "Record", "export"]

# Loaded when first asked for: the Google client alone takes most of a second, and the rules need none of it.
_HOMES = {
    "ChatGeminiPool": "agent.gemini.chat",
    "Extractor": "agent.extractor",
    "KeyManager": "agent.gemini.keys",
    "Post": "agent.records",
    "Record": "agent.records",
    "export": "agent.outputs",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'agent' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
