"""A key is found nowhere but in its owner's own store: not in errors, logs at any level, traces, pickles, state or reprs."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.load import dumpd, dumps
from langchain_core.tracers import BaseTracer
from langchain_core.tracers.schemas import Run
from pydantic import BaseModel

from agent.errors import RungUnavailable
from agent.gemini.chat import ChatGeminiPool
from agent.gemini.keys import KeyManager
from tests.gemini.bench import MODEL, pool
from tests.twin import fake_key
from tests.twin.client import Twins


KEYS = [fake_key(1), fake_key(2, "AQ")]
KINDS = [
    None,
    "403_consumer_suspended",
    "400_api_key_invalid",
    "429_rpd_free_void557",
    "404_model_unknown",
    "400_location",
    "400_bare_invalid_argument",
    "503",
    "html",
    "drop",
    "garbage",
    "redirect",
]


class Tracer(BaseTracer):
    """Keeps what LangSmith would be sent."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[str] = []

    def _persist_run(self, run: Run) -> None:
        self.kept.append(run.model_dump_json())
        self.kept.append(repr(run))


class Everything(BaseCallbackHandler):
    """Keeps whatever a callback is told."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def on_chat_model_start(self, *args: Any, **kwargs: Any) -> None:
        self.kept.append(repr((args, kwargs)))

    def on_llm_end(self, *args: Any, **kwargs: Any) -> None:
        self.kept.append(repr((args, kwargs)))

    def on_llm_error(self, error: BaseException, **kwargs: Any) -> None:
        self.kept.append(repr((error, kwargs)))


def chain_of(error: BaseException | None) -> Iterator[str]:
    """Everything that an exception and those behind it say, the locals of their frames too."""
    while error is not None:
        yield repr(error)
        yield str(error)
        yield repr(vars(error))
        yield "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
        error = error.__cause__ or error.__context__


def no_key_in(*texts: str) -> None:
    for key in KEYS:
        for text in texts:
            assert key not in text
            assert key[:-4] not in text


def ask_every_way(chat: ChatGeminiPool, config: Any) -> list[Callable[[], object]]:
    async def astream() -> None:
        async for _ in chat.astream("hi", config):
            pass

    class Said(BaseModel):
        text: str

    return [
        lambda: chat.invoke("hi", config),
        lambda: asyncio.run(chat.ainvoke("hi", config)),
        lambda: list(chat.stream("hi", config)),
        lambda: asyncio.run(astream()),
        lambda: chat.with_structured_output(Said, include_raw=True).invoke("hi", config),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_happens_no_key_is_seen(
    kind: str | None, twin: Twins, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    served = twin(projects={"p1": [KEYS[0]], "p2": [KEYS[1]]}, oracle=lambda _: {"text": "hello"})
    if kind:
        served.script["*"] = kind
    chat = pool(served, tmp_path)
    tracer, handler = Tracer(), Everything()
    for ask in ask_every_way(chat, {"callbacks": [tracer, handler]}):
        try:
            no_key_in(repr(ask()))
        except RungUnavailable as error:
            no_key_in(*chain_of(error), *(repr(attempt) for attempt in error.attempts))
        chat.key_manager.check()
    assert tracer.kept
    assert handler.kept
    no_key_in(*tracer.kept, *handler.kept)
    no_key_in(caplog.text, *(repr(vars(record)) for record in caplog.records), *capfd.readouterr())
    no_key_in(
        *(
            repr(row)
            for row in (*chat.key_manager.list(), *chat.key_manager.quotas([MODEL]), *chat.key_manager.models([MODEL]))
        )
    )
    for path in tmp_path.rglob("*"):
        if path.is_file():
            no_key_in(path.read_bytes().decode("latin-1"))


def test_nothing_that_a_pool_shows_of_itself_holds_a_key(tmp_path: Path) -> None:
    chat = ChatGeminiPool(model=MODEL, keys=KeyManager(KEYS, home=tmp_path))
    chat.key_manager.lease(MODEL)
    dumped = chat.model_dump()
    shown = (repr(chat), str(chat), repr(dumped), dumps(chat), repr(dumpd(chat)), repr(chat._identifying_params))
    no_key_in(*shown, repr(chat._get_ls_params()), repr(chat._get_invocation_params()), repr(chat._get_llm_string()))
    no_key_in(
        repr(vars(chat)),
        repr(vars(chat.key_manager)),
        repr(chat.bind_tools([])),
        repr(chat.key_manager.clients.__dict__),
    )


def test_a_key_given_in_a_wrong_place_is_not_echoed() -> None:
    with pytest.raises(ValueError, match=r"Vertex ?AI") as raised:
        ChatGeminiPool(model=MODEL, api_key=KEYS[0], vertexai=True)
    no_key_in(str(raised.value))


def test_traces_tell_the_model_and_which_key_served(twin: Twins, tmp_path: Path) -> None:
    tracer = Tracer()
    pool(twin(projects={"p": KEYS[:1]}, oracle=lambda _: "hello"), tmp_path).invoke("hi", {"callbacks": [tracer]})
    (told, *_) = tracer.kept
    assert f"…{KEYS[0][-4:]}" in told or f"\\u2026{KEYS[0][-4:]}" in told
    assert f'"ls_model_name":"{MODEL}"' in told.replace(" ", "")
