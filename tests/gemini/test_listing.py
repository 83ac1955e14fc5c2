"""The list of models from a service that is none, or that has no end: told as such, and never waited for."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest
from pydantic import SecretStr

from agent.gemini.listing import list_models
from agent.gemini.verdict import Scope
from tests.listener import Listener
from tests.twin import fake_key


KEY = fake_key(1)


class Says(Listener):
    """Answers every request by one and the same JSON, and counts them."""

    def __init__(self, value: Any) -> None:
        self._body = json.dumps(value).encode()
        self.asked = 0

    def _serve(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as heard:
            while heard.readline().strip():
                pass
            self.asked += 1
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(self._body)}\r\nConnection: close\r\n\r\n"
            client.sendall(head.encode() + self._body)


def listed(service: Says) -> Any:
    return list_models(SecretStr(KEY), f"http://127.0.0.1:{service.port}")


def test_a_list_without_an_end_is_read_for_twenty_pages() -> None:
    model = {"name": "models/gemini-2.5-flash", "supportedGenerationMethods": ["generateContent"]}
    with Says({"models": [model], "nextPageToken": "on"}) as service:
        listing = listed(service)
    assert (listing.verdict, listing.models) == (None, {"gemini-2.5-flash": True})
    assert service.asked == 20


@pytest.mark.parametrize("value", [["gemini-2.5-flash"], {"models": [{"id": "qwen3"}]}, {"models": 7}, "hello"])
def test_what_is_no_list_is_told_as_another_services_word(value: Any) -> None:
    with Says(value) as service:
        verdict = listed(service).verdict
    assert verdict
    assert (verdict.scope, verdict.reason) == (Scope.SERVICE, "proxy_page")
    assert f"127.0.0.1:{service.port}" in verdict.message
    assert KEY not in verdict.message
