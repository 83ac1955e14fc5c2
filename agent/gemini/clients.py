"""The SDK's clients, kept: one for each key, and one for each key and event loop, as an async client belongs to its loop.

They follow no redirect, which would carry the key along, and take nothing from the environment but the way to the network.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr


if TYPE_CHECKING:
    from google.genai import Client

_Kept = dict[str, "Client"]
Make = Callable[[SecretStr], "Client"]


def make_client(
    key: SecretStr,
    base_url: str,
    *,
    api_version: str | None,
    headers: dict[str, str] | None,
    arguments: dict[str, Any] | None,
) -> Client:
    """A client of Gemini's own API for one key."""
    from google.genai import Client
    from google.genai.types import HttpOptions

    arguments = {**(arguments or {}), "follow_redirects": False}
    options = HttpOptions(
        base_url=base_url,
        api_version=api_version,
        headers=headers,
        client_args=arguments,
        # The same, as aiohttp calls it, which the SDK takes where it is installed.
        async_client_args={**arguments, "allow_redirects": False},
    )
    return Client(api_key=key.get_secret_value(), vertexai=False, http_options=options)


class Clients:
    """Clients by key; threads share them, event loops do not."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shared: _Kept = {}
        self._of_loops: dict[asyncio.AbstractEventLoop, tuple[_Kept, AsyncGenerator[None, None]]] = {}
        weakref.finalize(self, _close, self._shared)

    def get(self, key: SecretStr, make: Make) -> Client:
        """The client for sync calls."""
        with self._lock:
            return _kept(self._shared, key, make)

    async def aget(self, key: SecretStr, make: Make) -> Client:
        """The client for async calls in the running loop. It is closed when the loop shuts down."""
        loop = asyncio.get_running_loop()
        with self._lock:
            for gone in [one for one in self._of_loops if one.is_closed()]:
                del self._of_loops[gone]
            found = self._of_loops.get(loop)
            if found is None:
                kept: _Kept = {}
                found = self._of_loops[loop] = (kept, _closing(kept))
                is_new = True
            else:
                is_new = False
            client = _kept(found[0], key, make)
        if is_new:
            # A generator that has begun is ended by `asyncio.run` before it closes the loop: the one hook there is.
            await anext(found[1])
        return client

    def __reduce__(self) -> tuple[type[Clients], tuple[()]]:
        """Clients do not travel: a copy or a pickle makes its own."""
        return Clients, ()


def _kept(kept: _Kept, key: SecretStr, make: Make) -> Client:
    secret = key.get_secret_value()
    if secret not in kept:
        kept[secret] = make(key)
    return kept[secret]


def _close(kept: _Kept) -> None:
    for client in kept.values():
        client.close()


async def _closing(kept: _Kept) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        for client in kept.values():
            await client.aio.aclose()
        kept.clear()
