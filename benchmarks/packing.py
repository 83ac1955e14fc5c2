"""One free key and 300 posts: 20 requests a day, the limit not told, nothing known."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.contest import FALLBACKS, LANGEXTRACT, LITELLM, MIANJING, Contender, compete, twin
from benchmarks.measures import Round, Standing
from benchmarks.posts import posts
from tests.twin import fake_key


ROUNDS = 2
_CASE = "300 posts, one key, 20 a day"
_BY_HAND = 15


def measures(rounds: int) -> Iterator[Standing]:
    """Ours packs as it thinks fit; LangExtract as it comes, and with 15 posts joined to one text by hand; the others cannot."""
    contenders = (
        (MIANJING, 0, "mianjing --pack auto"),
        (LITELLM, 1, LITELLM.name),
        (FALLBACKS, 1, FALLBACKS.name),
        (LANGEXTRACT, 1, LANGEXTRACT.name),
        (LANGEXTRACT, _BY_HAND, f"{LANGEXTRACT.name}, {_BY_HAND} posts joined by hand"),
    )
    for contender, pack, who in contenders:
        yield Standing(case=_CASE, who=who, rounds=tuple(_run(contender, pack) for _ in range(rounds)))


def _run(contender: Contender, pack: int) -> Round:
    key = fake_key(1)
    with (
        tempfile.TemporaryDirectory(prefix="mianjing-bench-") as home,
        twin(projects={"one": [key]}, quotas={"*": {"rpd": 20}}) as served,
    ):
        return compete(
            contender,
            served,
            posts=posts(300),
            keys=[key],
            models=["gemini-2.5-flash-lite"],
            home=Path(home),
            width=16,
            pack=pack,
        )
