"""Bounds of each exchange with the service: to connect, and for an answer's length and size. Imports httpx.

A client's own time-out is for the next piece alone: what drips byte by byte, or never ends, would pass it for ever.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Any, cast

import httpx


Hooks = dict[str, list[Callable[..., Any]]]

_ANSWERS = {"generateContent", "streamGenerateContent"}
# Seconds. Who does not take a connection in this time is not there.
_CONNECT = 20.0
# Of the client's time-out: a whole answer comes at once, a stream as the model speaks, a file as the line allows.
_WHOLE, _PIECEMEAL = 1.0, 15.0
# Bytes. No model's output limit comes near the first; the second is the largest file that the service keeps.
_LARGEST_ANSWER, _LARGEST_FILE = 16 * 2**20, 2**31
# Nothing compressed is asked for. What comes so all the same may grow a thousandfold, or, by other ways than these, without a bound.
_LARGEST_PACKED, _PACKED = 64 * 2**10, {"gzip", "deflate"}


class EndlessAnswer(Exception):
    """More came than any answer has."""


def sync_hooks(own: Mapping[str, Sequence[Callable[..., Any]]] | None = None) -> Hooks:
    """What `httpx.Client` takes as `event_hooks`; those of the caller's `own` are called too."""

    def answered(response: httpx.Response) -> None:
        response.stream = _Bounded(cast("httpx.SyncByteStream", response.stream), _Bounds(response))

    return _with_own({"request": [_prepare], "response": [answered]}, own)


def async_hooks(own: Mapping[str, Sequence[Callable[..., Any]]] | None = None) -> Hooks:
    """The same for `httpx.AsyncClient`."""

    async def asked(request: httpx.Request) -> None:
        _prepare(request)

    async def answered(response: httpx.Response) -> None:
        response.stream = _AsyncBounded(cast("httpx.AsyncByteStream", response.stream), _Bounds(response))

    return _with_own({"request": [asked], "response": [answered]}, own)


def _with_own(ours: Hooks, own: Mapping[str, Sequence[Callable[..., Any]]] | None) -> Hooks:
    return {kind: [*hooks, *(own or {}).get(kind, ())] for kind, hooks in ours.items()}


def _prepare(request: httpx.Request) -> None:
    """Connect sooner than the answer is waited for, and have it as it is: its true size is then known as it comes."""
    request.headers["accept-encoding"] = "identity"
    told = request.extensions.get("timeout", {})
    request.extensions["timeout"] = {**told, "connect": min(told.get("connect") or _CONNECT, _CONNECT)}


class _Bounds:
    """How much longer, and how much more, may come of one answer whose head has come."""

    def __init__(self, response: httpx.Response) -> None:
        method = response.request.url.path.rpartition(":")[2]
        patience = response.request.extensions["timeout"].get("read")
        self._ends = patience and time.monotonic() + patience * (_WHOLE if method == "generateContent" else _PIECEMEAL)
        self._left = (
            _most(response.headers.get("content-encoding", "identity")) if method in _ANSWERS else _LARGEST_FILE
        )

    def take(self, piece: bytes) -> bytes:
        """The piece, where it is within the bounds. Raises `TimeoutError` or `EndlessAnswer`."""
        self._left -= len(piece)
        if self._left < 0:
            raise EndlessAnswer
        if self._ends and time.monotonic() > self._ends:
            raise TimeoutError
        return piece


def _most(encoding: str) -> int:
    if encoding == "identity":
        return _LARGEST_ANSWER
    return _LARGEST_PACKED if encoding in _PACKED else 0


class _Bounded(httpx.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream, bounds: _Bounds) -> None:
        self._stream, self._bounds = stream, bounds

    def __iter__(self) -> Iterator[bytes]:
        return map(self._bounds.take, self._stream)

    def close(self) -> None:
        self._stream.close()


class _AsyncBounded(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream, bounds: _Bounds) -> None:
        self._stream, self._bounds = stream, bounds

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._stream:
            yield self._bounds.take(piece)

    async def aclose(self) -> None:
        await self._stream.aclose()
