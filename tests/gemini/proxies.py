"""Proxies on loopback, as people have them who cannot reach the service directly: SOCKS5, and plain HTTP."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class Proxy:
    """Passes connections on, and notes where to. A context manager; `port` is where it listens."""

    def __init__(self, kind: str) -> None:
        """`kind` is `socks5` or `http`."""
        self._open = self._open_socks if kind == "socks5" else self._open_http
        self.url = ""
        self.asked_for: list[tuple[str, int]] = []

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Closing alone does not wake an `accept`.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._threads.append(threading.Thread(target=self._serve, args=(client,), daemon=True))
                self._threads[-1].start()

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
