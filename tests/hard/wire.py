"""A server on loopback that does to each connection what a test says, byte by byte: what no web server does."""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress

from tests.listener import Listener


Talk = Callable[[socket.socket], None]
"""What is sent once a request has come."""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class Rough(Listener):
    """Talks to every connection as it is told. A context manager; `url` is where it listens, `heads` what it was sent."""

    def __init__(self, talk: Talk, *, tls: ssl.SSLContext | None = None) -> None:
        self._talk, self._tls = talk, tls
        self.heads: list[bytes] = []

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://localhost:{self.port}"

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError), self._tls.wrap_socket(client, server_side=True) if self._tls else client as line:
            if head := _read(line):
                self.heads.append(head)
                self._talk(line)


def _read(line: socket.socket) -> bytes:
    """The head of a request that has come whole; nothing where the client went away. What is left unread would reset the line."""
    came = b""
    while b"\r\n\r\n" not in came:
        if not (piece := line.recv(65_536)):
            return b""
        came += piece
    head, _, body = came.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    missing = int(length[1]) - len(body) if length else 0
    while missing > 0 and (piece := line.recv(65_536)):
        missing -= len(piece)
    return head


def sends(*pieces: bytes) -> Talk:
    """These, and the end of the connection."""

    def talk(line: socket.socket) -> None:
        for piece in pieces:
            line.sendall(piece)

    return talk


def drips(*before: bytes, piece: bytes = b" ", every: float = 0.02) -> Talk:
    """These, then one piece after the other for ever: until the client goes away."""

    def talk(line: socket.socket) -> None:
        for one in before:
            line.sendall(one)
        while True:
            line.sendall(piece)
            time.sleep(every)

    return talk


def pours(*before: bytes, piece: bytes) -> Talk:
    """The same, as fast as it is taken."""
    return drips(*before, piece=piece, every=0.0)


def says_nothing(line: socket.socket) -> None:
    """Until the client goes away."""
    while line.recv(65_536):
        pass


def answer(status: str, body: bytes, *headers: str, kind: str = "application/json") -> bytes:
    lines = (
        f"HTTP/1.1 {status}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *headers,
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
