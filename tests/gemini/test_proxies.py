"""Behind a proxy, where many of the users are: what the environment says of it is honoured, and a bad one is told of."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agent.errors import RungUnavailable
from tests.gemini.bench import pool
from tests.gemini.proxies import Proxy
from tests.twin.client import Twins


@pytest.mark.parametrize("kind", ["socks5", "http"])
@pytest.mark.parametrize("variable", ["ALL_PROXY", "HTTP_PROXY"])
def test_requests_go_through_the_proxy_that_the_environment_names(
    kind: str, variable: str, twin: Twins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = twin(oracle=lambda _: "hello")
    with Proxy(kind) as proxy:
        monkeypatch.setenv(variable, f"{kind}://127.0.0.1:{proxy.port}")
        chat = pool(served, tmp_path)
        assert chat.invoke("hi").text == "hello"
        assert asyncio.run(chat.ainvoke("hi")).text == "hello"
        assert chat.key_manager.check()[0].verdict == "valid"
        assert len(proxy.asked_for) >= 3
        assert set(proxy.asked_for) == {("127.0.0.1", int(served.url.rpartition(":")[2]))}
        chat.key_manager.close()


def test_a_proxy_that_is_not_there_is_told(twin: Twins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    with pytest.raises(RungUnavailable, match="HTTPS_PROXY") as raised:
        pool(twin(), tmp_path).invoke("hi")
    assert raised.value.reason == "unreachable"
