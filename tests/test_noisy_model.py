"""With a bad model the result is better than the model's own, and with a hopeless one no worse than the rules alone."""

from __future__ import annotations

import pytest

from agent import Extractor, Post
from agent.evaluation import Gold, evaluate
from benchmarks.known import know_limits
from tests.twin import Fault, Labelled, fake_key
from tests.twin.noise import Noisy


MODEL = "gemini-2.5-flash"


@pytest.fixture
def rows(corpus):
    return corpus("dev")


def extracted(service, rows, **options):
    posts = [Post(text=row["text"], id=row["id"]) for row in rows]
    with Extractor(models=[MODEL], keys=[fake_key(1)], base_url=service.url, **options) as extractor:
        return {record.post.id: record for record in extractor.stream(posts)}


def scored(rows, records):
    return evaluate([Gold.model_validate(row) for row in rows], records)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("is_ample", [False, True], ids=["quota believed scarce", "quota known and ample"])
def test_a_noisy_model_is_put_right_with_no_more_requests_than_posts(twin, rows, tmp_path, seed, is_ample):
    noisy = Noisy(Labelled(rows), seed=seed)
    service = twin(projects={"p": [fake_key(1)]}, oracle=noisy)
    if is_ample:
        know_limits(tmp_path, fake_key(1), MODEL)
    records = extracted(service, rows, home=tmp_path)
    # The model alone keeps 85 of 100 items, and tells what is nowhere.
    assert scored(rows, records).score(None).f1 >= 0.98
    assert len(service.generated) <= len(rows)
    for row in rows:
        record = records[row["id"]]
        for item in (*record.methods, *record.questions, *record.advice):
            assert row["text"][item.start : item.end] == item.quote


@pytest.mark.parametrize("fault", ["loop", "prose", "empty", "other_ids", "wrong_types", "max_tokens"])
def test_a_hopeless_model_never_makes_a_record_worse_than_the_rules_alone(twin, rows, fault):
    rows = rows[:12]
    service = twin(projects={"p": [fake_key(1)]}, oracle=Labelled(rows), fault=lambda _: Fault(fault))
    posts = [Post(text=row["text"], id=row["id"]) for row in rows]
    by_rules = {record.post.id: record for record in Extractor(offline=True).stream(posts)}
    records = extracted(service, rows, pack=4)
    assert set(records) == set(by_rules)
    assert scored(rows, records).score(None).f1 >= scored(rows, by_rules).score(None).f1 - 1e-9
