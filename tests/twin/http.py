"""As much of HTTP/1.1 as clients of the API speak: read a request, write a reply in one piece."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit


_PHRASES = {status.value: status.phrase for status in HTTPStatus}

Wire = Literal["send", "drop", "cut", "hang", "drip"]


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What a client sent; names of headers in small letters."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def key(self) -> str:
        return self.headers.get("x-goog-api-key") or self.query.get("key", "")


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back, when, and how it reaches the client. `chunks` are sent one by one, as a stream."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json; charset=UTF-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    chunks: Sequence[bytes] = ()
    seconds: float = 0.0
    wire: Wire = "send"
    wire_seconds: float | None = None

    @classmethod
    def of_json(cls, status: int, value: Any, **more: Any) -> Reply:
        return cls(status, json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"), **more)


async def read_request(reader: asyncio.StreamReader) -> HttpRequest | None:
    """The next request of a connection; None where the client has closed it."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    start, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = start.split(" ", 2)
    pairs = (line.partition(":") for line in lines if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    try:
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    url = urlsplit(target)
    return HttpRequest(method, unquote(url.path), dict(parse_qsl(url.query)), headers, body)


async def write_reply(reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Send it as its `wire` says. Returns whether the connection may be used again."""
    if reply.wire == "hang":
        await _hang(reader, reply.wire_seconds)
        return False
    if reply.wire == "drop":
        return False
    if reply.wire == "drip":
        await _drip(_packet(reply), writer, reply.wire_seconds or 0.5)
        return True
    if reply.wire == "cut":
        packet = _packet(reply)
        writer.write(packet[: max(packet.index(b"\r\n\r\n") + 8, len(packet) // 2)])
        await writer.drain()
        return False
    if reply.chunks:
        await _stream(reply, writer)
        return True
    writer.write(_packet(reply))
    await writer.drain()
    return True


def _head(reply: Reply, *length: str) -> bytes:
    lines = [
        f"HTTP/1.1 {reply.status} {_PHRASES.get(reply.status, 'Unnamed')}",
        f"Content-Type: {reply.content_type}",
        *(f"{name}: {value}" for name, value in reply.headers.items()),
        *length,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _packet(reply: Reply) -> bytes:
    """Head and body in one piece: sent apart, Nagle's algorithm would hold the body back for 40 ms."""
    if not reply.chunks:
        return _head(reply, f"Content-Length: {len(reply.body)}") + reply.body
    return _head(reply, "Transfer-Encoding: chunked") + b"".join(map(_chunk, reply.chunks)) + b"0\r\n\r\n"


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


async def _stream(reply: Reply, writer: asyncio.StreamWriter) -> None:
    first, *rest = reply.chunks
    writer.write(_head(reply, "Transfer-Encoding: chunked") + _chunk(first))
    for data in rest:
        await writer.drain()
        await asyncio.sleep(0)
        writer.write(_chunk(data))
    writer.write(b"0\r\n\r\n")
    await writer.drain()


async def _hang(reader: asyncio.StreamReader, seconds: float | None) -> None:
    """Say nothing until the client gives up and closes, or the seconds are over."""
    try:
        await asyncio.wait_for(reader.read(), seconds)
    except (TimeoutError, ConnectionError):
        return


async def _drip(packet: bytes, writer: asyncio.StreamWriter, seconds: float) -> None:
    size = max(1, len(packet) // 20)
    for start in range(0, len(packet), size):
        writer.write(packet[start : start + size])
        await writer.drain()
        await asyncio.sleep(seconds * size / len(packet))
