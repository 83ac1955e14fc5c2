"""The SDK's clients, kept: one for each key, and one for each key and event loop, as an async client belongs to its loop.

They follow no redirect, which would carry the key along, and take nothing from the environment but the way to the network.
"""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
import threading
import weakref
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr


if TYPE_CHECKING:
    from google.genai import Client


@dataclass(frozen=True, slots=True)
class Address:
    """Where requests go, and how."""

    base_url: str
    api_version: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What the HTTP client is made with beside."""


# A secret does not show itself where locals are printed.
_Kept = dict[tuple[SecretStr, Address], "Client"]


class Clients:
    """Clients by key and address; threads share them, event loops do not."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shared: _Kept = {}
        self._of_loops: dict[asyncio.AbstractEventLoop, tuple[_Kept, AsyncGenerator[None, None]]] = {}
        weakref.finalize(self, _close, self._shared)

    def get(self, key: SecretStr, address: Address) -> Client:
        """The client for sync calls."""
        with self._lock:
            return _kept(self._shared, key, address)

    def close(self) -> None:
        """Close the connections of sync calls; they are made again when they are needed."""
        with self._lock:
            _close(self._shared)

    async def aget(self, key: SecretStr, address: Address) -> Client:
        """The client for async calls in the running loop. It is closed when the loop shuts down."""
        loop = asyncio.get_running_loop()
        with self._lock:
            for gone in [one for one in self._of_loops if one.is_closed()]:
                del self._of_loops[gone]
            is_new = loop not in self._of_loops
            if is_new:
                kept: _Kept = {}
                self._of_loops[loop] = kept, _closing(kept)
            kept, closing = self._of_loops[loop]
            client = _kept(kept, key, address)
        if is_new:
            # A generator that has begun is ended by `asyncio.run` before it closes the loop: the one hook there is.
            await anext(closing)
        return client


def _kept(kept: _Kept, key: SecretStr, address: Address) -> Client:
    place = key, address
    if place not in kept:
        kept[place] = make_client(key, address)
    return kept[place]


def make_client(key: SecretStr, address: Address) -> Client:
    """A client of Gemini's own API for one key."""
    from google.genai import Client
    from google.genai.types import HttpOptions

    from agent.gemini.bounds import async_hooks, sync_hooks

    _hush()
    trusted = _trusted(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    arguments = {"verify": trusted, **address.arguments, "follow_redirects": False}
    own = arguments.get("event_hooks")
    options = HttpOptions(
        base_url=address.base_url,
        api_version=address.api_version,
        headers=dict(address.headers),
        client_args={**arguments, "event_hooks": sync_hooks(own)},
        # The same, as aiohttp calls it, which the SDK takes where it is installed.
        async_client_args={**arguments, "event_hooks": async_hooks(own), "allow_redirects": False},
    )
    return Client(api_key=key.get_secret_value(), vertexai=False, http_options=options)


@cache
def _trusted(file: str | None, folder: str | None) -> ssl.SSLContext:
    """The authorities that the environment names, else certifi's. For all clients one: to load them takes time and memory."""
    import certifi

    return ssl.create_default_context(cafile=file or certifi.where(), capath=folder)


@cache
def _hush() -> None:
    """The SDK warns that it takes one of two keys in the environment: here it takes neither."""
    logging.getLogger("google_genai._api_client").addFilter(lambda record: "GEMINI_API_KEY" not in record.getMessage())


def _close(kept: _Kept) -> None:
    for client in kept.values():
        client.close()
    kept.clear()


async def _closing(kept: _Kept) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        for client in kept.values():
            await client.aio.aclose()
        kept.clear()
