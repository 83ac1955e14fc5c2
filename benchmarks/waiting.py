"""Wait-bound work: a second's mean latency, many requests in flight, beside the time that waiting alone would take."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.contest import MIANJING, compete, twin
from benchmarks.known import know_limits
from benchmarks.measures import Comparison
from benchmarks.posts import posts
from tests.twin import fake_key


ROUNDS = 3
_KEY, _MODEL = fake_key(1), "gemini-2.5-flash-lite"
_LATENCY = 1.0
# Posts, requests in flight, whether the limits are known, the target.
_CASES = ((480, 16, True, 1.15), (480, 16, False, 1.2), (1920, 64, True, 1.3), (1920, 64, False, 1.3))


def measures(rounds: int) -> Iterator[Comparison]:
    """One post a request; latencies are log-normal about their mean."""
    for count, width, is_known, target in _CASES:
        ideal = count * _LATENCY / width
        yield Comparison(
            what=f"{count:,} posts at 1 s, {width} in flight, limits {'known' if is_known else 'not known'}",
            unit="s",
            ours=tuple(_seconds(count, width, is_known=is_known) for _ in range(rounds)),
            beside="ideal",
            others=(ideal,) * rounds,
            target=target,
        )


def _seconds(count: int, width: int, *, is_known: bool) -> float:
    with (
        tempfile.TemporaryDirectory(prefix="mianjing-bench-") as folder,
        twin(projects={"one": [_KEY]}, latency={"mean": _LATENCY}) as served,
    ):
        home = Path(folder)
        if is_known:
            know_limits(home, _KEY, _MODEL)
        done = compete(MIANJING, served, posts=posts(count), keys=[_KEY], models=[_MODEL], home=home, width=width)
    if done.answered != count:
        raise RuntimeError(f"{done.answered} of {count} posts were answered by the model")
    return done.wall_s
