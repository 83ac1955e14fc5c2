"""The real client at a twin: how tests make it, what they ask, and how they read its errors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from google import genai
from langchain_google_genai import ChatGoogleGenerativeAI

from tests.twin.server import Twin


FLASH = "gemini-2.5-flash"
Twins = Callable[..., Twin]
"""What the fixture `twin` is."""


def chat(twin: Twin, model: str = FLASH, *, key: str = "", **options: Any) -> ChatGoogleGenerativeAI:
    """LangChain's own chat model at this twin, with the first of its keys and no retries."""
    return ChatGoogleGenerativeAI(model=model, api_key=key or twin.keys[0], base_url=twin.url, max_retries=1, **options)


def sdk(twin: Twin, *, key: str = "") -> genai.Client:
    """Google's own client at this twin; a context manager."""
    return genai.Client(api_key=key or twin.keys[0], http_options={"base_url": twin.url})


@asynccontextmanager
async def closing(chat: ChatGoogleGenerativeAI) -> AsyncIterator[ChatGoogleGenerativeAI]:
    """Its async connections closed while their loop still runs: nobody else does it."""
    try:
        yield chat
    finally:
        if chat.client is not None:
            await chat.client.aio.aclose()


def fenced(*texts: str) -> str:
    """A user turn that shows these posts, as `p1`, `p2`, …"""
    return "\n\n".join(f'<post id="p{n}">\n{text}\n</post>' for n, text in enumerate(texts, 1))


def row(text: str, **items: list[str]) -> dict[str, Any]:
    """A labelled post: for each kind the quotes, at their first places in the text."""

    def spans(quotes: list[str]) -> list[dict[str, Any]]:
        return [{"quote": q, "start": text.index(q), "end": text.index(q) + len(q)} for q in quotes]

    return {"id": "r1", "text": text, **{kind: spans(quotes) for kind, quotes in items.items()}}


def failure(chat: ChatGoogleGenerativeAI, kind: type[BaseException], prompt: str = "hi") -> Any:
    """The parsed body of the error that the client raises."""
    with pytest.raises(kind) as raised:
        chat.invoke(prompt)
    cause: Any = raised.value.__cause__
    return cause.details


def violations(details: dict[str, Any]) -> list[dict[str, Any]]:
    """The limits that a 429 says are passed."""
    return next(one["violations"] for one in details["error"]["details"] if "violations" in one)


def retry_seconds(details: dict[str, Any]) -> int:
    """What RetryInfo says."""
    return next(int(one["retryDelay"][:-1]) for one in details["error"]["details"] if "retryDelay" in one)
