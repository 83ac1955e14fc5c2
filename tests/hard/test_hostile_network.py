"""Whatever the way to the service does, it ends in time and is told in a sentence; posts get the rules' result, and are asked for again."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import sys
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from agent import Extractor, Post
from agent.errors import RungUnavailable
from agent.gemini.chat import ChatGeminiPool
from agent.gemini.keys import KeyManager
from tests.cli.command import mianjing
from tests.gemini.bench import NOON
from tests.gemini.bench import pool as bench_pool
from tests.hard.wire import HEAD, Rough, answer, drips, pours, says_nothing, sends
from tests.twin import VirtualClock, fake_key
from tests.twin.client import Twins


MODEL = "gemini-2.5-flash"
KEY = fake_key(1)
POSTS = [Post(text=f"一面：\n1. 第{n}题：什么是 LoRA？\n2. 手撕：反转链表", id=str(n)) for n in range(3)]
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
EVENTS = CHUNKED.replace(b"application/json", b"text/event-stream")
PORTAL = "<!DOCTYPE html><html><body>请登录校园网后使用</body></html>".encode()


@cache
def zeros() -> bytes:
    """128 MiB in 128 KiB."""
    return gzip.compress(bytes(128 * 2**20), 9)


async def astreamed(chat: ChatGeminiPool) -> None:
    async for _ in chat.astream("hi"):
        pass


WAYS = {
    "invoke": lambda chat: chat.invoke("hi"),
    "ainvoke": lambda chat: asyncio.run(chat.ainvoke("hi")),
    "stream": lambda chat: list(chat.stream("hi")),
    "astream": lambda chat: asyncio.run(astreamed(chat)),
}


def pool(url: str, home: Path, *, timeout: float = 0.3) -> ChatGeminiPool:
    """One that gives up soon; its pauses take no time."""

    async def asleep(_: float) -> None:
        return None

    keys = KeyManager([KEY], home=home, base_url=url)
    chat = ChatGeminiPool(model=MODEL, keys=keys, base_url=url, sleep=lambda _: None, asleep=asleep)
    chat.timeout = timeout  # the service itself would refuse so short a one
    return chat


def why(chat: ChatGeminiPool, way: str = "invoke") -> RungUnavailable:
    with pytest.raises(RungUnavailable) as raised:
        WAYS[way](chat)
    assert KEY not in repr(raised.value)
    return raised.value


class TestTimeOuts:
    """Each kind of slowness has an end of its own: the client's time-out alone is for the next piece."""

    @pytest.mark.parametrize("way", WAYS)
    def test_silence(self, way: str, tmp_path: Path) -> None:
        with Rough(says_nothing) as server:
            assert why(pool(server.url, tmp_path), way).reason == "timeout"

    @pytest.mark.parametrize("way", ["invoke", "ainvoke"])
    def test_an_answer_that_drips_for_ever(self, way: str, tmp_path: Path) -> None:
        with Rough(drips(HEAD + b"Content-Length: 1000000\r\n\r\n")) as server:
            began = time.monotonic()
            assert why(pool(server.url, tmp_path), way).reason == "timeout"
            assert time.monotonic() - began < 5

    @pytest.mark.parametrize("way", ["stream", "astream"])
    def test_a_stream_that_drips_for_ever(self, way: str, tmp_path: Path) -> None:
        with Rough(drips(EVENTS, piece=b"1\r\n:\r\n", every=0.01)) as server:
            began = time.monotonic()
            # Of a stream a piece may come whenever; all of it has fifteen times the time of a whole answer.
            assert why(pool(server.url, tmp_path, timeout=0.05), way).reason == "timeout"
            assert time.monotonic() - began < 5

    @pytest.mark.parametrize("way", ["ainvoke", "astream"])
    def test_a_head_that_drips_for_ever(self, way: str, tmp_path: Path) -> None:
        with Rough(drips(HEAD + b"X: ", piece=b"y")) as server:
            began = time.monotonic()
            assert why(pool(server.url, tmp_path), way).reason == "timeout"
            assert time.monotonic() - began < 5

    @pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a full queue is refused, not left hanging")
    def test_a_connection_that_nobody_takes(self, tmp_path: Path) -> None:
        with ExitStack() as stack:
            full = stack.enter_context(socket.socket())
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            for _ in range(4):
                waiting = stack.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex(full.getsockname())
            error = why(pool(f"http://127.0.0.1:{full.getsockname()[1]}", tmp_path))
        assert (error.reason, "cannot be reached" in str(error)) == ("unreachable", True)

    def test_the_list_of_models_has_an_end_too(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("agent.gemini.listing._TIMEOUT", 0.03)
        with Rough(drips(HEAD + b"Content-Length: 1000000\r\n\r\n", every=0.01)) as server:
            (row,) = KeyManager([KEY], home=tmp_path, base_url=server.url).check()
        assert row.verdict == "timeout"


@contextmanager
def holding_less_than(*, megabytes: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < megabytes * 2**20
    finally:
        tracemalloc.stop()


class TestEndlessAnswers:
    """What does not end is cut off while it is small."""

    @pytest.mark.parametrize("way", WAYS)
    def test_a_body_that_never_ends(self, way: str, tmp_path: Path) -> None:
        piece = b"10000\r\n" + b"[" * 0x10000 + b"\r\n"
        with Rough(pours(EVENTS if "stream" in way else CHUNKED, piece=piece)) as server:
            chat = pool(server.url, tmp_path, timeout=60)
            with holding_less_than(megabytes=60):
                assert why(chat, way).reason == "malformed"
        assert len(server.heads) == 1

    @pytest.mark.parametrize("way", ["invoke", "ainvoke"])
    def test_a_bomb_of_zeros(self, way: str, tmp_path: Path) -> None:
        with Rough(sends(answer("200 OK", zeros(), "Content-Encoding: gzip"))) as server:
            chat = pool(server.url, tmp_path, timeout=60)
            with holding_less_than(megabytes=200):
                assert why(chat, way).reason == "malformed"
        assert b"accept-encoding: identity" in server.heads[0].lower()

    def test_what_is_compressed_in_measure_is_read_though_nobody_asked_for_it(self, tmp_path: Path) -> None:
        body = b'{"candidates": [{"content": {"parts": [{"text": "hello"}], "role": "model"}, "finishReason": "STOP"}]}'
        with Rough(sends(answer("200 OK", gzip.compress(body), "Content-Encoding: gzip"))) as server:
            assert pool(server.url, tmp_path, timeout=60).invoke("hi").text == "hello"


BROKEN = {
    "closed at once": sends(),
    "closed in the head": sends(HEAD[:20]),
    "closed in the body": sends(HEAD + b"Content-Length: 100\r\n\r\n{"),
    "no HTTP": sends(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "a body of other bytes": sends(answer("200 OK", bytes(range(256)))),
    "a portal's page": sends(answer("200 OK", PORTAL, kind="text/html")),
    "a proxy wants a password": sends(answer("407 Proxy Authentication Required", b"who are you?", kind="text/plain")),
    "a proxy's fault": sends(answer("502 Bad Gateway", b"<html><h1>502 Bad Gateway</h1></html>", kind="text/html")),
    "leads elsewhere": sends(answer("302 Found", b"", "Location: http://localhost:9/")),
}
SENTENCES = {
    "closed at once": "the connection was dropped",
    "closed in the head": "the connection was dropped",
    "closed in the body": "the connection was dropped",
    "no HTTP": "the connection was dropped",
    "a body of other bytes": "the answer could not be read",
    "a portal's page": "a page came instead of the service's answer",
    "a proxy wants a password": "a page came instead of the service's answer",
    "a proxy's fault": "a page came instead of the service's answer",
    "leads elsewhere": "the address leads elsewhere, and a key is not carried along",
}


class TestBrokenWays:
    @pytest.mark.parametrize("kind", BROKEN)
    @pytest.mark.parametrize("way", ["invoke", "ainvoke"])
    def test_each_is_told_in_a_sentence(self, kind: str, way: str, tmp_path: Path) -> None:
        with Rough(BROKEN[kind]) as server:
            assert SENTENCES[kind] in str(why(pool(server.url, tmp_path, timeout=60), way))

    @pytest.mark.parametrize(
        "url", ["http://localhost:9", "http://no-such-host.invalid"], ids=["refused", "no such name"]
    )
    def test_nobody_there(self, url: str, tmp_path: Path) -> None:
        error = why(pool(url, tmp_path, timeout=30))
        assert "the service cannot be reached; look at the network, or at HTTPS_PROXY" in str(error)

    @pytest.mark.parametrize("kind", ["a portal's page", "leads elsewhere"])
    def test_posts_get_the_rules_result_and_are_asked_for_when_the_way_is_well(
        self, kind: str, twin: Twins, tmp_path: Path
    ) -> None:
        def run(url: str, patience: float) -> tuple[list[str], list[str]]:
            with Extractor(models=[MODEL], keys=[KEY], base_url=url, home=tmp_path, patience=patience) as extractor:
                run = extractor.run(POSTS)
                origins = [outcome.provenance.origin for outcome in run]
                return origins, [str(error) for error in run.tally.turned_away]

        with Rough(BROKEN[kind]) as server:
            origins, told = run(server.url, 0)
        assert origins == ["rules"] * 3
        assert SENTENCES[kind] in told[0]
        assert run(twin(projects={"p": [KEY]}).url, 30) == (["model"] * 3, [])


class TestRedirects:
    @pytest.mark.parametrize(
        "status",
        ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"],
    )
    def test_the_other_host_never_sees_a_request(self, status: str, tmp_path: Path) -> None:
        with Rough(sends(answer("200 OK", b"{}"))) as elsewhere:
            with Rough(sends(answer(status, b"", f"Location: {elsewhere.url}/v1beta/models"))) as server:
                for way in WAYS:
                    assert why(pool(server.url, tmp_path / way, timeout=60), way).reason == "redirected"
                (row,) = KeyManager([KEY], home=tmp_path, base_url=server.url).check()
            assert row.verdict == "redirected"
            assert elsewhere.heads == []


class TestTls:
    @pytest.fixture
    def signed_by_itself(self, tmp_path: Path) -> Path:
        """A certificate for `localhost` and its key, in one file."""
        x509 = pytest.importorskip("cryptography.x509", reason="the package cryptography makes the certificate")
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
        now = datetime.now(UTC)
        made = x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), now - timedelta(days=1), now + timedelta(days=1)
        )
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        file = tmp_path / "server.pem"
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM) + secret)
        return file

    @pytest.fixture
    def server(self, signed_by_itself: Path):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(signed_by_itself)
        with Rough(sends(answer("200 OK", b"{}")), tls=context) as server:
            yield server

    @pytest.mark.parametrize("way", WAYS)
    def test_a_certificate_that_nobody_vouches_for_is_told_and_no_key_is_sent(
        self, way: str, server: Rough, tmp_path: Path
    ) -> None:
        error = why(pool(server.url, tmp_path / "home", timeout=60), way)
        assert (error.reason, error.until) == ("untrusted", None)
        assert "the certificate of the address is not trusted" in str(error)
        assert server.heads == []

    def test_one_that_the_user_vouches_for_is_taken(
        self, server: Rough, signed_by_itself: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(signed_by_itself))
        pool(server.url, tmp_path / "home", timeout=60).invoke("hi")
        assert len(server.heads) == 1

    def test_a_server_that_does_not_speak_tls(self, tmp_path: Path) -> None:
        with Rough(sends(answer("200 OK", b"{}"))) as server:
            error = why(pool(server.url.replace("http", "https"), tmp_path, timeout=1))
        assert error.reason in {"unreachable", "timeout"}

    def test_the_command_tells_it_and_the_rules_serve(self, server: Rough, tmp_path: Path) -> None:
        post = tmp_path / "post.txt"
        post.write_text(POSTS[0].text, encoding="utf-8")
        said = mianjing(
            "extract", post, "--models", MODEL, "--base-url", server.url, "--lang", "en", GEMINI_API_KEY=KEY
        )
        assert (said.status, len(said.records[0].questions)) == (3, 2)
        assert "certificate" in said.err
        assert KEY not in said.err


def test_half_an_hour_of_503_costs_few_requests_and_no_post(twin: Twins, tmp_path: Path) -> None:
    clock = VirtualClock(NOON)
    served = twin(projects={"p": [KEY]}, clock=clock)
    served.script["*"] = "503"
    keys = KeyManager([KEY], home=tmp_path, base_url=served.url, clock=clock)
    chat = bench_pool(served, tmp_path, keys=keys)
    with Extractor(models=[MODEL], keys=keys, base_url=served.url, home=tmp_path, patience=0) as extractor:
        assert [record.provenance.origin for record in extractor.stream(POSTS)] == ["rules"] * 3
        for _ in range(180):
            assert why(chat).reason == "overloaded"
            clock.advance(10)
        # Pauses grow to five minutes, and a trial is worth a second try.
        assert served.outcomes["503"] <= 40
        del served.script["*"]
        clock.advance(400)
        chat.invoke("hi")
        assert [record.provenance.origin for record in extractor.stream(POSTS)] == ["model"] * 3
