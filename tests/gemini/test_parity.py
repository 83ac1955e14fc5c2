"""What the pool sends is what the bare `ChatGoogleGenerativeAI` sends: tools, streaming, images, structured output."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from pydantic import BaseModel, Field

from tests.gemini.bench import pool
from tests.twin import Twin
from tests.twin.client import Twins, chat


PIXEL = base64.b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
    )
).decode()


class Found(BaseModel):
    """What a post holds."""

    questions: list[str] = Field(description="copied from the post")
    company: str | None = None


@tool
def look_up(city: str, days: int = 1) -> str:
    """The weather of a city."""
    return f"{city} {days}"


CALL = {"name": "look_up", "args": {"city": "北京"}, "id": "1"}
CONVERSATION = [
    SystemMessage("Be brief."),
    HumanMessage("Is it warm?"),
    AIMessage("", tool_calls=[CALL]),
    ToolMessage("warm", tool_call_id="1"),
]
IMAGE = HumanMessage(
    [{"type": "text", "text": "What is it?"}, {"type": "image", "base64": PIXEL, "mime_type": "image/png"}]
)


async def asked_async(model: Any) -> None:
    await model.ainvoke("hi")
    if model.client is not None:
        # The bare model's connections are closed by nobody else.
        await model.client.aio.aclose()


ASKED: dict[str, Callable[[BaseChatModel], Any]] = {
    "a text": lambda model: model.invoke("面经"),
    "a system message": lambda model: model.invoke([SystemMessage("Be brief."), HumanMessage("hi")]),
    "stop words": lambda model: model.invoke("hi", stop=["."]),
    "tools": lambda model: model.bind_tools([look_up]).invoke("hi"),
    "a tool that must be called": lambda model: model.bind_tools([look_up], tool_choice="look_up").invoke("hi"),
    "a tool's answer": lambda model: model.bind_tools([look_up]).invoke(CONVERSATION),
    "an image": lambda model: model.invoke([IMAGE]),
    "structured output": lambda model: model.with_structured_output(
        Found, method="json_schema", include_raw=True
    ).invoke("hi"),
    "structured output by a tool": lambda model: model.with_structured_output(
        Found, method="function_calling", include_raw=True
    ).invoke("hi"),
    "a stream": lambda model: list(model.stream("hi")),
    "an async call": lambda model: asyncio.run(asked_async(model)),
    "a batch": lambda model: model.batch(["one"]),
    "settings of the call": lambda model: model.invoke("hi", generation_config={"temperature": 0.3, "seed": 7}),
}
SETTINGS: dict[str, dict[str, Any]] = {
    "no settings": {},
    "settings": {
        "temperature": 0.2,
        "top_p": 0.9,
        "top_k": 5,
        "max_output_tokens": 99,
        "thinking_budget": 0,
        "seed": 3,
    },
    "aliases of settings": {"max_tokens": 99, "candidate_count": 1},
}


def sent(served: Twin, model: BaseChatModel, ask: Callable[[BaseChatModel], Any]) -> tuple[str, Any]:
    before = len(served.generated)
    ask(model)
    (seen,) = served.generated[before:]
    return seen.method, seen.body


CASES = [
    *((name, "settings", ask) for name in ("gemini-2.5-flash", "gemini-3.8-flash") for ask in ASKED),
    *((name, settings, "a text") for name in ("gemini-2.5-flash", "gemini-3.8-flash") for settings in SETTINGS),
]


@pytest.mark.parametrize(("name", "settings", "ask"), CASES)
def test_the_same_is_sent(name: str, settings: str, ask: str, twin: Twins, tmp_path: Path) -> None:
    served = twin(oracle=lambda _: {"questions": ["?"]})
    bare = chat(served, name, timeout=120, **SETTINGS[settings])
    try:
        assert sent(served, pool(served, tmp_path, name, **SETTINGS[settings]), ASKED[ask]) == sent(
            served, bare, ASKED[ask]
        )
    finally:
        assert bare.client
        bare.client.close()
