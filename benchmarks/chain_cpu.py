"""CPU seconds a post, all threads, at no latency: beside LangChain alone, and packed beside LangExtract.

LangChain's bare chain with `include_raw=True` is what ours is made of, and what its cost is held against: a program that is to
know tokens, money and how an answer ended cannot do without. What ours costs beyond it is told part by part.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from agent.extraction.answer import read_answer
from agent.extraction.check import settle
from agent.extraction.rules import extract
from agent.gemini.keys import KeyManager
from agent.ladder import ModelName
from agent.prices import Usage, price
from agent.records import Post
from benchmarks.contest import (
    BY_README,
    CARELESS,
    CHAIN,
    LANGCHAIN,
    LANGCHAIN_RAW,
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
from benchmarks.oracle import items_of
from benchmarks.posts import posts
from tests.twin import fake_key


ROUNDS = 3
_MODEL = "gemini-2.5-flash-lite"
_KEY = fake_key(1)
_PACK = 15
_COUNT = 200
# Of LangExtract's packed CPU the target is a fortieth.
_FORTIETH = 1 / 40


def measures(rounds: int) -> Iterator[Comparison]:
    """The clock starts after a warm-up; quota is ample and known, so that nothing is paced."""
    alone, packed = partial(_cpu_ms, count=_COUNT, pack=1), partial(_cpu_ms, count=150, pack=_PACK, width=4)
    reworded = partial(packed, oracle=CARELESS)
    several = f"engine, {_PACK} posts a request"
    for what, ours, peer, cpu, target in (
        ("chain, one post a request", CHAIN, LANGCHAIN_RAW, alone, 1.3),
        ("chain, one post a request", CHAIN, LANGCHAIN, alone, None),
        ("engine, one post a request, results kept", MIANJING, LANGCHAIN, alone, None),
        ("engine, one post a request, results kept", MIANJING, LITELLM, alone, None),
        (f"{several}, quoted to the letter", MIANJING, BY_README, packed, _FORTIETH),
        (f"{several}, quoted to the letter", MIANJING, LANGEXTRACT, packed, None),
        (f"{several}, one quote in four reworded", MIANJING, BY_README, reworded, _FORTIETH),
    ):
        mine, theirs = paired(rounds, partial(cpu, ours), partial(cpu, peer))
        yield Comparison(
            what=f"CPU a post: {what}", unit="ms", ours=mine, beside=peer.name, others=theirs, target=target
        )
        if ours is CHAIN and target:
            yield from _parts(rounds, theirs)


def _parts(rounds: int, bare: tuple[float, ...]) -> Iterator[Comparison]:
    """What the chain does that the bare one does not, each part alone."""
    given = [Post(text=one.text) for one in posts(_COUNT)]
    seen = [extract(post) for post in given]
    said = [json.dumps({"posts": [{"id": "p1", **items_of(post.text)}]}, ensure_ascii=False) for post in given]

    def check(place: int) -> None:
        settle(given[place], read_answer(said[place], None, ["p1"]).posts["p1"], seen[place])

    with tempfile.TemporaryDirectory(prefix="mianjing-bench-") as folder:
        know_limits(Path(folder), _KEY, _MODEL)
        manager = KeyManager([_KEY], home=Path(folder))
        for what, act in (
            ("the rules", lambda place: extract(given[place])),
            ("an answer read, grounded and checked", check),
            ("a key leased and reported, on disk", lambda _: manager.lease(_MODEL, 900).served(900)),
            ("its price", lambda _: price(ModelName.parse(_MODEL), Usage(900, 600))),
        ):
            mine = tuple(_each_ms(act) for _ in range(rounds))
            yield Comparison(
                what=f"CPU a post: of it, {what}", unit="ms", ours=mine, beside=LANGCHAIN_RAW.name, others=bare
            )
        manager.close()


def _each_ms(act: Callable[[int], object]) -> float:
    began = time.process_time()
    for place in range(_COUNT):
        act(place)
    return 1000 * (time.process_time() - began) / _COUNT


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
