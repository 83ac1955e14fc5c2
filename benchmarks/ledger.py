"""The ledger under four processes at once: leases and reports a second, and the longest that any of them waited for one."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from benchmarks.contest import bare_environment
from benchmarks.environments import OURS
from benchmarks.known import know_limits
from benchmarks.measures import Comparison
from tests.twin import fake_key


ROUNDS = 5
_PROCESSES, _SECONDS = 4, 3.0
_MODEL = "gemini-2.5-flash-lite"
_LEAST, _LONGEST_MS = 1000.0, 100.0
# Each says that it is ready, and begins when told; then tells how many leases and reports it made, and its longest wait for one.
_WORKER = """
import sys, time
from pathlib import Path
from agent.gemini.keys import KeyManager
home, key, model, seconds, pause = sys.argv[1:]
manager = KeyManager([key], home=Path(home))
manager.capacity([model])
print("ready", flush=True)
sys.stdin.readline()
count, longest, due = 0, 0.0, time.perf_counter()
ends = due + float(seconds)
while (at := time.perf_counter()) < ends:
    lease = manager.lease(model, 900)
    then = time.perf_counter()
    lease.served(900)
    longest = max(longest, then - at, time.perf_counter() - then)
    count += 2
    due += float(pause)
    time.sleep(max(0.0, due - time.perf_counter()))
print(count, longest)
"""


def measures(rounds: int) -> Iterator[Comparison]:
    """As fast as they can, then at the rate wanted. Of each lease and of each report one is counted."""
    wanted = 2 * _PROCESSES / _LEAST
    for how, pause in (("as fast as they can", 0.0), (f"at {_LEAST:,.0f} a second", wanted)):
        rates, longest = zip(*(_together(pause) for _ in range(rounds)), strict=True)
        who = f"ledger, four processes {how}"
        if not pause:
            yield Comparison.with_limit(f"{who}: leases and reports a second", "/s", rates, _LEAST, at_least=True)
        yield Comparison.with_limit(f"{who}: longest wait for one", "ms", longest, _LONGEST_MS)


def _together(pause: float) -> tuple[float, float]:
    """Operations a second over all processes, and the longest wait in milliseconds."""
    key = fake_key(1)
    with tempfile.TemporaryDirectory(prefix="mianjing-bench-") as folder:
        home = Path(folder)
        know_limits(home, key, _MODEL)
        workers = [_worker(home, key, pause) for _ in range(_PROCESSES)]
        for worker in workers:
            _output(worker).readline()
        for worker in workers:
            _input(worker).write("go\n")
            _input(worker).flush()
        said = [_output(worker).read().split() for worker in workers]
        if any(worker.wait() for worker in workers):
            raise RuntimeError("a process on the ledger failed")
    rate = sum(int(count) for count, _ in said) / _SECONDS
    return rate, 1000 * max(float(longest) for _, longest in said)


def _worker(home: Path, key: str, pause: float) -> subprocess.Popen[str]:
    command = [str(OURS), "-c", _WORKER, str(home), key, _MODEL, str(_SECONDS), str(pause)]
    return subprocess.Popen(
        command, env=bare_environment(home), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _output(worker: subprocess.Popen[str]) -> IO[str]:
    assert worker.stdout
    return worker.stdout


def _input(worker: subprocess.Popen[str]) -> IO[str]:
    assert worker.stdin
    return worker.stdin
