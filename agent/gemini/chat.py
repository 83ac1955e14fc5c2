"""`ChatGeminiPool`: LangChain's chat model for Gemini, with a key manager inside. Heavy: imports LangChain's Google package.

Everything that `ChatGoogleGenerativeAI` does is still its own: only which key serves, and what happens when none can, is decided here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from decimal import Decimal
from typing import Any, Self, TypeVar

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableSequence
from langchain_google_genai import ChatGoogleGenerativeAI
from langchain_google_genai.chat_models import _is_gemini_3_or_later
from pydantic import ConfigDict, Field, field_validator, model_validator
from tenacity import AsyncRetrying, RetryCallState, Retrying

from agent.gemini.calling import Call, Try
from agent.gemini.ceiling import most_it_costs
from agent.gemini.clients import Address
from agent.gemini.keys import KeyManager
from agent.gemini.listing import base_url_of
from agent.gemini.raw_kept import RawKept
from agent.gemini.sizes import input_tokens
from agent.ladder import GEMINI, ModelName


T = TypeVar("T")

# The service is told of the deadline, and refuses shorter ones.
_SHORTEST_TIMEOUT = 10.0
# Tokens. No Gemini gives more.
_LONGEST_ANSWER = 65_536
_Begun = tuple[Try, Iterator[ChatGenerationChunk], ChatGenerationChunk | None]
_AsyncBegun = tuple[Try, AsyncIterator[ChatGenerationChunk], ChatGenerationChunk | None]
_RANGES = (
    ("temperature", 0.0, 2.0),
    ("top_p", 0.0, 1.0),
    ("frequency_penalty", -2.0, 2.0),
    ("presence_penalty", -2.0, 2.0),
)


class ChatGeminiPool(ChatGoogleGenerativeAI):
    """A Gemini chat model that leases a key for each request, in place of `ChatGoogleGenerativeAI` in any LangChain program.

    `keys` are a list (`KEY` or `name=KEY`), a `KeyManager`, or absent: then those of the environment, else the stored ones.
    Where no key can serve the model now, `RungUnavailable` says why, and when one could; `with_fallbacks` goes on from there.

    >>> chat = ChatGeminiPool(model="gemini-2.5-flash")
    >>> chat.invoke("…").response_metadata["mianjing"]["key"]
    '…A1b2'
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, populate_by_name=True, hide_input_in_errors=True)

    # Not named `keys`: what has such an attribute is a mapping to `dict()`, as which it is read by field.
    key_manager: KeyManager = Field(default=None, alias="keys", validate_default=True, exclude=True)
    patience: float = 0.0
    """The most seconds that one call may wait for a quota or an overloaded service. An engine above does that better."""
    max_retries: int = Field(default=1, alias="retries")
    timeout: float | None = Field(default=120.0, alias="request_timeout")
    sleep: Callable[[float], None] = Field(default=time.sleep, exclude=True, repr=False)
    asleep: Callable[[float], Awaitable[None]] = Field(default=asyncio.sleep, exclude=True, repr=False)

    @model_validator(mode="before")
    @classmethod
    def _resolve_gateway(cls, values: Any) -> Any:
        """Under its parent's name, in whose place it stands: no key, address or other service is taken from the environment."""
        if values.get("vertexai") or values.get("credentials") is not None or values.get("project") is not None:
            raise ValueError("ChatGeminiPool is for Gemini's own API; for Vertex AI take ChatGoogleGenerativeAI")
        values = dict(values)
        given = [key for name in ("api_key", "google_api_key") if (key := values.pop(name, None))]
        if given and not (values.get("keys") or values.get("key_manager")):
            values["keys"] = given
        values.pop("retries", None)
        return {**values, "google_api_key": None, "vertexai": False, "location": None, "max_retries": 1}

    @field_validator("key_manager", mode="before")
    @classmethod
    def _make_manager(cls, keys: Any) -> KeyManager:
        return keys if isinstance(keys, KeyManager) else KeyManager(keys)

    @model_validator(mode="after")
    def validate_environment(self) -> Self:
        """Under its parent's name, in whose place it stands: a key and a client are needed only when something is asked."""
        if "temperature" not in self.model_fields_set and _is_gemini_3_or_later(self.model):
            self.temperature = None
        for name, lowest, highest in _RANGES:
            value = getattr(self, name)
            if value is not None and not lowest <= value <= highest:
                raise ValueError(f"{name} must be in the range [{lowest}, {highest}]")
        if self.top_k is not None and self.top_k <= 0:
            raise ValueError("top_k must be positive")
        if self.timeout is not None and self.timeout < _SHORTEST_TIMEOUT:
            raise ValueError(f"timeout must be at least {_SHORTEST_TIMEOUT:.0f} seconds: the service refuses less")
        return self

    @classmethod
    def is_lc_serializable(cls) -> bool:
        """It holds keys, and stays where it is."""
        return False

    @property
    def async_client(self) -> Any:
        """The client that the parent's async methods send with."""
        return self.client.aio if self.client else None

    def with_structured_output(
        self, schema: Any, method: Any = "json_schema", *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, Any]:
        """As its parent's; where the raw answer is kept, what is parsed of it is parsed in place."""
        plain = super().with_structured_output(schema, method, **kwargs)
        if include_raw and isinstance(plain, RunnableSequence):
            return RawKept.of(plain, super().with_structured_output(schema, method, include_raw=True, **kwargs))
        return plain

    def get_num_tokens(self, text: str) -> int:
        """The text's tokens, as the service counts them; it costs no quota. Raises `RungUnavailable` where there is no key."""
        key = self.key_manager.any_key(self.model)
        return super(ChatGeminiPool, self._seated(self.key_manager.clients.get(key, self._address))).get_num_tokens(
            text
        )

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        call = self._call(messages, kwargs)

        def attempt() -> ChatResult:
            with call.next_try() as one:
                seat = self._seated(self.key_manager.clients.get(one.key, self._address))
                result = super(ChatGeminiPool, seat)._generate(messages, *args, **kwargs)
            one.check()
            return _ended(one, result)

        return self._repeat(call, attempt)

    async def _agenerate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        call = self._call(messages, kwargs)

        async def attempt() -> ChatResult:
            with call.next_try() as one:
                seat = self._seated(await self.key_manager.clients.aget(one.key, self._address))
                async with asyncio.timeout(self._longest(kwargs)):
                    result = await super(ChatGeminiPool, seat)._agenerate(messages, *args, **kwargs)
            one.check()
            return _ended(one, result)

        return await self._arepeat(call, attempt)

    def _stream(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
        call = self._call(messages, kwargs)

        def attempt() -> _Begun:
            with call.next_try() as one:
                seat = self._seated(self.key_manager.clients.get(one.key, self._address))
                rest = super(ChatGeminiPool, seat)._stream(messages, *args, **kwargs)
                first = next(rest, None)
            one.check()
            return one, rest, first

        one, rest, chunk = self._repeat(call, attempt)
        with one:
            while chunk is not None:
                one.noted(chunk.message)
                yield chunk
                chunk = next(rest, None)
        one.check(is_last=True)
        one.served()

    async def _astream(
        self, messages: list[BaseMessage], *args: Any, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        call = self._call(messages, kwargs)

        async def attempt() -> _AsyncBegun:
            with call.next_try() as one:
                seat = self._seated(await self.key_manager.clients.aget(one.key, self._address))
                rest = super(ChatGeminiPool, seat)._astream(messages, *args, **kwargs)
                async with asyncio.timeout(self._longest(kwargs)):
                    first = await anext(rest, None)
            one.check()
            return one, rest, first

        one, rest, chunk = await self._arepeat(call, attempt)
        with one:
            while chunk is not None:
                one.noted(chunk.message)
                yield chunk
                chunk = await anext(rest, None)
        one.check(is_last=True)
        one.served()

    def _repeat(self, call: Call, attempt: Callable[[], T]) -> T:
        """Try after try, as the verdicts say."""
        return Retrying(
            sleep=self.sleep, before_sleep=lambda state: call.look(state, self._address.base_url), **call.policy
        )(attempt)

    async def _arepeat(self, call: Call, attempt: Callable[[], Awaitable[T]]) -> T:
        async def look(state: RetryCallState) -> None:
            if call.wants_look(state):
                await asyncio.to_thread(call.look, state, self._address.base_url)

        result: T = await AsyncRetrying(sleep=self.asleep, before_sleep=look, **call.policy)(attempt)
        return result

    def _call(self, messages: list[BaseMessage], kwargs: dict[str, Any]) -> Call:
        # The SDK's own retries stay off: one place decides.
        kwargs["max_retries"] = 1
        worst = Decimal(0) if self.key_manager.allowance.budget is None else self._most_it_costs(messages, kwargs)
        return Call(self.key_manager, self._name, input_tokens(messages), patience=self.patience, worst=worst)

    def _longest(self, settings: dict[str, Any]) -> float | None:
        """Seconds for a whole try, whatever of it is slow: the time-out itself is for the next piece alone."""
        patience = settings.get("timeout") or self.timeout
        return patience and 2 * patience

    def _most_it_costs(self, messages: list[BaseMessage], settings: dict[str, Any]) -> Decimal | None:
        most = settings.get("max_output_tokens") or self.max_output_tokens
        most = most or (self.profile or {}).get("max_output_tokens") or _LONGEST_ANSWER
        return most_it_costs(
            ModelName(GEMINI, self._name), messages, output_tokens=most * (self.n or 1), settings=settings
        )

    @property
    def _name(self) -> str:
        return self.model.removeprefix("models/")

    @property
    def _address(self) -> Address:
        base_url = self.base_url["api_endpoint"] if isinstance(self.base_url, dict) else self.base_url
        return Address(
            base_url_of(base_url or self.key_manager.base_url),
            self.api_version,
            tuple((self.additional_headers or {}).items()),
            self.client_args or {},
        )

    def _seated(self, client: Any) -> Self:
        """Itself, with one key's client: what its parent's methods are called with."""
        seat = self.model_copy()
        seat.client = client
        return seat


def _ended(one: Try, result: ChatResult) -> ChatResult:
    """The result of a try that went well, its story told in the metadata."""
    for generation in result.generations[:1]:
        one.noted(generation.message)
    one.served()
    return result
