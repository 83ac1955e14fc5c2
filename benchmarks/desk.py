"""The actor that owns the ledger of a cluster: leases a second for four workers at once, and how long 99 in 100 of them take."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles
from typing import Any

from agent import Extractor
from agent.cluster.plan import desk_for
from agent.cluster.remote import Line
from agent.cluster.session import joined
from agent.gemini.leasing import Entry, Grant
from agent.gemini.ledger import fingerprint
from benchmarks.known import know_limits
from benchmarks.measures import Comparison
from tests.twin import fake_key


ROUNDS = 3
_WORKERS, _SECONDS = 4, 3.0
_MODEL = "gemini-2.5-flash-lite"
_LEAST, _LONGEST_MS = 500.0, 100.0


def measures(rounds: int) -> Iterator[Comparison]:
    """As fast as they can, then at the rate wanted. A lease is asked for, and then told how it went."""
    with joined(None):
        for how, rate in (("as fast as they can", 0.0), (f"at {_LEAST:.0f} a second", _LEAST)):
            counts, longest = zip(*(leases(rate) for _ in range(rounds)), strict=True)
            who = f"the cluster's ledger, {_WORKERS} workers {how}"
            if not rate:
                yield Comparison.with_limit(f"{who}: leases a second", "/s", counts, _LEAST, at_least=True)
            yield Comparison.with_limit(f"{who}: 99 in 100 leases within", "ms", longest, _LONGEST_MS)


def leases(rate: float = 0.0) -> tuple[float, float]:
    """Leases a second over all workers, and within how many milliseconds 99 in 100 of them were granted. Ray is to run."""
    import ray

    key = fake_key(1)
    with tempfile.TemporaryDirectory(prefix="mianjing-bench-") as folder:
        know_limits(Path(folder), key, _MODEL)
        desk = desk_for(Extractor(models=_MODEL, keys=[key], home=folder), 1)
        worker = ray.remote(num_cpus=0)(_Worker)
        workers = [worker.remote(desk, str(number), fingerprint(key)) for number in range(_WORKERS)]
        ray.get([one.ready.remote() for one in workers])
        waits = [wait for some in ray.get([one.work.remote(rate / _WORKERS) for one in workers]) for wait in some]
        for one in (*workers, desk):
            ray.kill(one)
    return len(waits) / _SECONDS, 1000 * quantiles(waits, n=100)[98]


class _Worker:
    def __init__(self, desk: Any, name: str, key: str) -> None:
        self._line, self._entry = Line(desk, name), Entry(key, "…")

    def ready(self) -> None:
        self._line.ask("join")

    def work(self, rate: float) -> list[float]:
        """How long each lease took, in seconds."""
        waits, due = [], time.perf_counter()
        ends = due + _SECONDS
        while (at := time.perf_counter()) < ends:
            grant = self._line.ask("ledger", "lease", (_MODEL, [self._entry], 900))
            waits.append(time.perf_counter() - at)
            if not isinstance(grant, Grant):
                raise RuntimeError(f"a lease was denied: {grant}")  # noqa: TRY004  # of the ledger, not of a type
            self._line.ask("ledger", "served", (grant, 900, None))
            due += 1 / rate if rate else 0
            time.sleep(max(0.0, due - time.perf_counter()))
        return waits
