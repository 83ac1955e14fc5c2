"""What is asked of a model, parsed, and what it answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


_FENCE = re.compile(r'<post id="([^"]*)">\n?(.*?)\n?</post>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class ShownPost:
    """A post as the model sees it in its fence."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One generate request. `n` counts them from 1 in the order of their coming."""

    n: int
    model: str
    key: str
    project: str
    body: Mapping[str, Any]
    posts: tuple[ShownPost, ...]
    stream: bool = False

    @property
    def user_text(self) -> str:
        return last_user_text(self.body)

    @property
    def schema(self) -> Mapping[str, Any] | None:
        config = self.body.get("generationConfig") or {}
        return config.get("responseJsonSchema") or config.get("responseSchema")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model says. `finish` None: no candidate at all. `block`: the prompt was refused for this reason."""

    text: str = ""
    finish: str | None = "STOP"
    calls: tuple[Mapping[str, Any], ...] = ()
    block: str | None = None
    thoughts: int = 0


Oracle = Callable[[Asked], "Answer | str | Mapping[str, Any]"]


def as_answer(said: Answer | str | Mapping[str, Any]) -> Answer:
    """A mapping is sent as JSON, a string as it is."""
    if isinstance(said, Answer):
        return said
    return Answer(said if isinstance(said, str) else json.dumps(said, ensure_ascii=False))


def last_user_text(body: Mapping[str, Any]) -> str:
    turns = [turn for turn in body.get("contents") or () if turn.get("role", "user") == "user"]
    return "\n".join(part.get("text", "") for part in turns[-1].get("parts", ())) if turns else ""


def shown_posts(body: Mapping[str, Any]) -> tuple[ShownPost, ...]:
    """The posts in the last user turn."""
    return tuple(ShownPost(*found) for found in _FENCE.findall(last_user_text(body)))
