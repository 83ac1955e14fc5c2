"""What the engine promises as a whole, through the twin: the most of a day's quota, and every post whatever fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from agent import Extractor, Post, Record
from benchmarks.oracle import answer
from benchmarks.posts import posts as made_up
from tests.twin import FaultPlan, Quota, fake_key
from tests.twin.faults import EVERY_KIND, Fault


KEY = fake_key(1)
LADDER = ["gemini-2.5-flash-lite", "gemini-2.5-flash"]


def posts(count: int) -> list[Post]:
    return [Post(text=one.text, id=one.id) for one in made_up(count)]


def extracted(service, given: Iterable[Post], home, *, models=LADDER[:1], **options) -> list[Record]:
    with Extractor(models=models, keys=[KEY], base_url=service.url, home=home, **options) as extractor:
        return list(extractor.stream(given))


def items(record: Record) -> list[tuple[str, int, int]]:
    kinds = ("methods", "questions", "advice")
    return [(kind, one.start, one.end) for kind in kinds for one in getattr(record, kind)]


def test_three_hundred_posts_get_a_model_with_twenty_requests_and_lose_nothing_by_it(twin, tmp_path):
    scarce = twin(projects={"p": [KEY]}, quotas=Quota(rpd=20), oracle=answer)
    packed = extracted(scarce, posts(300), tmp_path / "scarce")
    assert len(scarce.generated) <= 20
    assert scarce.wasted.total() == 0
    assert all(record.provenance.origin == "model" for record in packed)

    ample = twin(projects={"p": [KEY]}, oracle=answer)
    alone = extracted(ample, posts(300), tmp_path / "ample", pack=1)
    assert len(ample.generated) == 300
    assert [items(record) for record in packed] == [items(record) for record in alone]


# All but an address that leads elsewhere: somebody has to mend that.
_KINDS = [Fault(kind, seconds=1.0) if kind in {"hang", "drip"} else kind for kind in EVERY_KIND if kind != "redirect"]


@pytest.mark.parametrize(
    ("pack", "seed"), [(None, 2), (None, 3), (None, 8), pytest.param(1, 2, marks=pytest.mark.slow)], ids=str
)
def test_where_one_request_in_three_fails_in_every_way_all_posts_are_answered(twin, tmp_path, pack, seed):
    service = twin(projects={"p": [KEY]}, oracle=answer, fault=FaultPlan(1 / 3, _KINDS, seed=seed))
    given = made_up(200)
    records = extracted(service, posts(200), tmp_path / "home", models=LADDER, patience=600.0, pack=pack)
    assert [record.post.id for record in records] == [post.id for post in given]
    assert all(record.provenance.origin != "rules" for record in records)
    found = wanted = 0
    for post, record in zip(given, records, strict=True):
        spans = items(record)
        assert len(set(spans)) == len(spans)
        told = Counter((kind, post.text[start:end].rstrip("！")) for kind, start, end in spans)
        labels = Counter((kind, quote.rstrip("！")) for kind, quotes in post.quotes.items() for quote in quotes)
        found += (told & labels).total()
        wanted += labels.total()
    assert found >= 0.98 * wanted
