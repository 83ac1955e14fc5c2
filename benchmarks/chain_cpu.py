"""CPU seconds a post, all threads, at no latency: beside LangChain alone, and packed beside LangExtract."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.contest import (
    CARELESS,
    CHAIN,
    LANGCHAIN,
    LANGEXTRACT,
    LITELLM,
    MIANJING,
    TRUE,
    Contender,
    compete,
    twin,
)
from benchmarks.known import know_limits
from benchmarks.measures import Comparison, paired
from benchmarks.posts import posts
from tests.twin import fake_key


ROUNDS = 3
_MODEL = "gemini-2.5-flash-lite"
_KEY = fake_key(1)
_PACK = 15
# Of LangExtract's packed CPU the target is a fortieth.
_FORTIETH = 1 / 40


def measures(rounds: int) -> Iterator[Comparison]:
    """The clock starts after a warm-up; quota is ample and known, so that nothing is paced."""
    alone, packed = partial(_cpu_ms, count=200, pack=1), partial(_cpu_ms, count=150, pack=_PACK, width=4)
    reworded = partial(packed, oracle=CARELESS)
    several = f"engine, {_PACK} posts a request"
    for what, ours, peer, cpu, target in (
        ("chain, one post a request", CHAIN, LANGCHAIN, alone, 1.3),
        ("engine, one post a request, results kept", MIANJING, LANGCHAIN, alone, None),
        ("engine, one post a request, results kept", MIANJING, LITELLM, alone, None),
        (f"{several}, quoted to the letter", MIANJING, LANGEXTRACT, packed, _FORTIETH),
        (f"{several}, one quote in four reworded", MIANJING, LANGEXTRACT, reworded, _FORTIETH),
    ):
        mine, theirs = paired(rounds, partial(cpu, ours), partial(cpu, peer))
        yield Comparison(
            what=f"CPU a post: {what}", unit="ms", ours=mine, beside=peer.name, others=theirs, target=target
        )


def _cpu_ms(contender: Contender, *, count: int, pack: int, width: int = 8, oracle: str = TRUE) -> float:
    warm = 2 * width * pack
    with (
        tempfile.TemporaryDirectory(prefix="mianjing-bench-") as folder,
        twin(projects={"one": [_KEY]}, oracle=oracle) as served,
    ):
        home = Path(folder)
        know_limits(home, _KEY, _MODEL)
        done = compete(
            contender,
            served,
            posts=posts(count),
            warm_up=posts(warm, start=10_000),
            keys=[_KEY],
            models=[_MODEL],
            home=home,
            width=width,
            pack=pack,
        )
    if done.answered != count:
        raise RuntimeError(f"{contender.name} answered {done.answered} of {count} posts")
    return done.cpu_ms_a_post
