"""An answer as the API words it: candidates, usage, limits, and the pieces of a stream."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.twin.asked import Answer


_IMAGE_TOKENS = 258
_PIECE = 240
EVENTS = "text/event-stream"


def tokens_of(text: str) -> int:
    """An estimate: four ASCII characters, or one and a half others, to a token."""
    ascii_ = len(text.encode("ascii", "ignore"))
    return -(-(ascii_ + (len(text) - ascii_) * 8 // 3) // 4)


def prompt_tokens(body: Mapping[str, Any]) -> int:
    """All that is sent but the schema."""
    turns = [*(body.get("contents") or ()), body.get("systemInstruction") or {}]
    parts = [part for turn in turns for part in turn.get("parts", ())]
    images = sum("inlineData" in part or "inline_data" in part for part in parts)
    tools = tokens_of(json.dumps(body["tools"])) if body.get("tools") else 0
    return sum(tokens_of(part.get("text", "")) for part in parts) + images * _IMAGE_TOKENS + tools


def cut_to(text: str, tokens: int) -> str:
    """The longest beginning of at most so many tokens."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if tokens_of(text[:middle]) <= tokens else (low, middle - 1)
    return text[:low]


@dataclass(frozen=True, slots=True)
class Usage:
    """What goes into `usageMetadata`."""

    prompt: int
    output: int = 0
    thoughts: int = 0
    cached: int = 0

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {"promptTokenCount": self.prompt}
        if self.output:
            told["candidatesTokenCount"] = self.output
        if self.thoughts:
            told["thoughtsTokenCount"] = self.thoughts
        if self.cached:
            told["cachedContentTokenCount"] = self.cached
        told["totalTokenCount"] = self.prompt + self.output + self.thoughts
        return told


@dataclass(frozen=True, slots=True)
class Wording:
    """One answer ready to be sent."""

    response: dict[str, Any]
    usage: Usage
    cut: bool = False

    def pieces(self) -> list[dict[str, Any]]:
        """The same in the pieces of a stream."""
        return _split(self.response)


def as_events(pieces: Iterable[Any]) -> list[bytes]:
    """What `alt=sse` sends, an event for each piece."""
    dumped = (json.dumps(piece, ensure_ascii=False).encode("utf-8", "replace") for piece in pieces)
    return [b"data: " + piece + b"\r\n\r\n" for piece in dumped]


def word(answer: Answer, *, prompt: int, cached: int, limit: int, version: str, response_id: str) -> Wording:
    """The response body. `limit` is in output tokens, thoughts among them."""
    about = {"modelVersion": version, "responseId": response_id}
    if answer.block:
        usage = Usage(prompt)
        return Wording(
            {"promptFeedback": {"blockReason": answer.block}, "usageMetadata": usage.as_json(), **about}, usage
        )
    room = max(0, limit - answer.thoughts)
    text = cut_to(answer.text, room)
    cut = len(text) < len(answer.text)
    usage = Usage(prompt, tokens_of(text), min(answer.thoughts, limit), cached)
    candidate: dict[str, Any] = {"content": _content(text, answer), "index": 0}
    if finish := "MAX_TOKENS" if cut else answer.finish:
        candidate["finishReason"] = finish
    response = {"candidates": [candidate] if answer.finish else [], "usageMetadata": usage.as_json(), **about}
    return Wording(response, usage, cut)


def _content(text: str, answer: Answer) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"text": text}] if text else []
    parts += [{"functionCall": dict(call)} for call in answer.calls]
    return {"parts": parts, "role": "model"} if parts else {"role": "model"}


def _split(response: Mapping[str, Any]) -> list[dict[str, Any]]:
    candidates = response.get("candidates") or []
    parts = candidates[0]["content"].get("parts", []) if candidates else []
    if len(parts) != 1 or "text" not in parts[0]:
        return [dict(response)]
    text = parts[0]["text"]
    texts = [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)]
    pieces = [
        {**response, "candidates": [{"content": {"parts": [{"text": part}], "role": "model"}, "index": 0}]}
        for part in texts
    ]
    for piece in pieces[:-1]:
        piece["usageMetadata"] = {"promptTokenCount": response["usageMetadata"]["promptTokenCount"]}
    pieces[-1]["candidates"] = [{**candidates[0], "content": pieces[-1]["candidates"][0]["content"]}]
    return pieces
