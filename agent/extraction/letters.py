"""Requests to a Gemini written down as the chain sends them, and answers read as the chain reads them. Sends nothing: somebody else carries both."""

from __future__ import annotations

from functools import partial
from typing import Any

from google.genai.types import GenerateContentResponse, InlinedRequest
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatResult

from agent.extraction.ask import Answered, Ask
from agent.extraction.chain import Rung
from agent.extraction.models import gemini_settings
from agent.extraction.prompt import Prompt
from agent.gemini.chat import ChatGeminiPool
from agent.gemini.keys import KeyManager
from agent.ladder import ModelName
from agent.prices import price


class Letters:
    """Letters to one model. It is the rung's own chain that writes and reads them: only the sending is cut out."""

    def __init__(self, name: ModelName, prompt: Prompt, *, keys: KeyManager) -> None:
        """Nothing is asked of `keys`: no lease is taken."""
        self._desk = _Desk()
        model = _Correspondent(model=name.model, keys=keys, desk=self._desk, **gemini_settings(name.model))
        self._chain = Rung(name, model, prompt, price_of=partial(price, batch=True))

    def write(self, ask: Ask) -> InlinedRequest:
        """The request that the chain would send for these posts."""
        self._desk.answer = None
        try:
            self._chain.invoke(ask)
        except _Written as written:
            return InlinedRequest(contents=written.request["contents"], config=written.request["config"])
        raise AssertionError("the chain sent nothing")  # pragma: no cover  # it has nothing else to answer from

    def read(self, ask: Ask, answer: GenerateContentResponse, *, key: str) -> Answered:
        """What was answered, and paid at half the price. Raises `RungUnavailable` where it is nothing; the ask's trail tells why."""
        self._desk.answer, self._desk.key = answer, key
        return self._chain.invoke(ask)


class _Written(Exception):
    """The request that was to be sent."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.request = request
        super().__init__()


class _Desk:
    """In the place of the SDK's client: takes a request down, or hands out the answer that came."""

    def __init__(self) -> None:
        self.answer: GenerateContentResponse | None = None
        self.key = ""

    @property
    def models(self) -> _Desk:
        return self

    def generate_content(self, **request: Any) -> GenerateContentResponse:
        if self.answer is None:
            raise _Written(request)
        return self.answer


class _Correspondent(ChatGeminiPool):
    desk: _Desk

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        result = super(ChatGeminiPool, self._seated(self.desk))._generate(messages, *args, **kwargs)
        message = result.generations[0].message
        message.response_metadata = {**message.response_metadata, "mianjing": {"key": self.desk.key}}
        return result
