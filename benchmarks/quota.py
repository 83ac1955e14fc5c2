"""A day's quota and a ladder: 75 posts over 3 keys in 2 projects, 20 requests a day on a model, a retired model in the ladder."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.contest import FALLBACKS, LANGEXTRACT, LITELLM, MIANJING, Contender, compete, twin
from benchmarks.measures import Round, Standing
from benchmarks.posts import posts
from tests.twin import fake_key


ROUNDS = 3
_KEYS = [fake_key(n) for n in (1, 2, 3)]
_LADDER = ["gemini-2.5-flash-lite", "gemini-2.0-flash", "gemini-2.5-flash"]
_FIRST, _AGAIN = (
    "75 posts, 3 keys in 2 projects, 20 a day, a retired model",
    "75 other posts the same day, started anew (5 requests left)",
)


def measures(rounds: int) -> Iterator[Standing]:
    """One post a request, four in flight, for everybody. LangExtract knows one key and one model."""
    for contender in (MIANJING, LITELLM, FALLBACKS, LANGEXTRACT):
        both = [_two_runs(contender) for _ in range(rounds)]
        for case, done in zip((_FIRST, _AGAIN), zip(*both, strict=True), strict=True):
            yield Standing(case=case, who=contender.name, rounds=done)


def _two_runs(contender: Contender) -> tuple[Round, Round]:
    projects = {"one": _KEYS[:2], "two": _KEYS[2:]}
    with (
        tempfile.TemporaryDirectory(prefix="mianjing-bench-") as home,
        twin(projects=projects, quotas={"*": {"rpd": 20}}) as served,
    ):
        first, again = (
            compete(contender, served, posts=given, keys=_KEYS, models=_LADDER, home=Path(home))
            for given in (posts(75), posts(75, start=76))
        )
    return first, again
