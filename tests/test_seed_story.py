"""The story that it all began with ends well: a day's quota gone on the first model, a retired second, a result from the third."""

from __future__ import annotations

import json

import pytest

from tests.cli.command import mianjing
from tests.twin import fake_key


KEYS = [fake_key(n) for n in (1, 2, 3)]
LADDER = "gemini-2.5-flash-lite,gemini-1.5-flash,gemini-2.5-flash"


@pytest.fixture
def seed(corpus):
    (row,) = corpus("seed")
    return row


def test_the_seeds_post_comes_out_whole_offline(seed):
    said = mianjing(
        "extract", "-", "--offline", stdin=json.dumps({"id": "seed", "text": seed["text"]}, ensure_ascii=False)
    )
    assert said.status == 0
    (record,) = said.records
    for kind in ("methods", "questions"):
        assert [(one.start, one.end) for one in getattr(record, kind)] == [
            (one["start"], one["end"]) for one in seed[kind]
        ]
    assert [one.number for one in record.questions] == list(range(1, 16))
    found = [(one.start, one.end) for one in record.advice]
    for one in seed["advice"]:
        if not one.get("optional"):
            assert any(
                min(end, one["end"]) - max(start, one["start"]) > (one["end"] - one["start"]) / 2
                for start, end in found
            )
    assert "大模型面试" in record.post.tags


def test_the_third_model_serves_and_the_next_run_asks_nothing_in_vain(seed, twin, tmp_path):
    service = twin(projects={f"p{n}": [key] for n, key in enumerate(KEYS)})
    service.script["gemini-2.5-flash-lite"] = "429_rpd_free_stremio170"
    environment = {"GEMINI_API_KEYS": ",".join(KEYS), "GOOGLE_GEMINI_BASE_URL": service.url}
    (tmp_path / "seed.txt").write_text(seed["text"], encoding="utf-8")

    first = mianjing("extract", tmp_path / "seed.txt", "--models", LADDER, "-v", **environment)
    assert first.status == 0, first.err
    (record,) = first.records
    assert record.provenance.model == "gemini-2.5-flash"
    assert len(record.questions) == 15
    assert len(service.generated) <= 5

    before = len(service.generated)
    (tmp_path / "next.txt").write_text("1. 什么是 RAG？\n2. 什么是 Agent？", encoding="utf-8")
    second = mianjing("extract", tmp_path / "next.txt", "--models", LADDER, **environment)
    assert second.status == 0
    assert len(service.generated) - before == 1

    for key in KEYS:
        for said in (first, second):
            assert key not in said.out + said.err
            assert key[:12] not in said.out + said.err
