"""`--budget` holds, a price that nobody knows is wrong usage, and what was spent, or would be, is told."""

from __future__ import annotations

import json
import re

import pytest

from tests.cli.command import Said, mianjing, rows, write_jsonl
from tests.twin import fake_key


pytest.importorskip("genai_prices")
LITE = "gemini-2.5-flash-lite"


@pytest.fixture
def extract(twin, tmp_path):
    """`extract(8, "--budget", "1")`: the command on so many posts, and `extract.twin`."""
    service = twin()

    def run(count: int, *options: str) -> Said:
        file = write_jsonl(tmp_path / "posts.jsonl", rows(count))
        environment = {"GEMINI_API_KEYS": fake_key(1), "GOOGLE_GEMINI_BASE_URL": service.url}
        return mianjing("extract", file, *options, **environment)

    run.twin = service
    return run


def test_the_rest_gets_rules_and_the_summary_says_why(extract):
    said = extract(8, "--budget", "0.0140", "--pack", "1", "--models", LITE)
    assert said.status == 3
    spent = sum(record.provenance.cost_usd or 0 for record in said.records)
    assert 0 < spent <= 0.0140
    assert 0 < len(extract.twin.generated) < 8
    assert "one more request could pass --budget" in said.err
    assert "raise --budget" in said.err


def test_a_budget_of_nothing_asks_nobody(extract):
    assert extract(1, "--budget", "0", "--models", LITE).status == 3
    assert not extract.twin.generated


@pytest.mark.parametrize("models", ["gemini-0-none", f"{LITE},ollama:qwen3"])
def test_a_model_of_no_known_price_is_wrong_usage_and_named(extract, models):
    said = extract(1, "--budget", "1", "--models", models)
    assert said.status == 2
    assert models.split(",")[-1] in said.err
    assert not extract.twin.generated


@pytest.mark.parametrize("amount", ["much", "-1", "nan", "inf", ""])
def test_what_is_no_amount_is_wrong_usage(extract, amount):
    said = extract(1, f"--budget={amount}")
    assert said.status == 2
    assert "--budget" in said.err


def test_the_default_ladder_has_a_price(extract):
    said = extract(2, "--budget", "1")
    assert said.status == 0
    assert all(record.provenance.cost_usd for record in said.records)


def test_what_a_run_cost_is_told(extract):
    said = extract(3, "--log-json", "--models", LITE)
    told = next(one for one in map(json.loads, said.err.splitlines()) if one.get("event") == "summary")
    assert told["cost_usd"] == pytest.approx(sum(record.provenance.cost_usd for record in said.records))
    assert re.search(r"\$0\.0\d+ at list price", told["message"])


def test_a_dry_run_tells_tokens_and_money_beforehand(extract):
    said = extract(6, "--dry-run", "--models", LITE)
    assert re.search(r"about [\d,]+ tokens in, [\d,]+ out", said.err)
    assert re.search(r"about \$0\.0\d+ at list price", said.err)
    whole = json.loads(extract(6, "--dry-run", "--log-json", "--models", LITE, "--pack", "1").err)
    half = json.loads(extract(6, "--dry-run", "--log-json", "--models", LITE, "--batch").err)
    assert half["cost_usd"] * 2 == pytest.approx(whole["cost_usd"])
    assert not extract.twin.generated


def test_a_dry_run_tells_days_where_one_is_not_enough(extract):
    told = json.loads(extract(300, "--dry-run", "--log-json", "--models", LITE, "--pack", "5").err)
    assert told["days"] == 3
