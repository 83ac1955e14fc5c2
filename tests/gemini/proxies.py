"""Proxies on loopback, as people have them who cannot reach the service directly: SOCKS5, and plain HTTP."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit

from tests.listener import Listener


class Proxy(Listener):
    """Passes connections on, and notes where to."""

    def __init__(self, kind: str) -> None:
        """`kind` is `socks5` or `http`."""
        self._open = self._open_socks if kind == "socks5" else self._open_http
        self.url = ""
        self.asked_for: list[tuple[str, int]] = []

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            target, first = self._open(client)
            self.asked_for.append(target)
            with socket.create_connection(target) as server:
                server.sendall(first)
                back = threading.Thread(target=_pump, args=(server, client), daemon=True)
                back.start()
                _pump(client, server)
                back.join(5)

    @staticmethod
    def _open_socks(client: socket.socket) -> tuple[tuple[str, int], bytes]:
        _, methods = client.recv(2)
        client.recv(methods)
        client.sendall(b"\x05\x00")
        kind = client.recv(4)[3]
        host = socket.inet_ntoa(client.recv(4)) if kind == 1 else client.recv(client.recv(1)[0]).decode()
        port = int.from_bytes(client.recv(2), "big")
        client.sendall(b"\x05\x00\x00\x01" + bytes(6))
        return (host, port), b""

    @staticmethod
    def _open_http(client: socket.socket) -> tuple[tuple[str, int], bytes]:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(65_536)
        method, url, rest = head.split(b" ", 2)
        where = urlsplit(url.decode())
        path = f"{where.path}?{where.query}" if where.query else where.path
        return (where.hostname or "", where.port or 80), b" ".join((method, path.encode(), rest))


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65_536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
