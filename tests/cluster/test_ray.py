"""Real Ray, started for each run as a user would: the same records as without it, whatever dies in the middle, and one ledger for all workers."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from agent.cluster.blocks import ORDER
from agent.records import Record
from benchmarks.posts import posts
from tests.cli.command import environment_with, eventually, mianjing, started, write_jsonl
from tests.twin import fake_key
from tests.twin.process import TwinProcess


psutil = pytest.importorskip("psutil", reason="psutil is not installed")
pytest.importorskip("ray", reason="Ray is not installed: pip install 'mianjing[ray]'")
pytestmark = [pytest.mark.slow, pytest.mark.ray]

ROOT = Path(__file__).parents[2]
KEYS = [fake_key(number) for number in (1, 2, 3)]
MODEL = "gemini-2.5-flash"


@pytest.fixture(autouse=True)
def logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where Ray writes. Its sockets lie there too, whose paths must be short."""
    folder = Path(tempfile.mkdtemp(prefix="mj-"))
    monkeypatch.setenv("RAY_TMPDIR", str(folder))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def given(tmp_path: Path):
    """A file of so many posts."""

    def make(count: int) -> Path:
        return write_jsonl(tmp_path / "posts.jsonl", [{"id": one.id, "text": one.text} for one in posts(count)])

    return make


def told(line: str) -> dict[str, Any]:
    """A record without the moment at which it was made."""
    record: dict[str, Any] = json.loads(line)
    del record["provenance"]["at"]
    return record


def lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


def workers_of(process: subprocess.Popen[Any], name: str) -> list[psutil.Process]:
    """Ray's processes below this one that are at a task or actor of that name."""
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        with suppress(psutil.Error):
            found += [child] if name in " ".join(child.cmdline()) else []
    return found


def kill_one(process: subprocess.Popen[Any], name: str) -> None:
    found: list[psutil.Process] = []
    eventually(lambda: found.extend(workers_of(process, name)) or found, 30)
    found[0].kill()


class TestRules:
    def test_the_records_are_those_of_the_local_engine(self, given, tmp_path):
        posts_file = given(2000)
        for engine in ("local", "ray"):
            said = mianjing("extract", posts_file, "--offline", "--engine", engine, "-o", tmp_path / f"{engine}.jsonl")
            assert said.status == 0, said.err
            assert "ray" not in said.err.replace("ray.jsonl", ""), "Ray is to be quiet"
        local, ray = (list(map(told, lines(tmp_path / f"{engine}.jsonl"))) for engine in ("local", "ray"))
        assert ray == local
        assert len(local) == 2000

    def test_a_worker_dies_and_then_the_driver(self, given, tmp_path):
        posts_file, out = given(3000), tmp_path / "out"
        unfinished = tmp_path / "out.unfinished"

        def finished(count: int) -> bool:
            return len(list(unfinished.glob("*.jsonl"))) >= count

        command = [sys.executable, "-m", "tests.cluster.work", str(posts_file), str(out), "50"]
        how = {"cwd": ROOT, "env": environment_with({}), "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, **how) as first:
            eventually(lambda: finished(5), 90)
            kill_one(first, "ray::MapBatches")
            eventually(lambda: finished(15), 90)
            first.kill()
        kept = len(list(unfinished.glob("*.jsonl")))
        assert kept < 60, "it was to die in the middle"
        assert not out.exists()

        again = subprocess.run(command, check=True, timeout=120, **how)
        written = json.loads(again.stdout)
        assert written["kept"] >= 15
        assert written["records"] == 3000
        names = json.loads((out / ORDER).read_text(encoding="utf-8"))
        assert {*names, ORDER} == {one.name for one in out.iterdir()}
        ids = [Record.from_json(line).post.id for name in names for line in lines(out / name)]
        assert ids == [one.id for one in posts(3000)]


class TestModels:
    def twin(self, **more: Any) -> TwinProcess:
        config = {"projects": {f"p{k}": [key] for k, key in enumerate(KEYS)}, "quotas": {"*": {"rpd": 20}}}
        return TwinProcess({**config, "latency": 0.05, **more})

    def extract(self, *arguments: str | Path) -> tuple[str | Path, ...]:
        return ("extract", *arguments, "--models", MODEL, "--engine", "ray")

    def test_requests_and_waste_are_those_of_the_local_engine(self, given, tmp_path, logs):
        counts = {}
        for engine in ("local", "ray"):
            out = tmp_path / f"{engine}.jsonl"
            with self.twin() as twin:
                said = mianjing(
                    *("extract", given(300), "-o", out, "--models", MODEL, "--engine", engine, "--base-url", twin.url),
                    GEMINI_API_KEYS=",".join(KEYS),
                    MIANJING_HOME=str(tmp_path / engine),
                )
                assert said.status == 0, said.err
                counts[engine] = twin.counts()
            assert [Record.from_json(line).provenance.origin for line in lines(out)].count("rules") == 0
            assert [json.loads(line)["post"]["id"] for line in lines(out)] == [one.id for one in posts(300)]
        assert counts["ray"]["requests"] <= min(60, counts["local"]["requests"] + 3)
        assert counts["ray"]["wasted"] == counts["local"]["wasted"] == {}
        written = b"".join(file.read_bytes() for file in logs.rglob("*") if file.is_file())
        assert written
        assert not [key for key in KEYS if key.encode() in written], "no key is in Ray's logs"

    def test_a_worker_dies_and_nothing_is_lost_or_asked_twice_for_long(self, given, tmp_path):
        out = tmp_path / "out.jsonl"
        with (
            self.twin(latency=0.4, quotas={}) as twin,
            started(
                *self.extract(given(300), "-o", out, "--base-url", twin.url, "--pack", "5", "--concurrency", "4"),
                GEMINI_API_KEYS=",".join(KEYS),
            ) as going,
        ):
            eventually(lambda: twin.counts()["requests"] >= 12, 90)
            kill_one(going.process, "ray::MapWorker")
            said = going.end()
            requests = twin.counts()["requests"]
        assert said.status == 0, said.err
        assert [json.loads(line)["post"]["id"] for line in lines(out)] == [one.id for one in posts(300)]
        assert requests <= 60 + 4, "what was in flight is asked again, no more"

    def test_a_bound_holds_over_all_workers(self, given, tmp_path):
        with self.twin() as twin:
            said = mianjing(
                *self.extract(given(300), "-o", tmp_path / "out.jsonl", "--base-url", twin.url, "--max-requests", "7"),
                GEMINI_API_KEYS=",".join(KEYS),
            )
            assert twin.counts()["requests"] == 7
        assert said.status in {0, 3}, said.err
        assert len(lines(tmp_path / "out.jsonl")) == 300
        assert "7 requests" in said.err


def test_a_dataset_of_posts_becomes_one_of_records():
    with TwinProcess({"projects": {"p": KEYS[:1]}}) as twin:
        command = [sys.executable, "-m", "tests.cluster.rows", twin.url, MODEL]
        environment = environment_with({"GEMINI_API_KEYS": KEYS[0]})
        done = subprocess.run(command, check=True, cwd=ROOT, env=environment, capture_output=True, timeout=120)
    for line, origins in zip(done.stdout.splitlines(), ({"rules"}, {"model", "model+rules"}), strict=True):
        rows = json.loads(line)
        records = [Record.from_json(row["record"]) for row in rows if row["record"]]
        assert {record.post.id for record in records} == {str(n) for n in range(40)}
        assert {record.provenance.origin for record in records} <= origins
        (problem,) = [row["problem"] for row in rows if row["problem"]]
        assert "no text" in problem


def test_a_cluster_that_runs_is_joined_and_left(given, tmp_path, monkeypatch):
    monkeypatch.setenv("RAY_AUTH_TOKEN", "a-token-of-this-test-alone-0123456789")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("ray")), "start", "--head", "--block", f"--port={port}"]
    options = ["--num-cpus=1", "--include-dashboard=false", "--disable-usage-stats"]
    environment = environment_with({"RAY_AUTH_MODE": "token"})
    with subprocess.Popen([*command, *options], env=environment, stdout=subprocess.PIPE, text=True) as head:
        try:
            assert any("runtime started" in line for line in head.stdout)
            arguments = ("extract", given(250), "--offline", "--engine", "ray", "--ray-address", f"127.0.0.1:{port}")
            said = mianjing(*arguments, "-o", tmp_path / "out.jsonl")
            assert said.status == 0, said.err
            assert len(lines(tmp_path / "out.jsonl")) == 250
            assert head.poll() is None, "it goes on without us"
        finally:
            head.terminate()


def test_a_cluster_that_is_not_there_is_told_of(given):
    said = mianjing("extract", given(1), "--offline", "--engine", "ray", "--ray-address", "127.0.0.1:9")
    assert said.status == 2
    assert "127.0.0.1:9" in said.err
