"""A key is told to nobody by the command: not by outputs, logs, errors, tracebacks, traces, processes or files. See tests/gemini/test_secrets.py too."""

from __future__ import annotations

import gzip
import json
import os
import pickle
import re
import stat
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from agent import Extractor
from tests.cli.command import COMMAND, environment_with, eventually, mianjing, rows, started, write_jsonl
from tests.hard.confined import confined
from tests.hard.posts import row
from tests.hard.sampling import one_in
from tests.twin import FaultPlan, fake_key
from tests.twin.faults import Fault


KEYS = [fake_key(1), fake_key(2, "AQ")]
MODEL = "gemini-2.5-flash"


def no_key_in(*texts: str) -> None:
    for key in KEYS:
        for text in texts:
            assert key not in text
            assert key[:-4] not in text


def everything_in(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.read_bytes().decode("latin-1")


def environment(service) -> dict[str, str]:
    return {"GEMINI_API_KEYS": ",".join(KEYS), "GOOGLE_GEMINI_BASE_URL": service.url, "MIANJING_MODELS": MODEL}


WRONG = {
    "instead of a prompt": ("keys", "add", KEYS[0]),
    "to be forgotten": ("keys", "remove", KEYS[1]),
    "as an option": ("extract", f"--api-key={KEYS[0]}", "-"),
    "as an input": ("extract", KEYS[1], "--offline"),
    "as a format": ("extract", "-", "--format", KEYS[0]),
    "as an output": ("extract", "-", "-o", KEYS[1]),
    "as a number": ("extract", "-", "--limit", KEYS[0]),
    "as an encoding": ("extract", "-", "--encoding", KEYS[0]),
    "as a command": (KEYS[1],),
    "as a budget": ("extract", "-", "--budget", KEYS[0]),
    "as records": ("bank", KEYS[0]),
}


@pytest.mark.parametrize("command", one_in(3, WRONG.values()), ids=WRONG)
def test_a_key_in_a_wrong_place_is_not_echoed(command):
    said = mianjing(*command, stdin="1. A?")
    assert said.status == 2
    no_key_in(said.out, said.err)


def test_no_option_takes_a_key():
    """What stands on the command line is in the shell's history, and in `ps` for everybody."""
    reference = (Path(__file__).parents[2] / "docs/cli.md").read_text(encoding="utf-8")
    assert re.findall(r"--[\w-]*(?:key|token|secret|password)[\w-]*", reference) == []
    assert "stays out of the shell's history" in " ".join(reference.split())


def test_a_key_that_stands_in_a_post_is_masked_where_the_post_is_told_of(tmp_path):
    file = tmp_path / "posts.jsonl"
    file.write_text(
        row("", id=f"id {KEYS[0]}")
        + json.dumps({KEYS[1]: 1})
        + "\n"
        + row("1. A?", id="ok", images=[f"{KEYS[0]}.png"], title=KEYS[1]),
        encoding="utf-8",
    )
    for more in ((), ("--log-json", "-v"), ("--dry-run",)):
        said = mianjing("extract", file, "--offline", *more)
        assert said.status == 4
        no_key_in(said.err)
    assert f"…{KEYS[0][-4:]}" in said.err


def test_a_bug_of_ours_is_told_without_keys():
    code = (
        "import sys; from agent.cli import main; from agent.cli.app import app\n"
        "@app.command()\n"
        "def broken():\n"
        "    key = sys.stdin.read()\n"
        "    raise ValueError('no such thing: ' + key) from KeyError(key)\n"
        "sys.argv[1:] = ['broken']; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=" ".join(KEYS).encode(),
        capture_output=True,
        env=environment_with({}),
        check=False,
    )
    said = done.stderr.decode()
    assert done.returncode == 1
    assert "Traceback" in said
    assert "no such thing: …" in said
    no_key_in(said)


def test_an_extractor_with_keys_is_not_pickled_and_does_not_show_them(tmp_path):
    extractor = Extractor(keys=KEYS, home=tmp_path)
    with pytest.raises(TypeError, match="make one where it is needed") as raised:
        pickle.dumps(extractor)
    no_key_in(repr(extractor), repr(vars(extractor)), repr(vars(extractor.keys)))
    shown = traceback.TracebackException.from_exception(raised.value, capture_locals=True).format()
    no_key_in(*(line for line in shown if "KEYS" not in line))


def test_stored_keys_are_for_their_owner_alone_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        for key in KEYS:
            no_key_in(mianjing("keys", "add", stdin=key).err)
    finally:
        os.umask(before)
    path = tmp_path / "home" / "keys.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    no_key_in(mianjing("keys", "list", "--json").out)


@pytest.mark.slow
@pytest.mark.parametrize("more", [("-v",), ("-v", "--log-json")], ids=" ".join)
def test_no_log_output_or_state_of_a_run_holds_a_key(twin, tmp_path, more):
    faults = [
        Fault(kind) for kind in ("503", "400_api_key_invalid", "403_consumer_suspended", "malformed", "html", "drop")
    ]
    service = twin(projects={"a": KEYS[:1], "b": KEYS[1:]}, fault=FaultPlan(0.5, faults, seed=2))
    posts = write_jsonl(tmp_path / "posts.jsonl", rows(8))
    command = ("extract", posts, "--pack", "1", "--patience", "0", "-o", tmp_path / "out.json", *more)
    noisy = {"GRPC_VERBOSITY": "DEBUG", "HTTPX_LOG_LEVEL": "trace", "PYTHONDEVMODE": "1"}
    said = mianjing(*command, **environment(service), **noisy)
    assert said.status in {0, 3}
    assert service.generated
    no_key_in(said.out, said.err, *everything_in(tmp_path))
    for asking in (("keys", "check"), ("quota", "--json"), ("models",)):
        told = mianjing(*asking, **environment(service))
        no_key_in(told.out, told.err)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")
def test_no_process_shows_a_key(twin, tmp_path):
    service = twin(projects={"a": KEYS}, latency=2.0)
    posts = write_jsonl(tmp_path / "posts.jsonl", rows(8))
    for key in KEYS:
        mianjing("keys", "add", stdin=key)
    without = {name: value for name, value in environment(service).items() if name != "GEMINI_API_KEYS"}
    with started("extract", posts, "--pack", "1", **without) as going:
        eventually(lambda: service.requests)
        lines = [path.read_bytes().decode("latin-1") for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
        assert any(str(posts) in line for line in lines)
        no_key_in(*lines, Path(f"/proc/{going.process.pid}/environ").read_text(encoding="latin-1"))


INGESTED = {
    "use_multipart_endpoint": False,
    "size_limit": 100,
    "size_limit_bytes": 20 << 20,
    "scale_up_nthreads_limit": 1,
    "scale_up_qsize_trigger": 1_000,
    "scale_down_nempty_trigger": 4,
}


class Collector(BaseHTTPRequestHandler):
    """Takes what LangSmith would be sent."""

    taken: list[str]

    def do_GET(self) -> None:
        body = json.dumps({"version": "1", "batch_ingest_config": INGESTED}).encode()
        self._answer(body)

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.taken.append(self._plain(data) + str(self.headers))
        self._answer(b"{}")

    do_PATCH = do_POST  # noqa: N815

    def _plain(self, data: bytes) -> str:
        how = self.headers.get("Content-Encoding")
        if how == "zstd":
            import zstandard

            data = zstandard.ZstdDecompressor().decompressobj().decompress(data)
        return (gzip.decompress(data) if how == "gzip" else data).decode("utf-8", "replace")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def langsmith() -> Iterator[tuple[str, list[str]]]:
    """Its address, and what was sent to it."""
    taken: list[str] = []
    handler = type("Here", (Collector,), {"taken": taken})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", taken
        server.shutdown()
        thread.join()


@pytest.mark.slow
def test_traces_go_where_tracing_is_on_and_hold_no_key(twin, tmp_path, langsmith):
    url, taken = langsmith
    service = twin(
        projects={"a": KEYS[:1], "b": KEYS[1:]},
        fault=FaultPlan(0.3, [Fault("503"), Fault("400_api_key_invalid")], seed=1),
    )
    tracing = {
        "LANGSMITH_TRACING": "true",
        "LANGSMITH_ENDPOINT": url,
        "LANGSMITH_API_KEY": "lsv2_pt_" + "0" * 32,
        "LANGSMITH_PROJECT": "p",
    }
    posts = write_jsonl(tmp_path / "posts.jsonl", rows(4))
    said = mianjing("extract", posts, "--pack", "1", "--patience", "0", **environment(service), **tracing)
    assert said.status in {0, 3}
    eventually(lambda: any("LoRA" in one for one in taken), 20)
    no_key_in(*taken)
    taken.clear()
    assert confined("extract", posts, "--offline", command=COMMAND, **tracing).status == 0
    assert taken == []
