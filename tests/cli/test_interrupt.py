"""Ctrl-C and kill -9: FILE stays as it was, and nothing that was finished is asked for again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections import Counter
from datetime import UTC, datetime

import pytest

from agent.cli.interrupt import Interrupt
from agent.errors import RungUnavailable
from agent.pipeline.run import Run
from agent.pipeline.tally import Tally
from tests.cli.command import eventually, mianjing, rows, started, write_jsonl
from tests.twin import fake_key


pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="signals as on Unix")
MODEL = "gemini-2.5-flash"


@pytest.fixture
def slow(twin):
    """A twin whose answers take a second, and what makes the command ask it one post a request."""
    service = twin(projects={"p": [fake_key(1)]}, latency=0.6)
    options = ("--models", MODEL, "--pack", "1", "--concurrency", "4")
    return service, options, {"GEMINI_API_KEYS": fake_key(1), "GOOGLE_GEMINI_BASE_URL": service.url}


def test_ctrl_c_lets_what_is_in_flight_come_to_its_end(slow, tmp_path):
    service, options, environment = slow
    file = write_jsonl(tmp_path / "posts.jsonl", rows(12))
    target = tmp_path / "out.jsonl"
    target.write_text("as it was", encoding="utf-8")
    with started("extract", file, "-o", target, *options, **environment) as going:
        eventually(lambda: len(service.generated) >= 5)
        said = going.end(signal.SIGINT)
    assert said.status == 130
    assert "run the same command again to go on" in said.err
    assert target.read_text(encoding="utf-8") == "as it was"
    assert not list(tmp_path.glob(".*.part"))

    asked = len(service.generated)
    assert asked <= 8
    again = mianjing("extract", file, "-o", target, *options, **environment)
    assert again.status == 0
    assert len(target.read_text(encoding="utf-8").splitlines()) == 12
    assert len(service.generated) == 12


def test_ctrl_c_twice_ends_at_once_and_keeps_what_was_finished(slow, tmp_path):
    service, options, environment = slow
    service.service.latency = lambda _: 0.1 if service.service.log.outcomes.total() < 4 else 30.0
    file = write_jsonl(tmp_path / "posts.jsonl", rows(12))
    with started("extract", file, "-o", tmp_path / "out.jsonl", *options, **environment) as going:
        eventually(lambda: len(service.generated) >= 5)
        going.process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        before = time.monotonic()
        said = going.end(signal.SIGINT)
    assert time.monotonic() - before < 3
    assert said.status == 130
    assert not (tmp_path / "out.jsonl").exists()
    assert not list(tmp_path.glob(".*.part"))

    service.service.latency = 0.0
    assert mianjing("extract", file, "-o", tmp_path / "out.jsonl", *options, **environment).status == 0
    assert len(service.generated) <= 12 + 4


@pytest.mark.parametrize(("waiting", "told"), [(0, "2 requests in flight"), (1, "1 request in flight"), (2, "")])
def test_the_first_ctrl_c_stops_and_tells_of_what_is_in_flight_and_does_not_just_wait(waiting, told, capsys):
    rung = RungUnavailable("m", "quota_minute", until=datetime.now(UTC))
    stopped: list[bool] = []
    going = Run(iter(()), Tally(in_flight=2, waiting=[rung] * waiting), lambda: stopped.append(True))
    with Interrupt(going):
        before = set(threading.enumerate())
        signal.raise_signal(signal.SIGINT)
        for thread in set(threading.enumerate()) - before:
            thread.join()
        assert stopped == [True]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert (told in capsys.readouterr().err) if told else not capsys.readouterr().err


@pytest.mark.parametrize("ladder", ["rules", MODEL])
def test_ctrl_c_while_it_waits_for_input_ends_at_once(ladder):
    with started("extract", "-", "--models", ladder, stdin=subprocess.PIPE, GEMINI_API_KEY=fake_key(1)) as going:
        going.process.stdin.write(b'{"id": 1, "text": "1. A?"}\n{"broken\n')
        going.process.stdin.flush()
        eventually(lambda: b"row 2" in os.read(going.process.stderr.fileno(), 4096))
        before = time.monotonic()
        going.process.send_signal(signal.SIGINT)
        assert going.process.wait(timeout=60) == 130
        going.end()
    assert time.monotonic() - before < 3


@pytest.mark.slow
def test_three_kills_in_two_hundred_posts_lose_nothing_that_was_finished(twin, tmp_path):
    service = twin(projects={"p": [fake_key(1)]}, latency=0.15)
    environment = {"GEMINI_API_KEYS": fake_key(1), "GOOGLE_GEMINI_BASE_URL": service.url}
    file = write_jsonl(tmp_path / "posts.jsonl", rows(200))
    target = tmp_path / "out.jsonl"
    command = ("extract", file, "-o", target, "--models", MODEL, "--pack", "1", "--concurrency", "8")
    for kill in (1, 2, 3):
        with started(*command, **environment) as going:
            eventually(lambda so_far=kill * 45: len(service.generated) >= so_far)
            going.process.kill()
        assert not target.exists()
    assert mianjing(*command, **environment).status == 0
    ids = [json.loads(line)["post"]["id"] for line in target.read_text(encoding="utf-8").splitlines()]
    assert ids == [str(n) for n in range(200)]
    asked = Counter(str(seen.body["contents"]) for seen in service.generated)
    assert len(asked) == 200
    assert max(asked.values()) <= 1 + 3
    assert sum(asked.values()) - 200 <= 3 * 8
