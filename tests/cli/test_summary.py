"""The closing summary is exact, the twin being the witness; where nothing can serve, one report says all of it."""

from __future__ import annotations

import json
import re

import pytest

from agent import Extractor
from agent.cli.summary import Summary
from agent.pipeline.batch_answers import BatchTally
from agent.pipeline.tally import Tally
from tests.cli.command import mianjing, rows, write_jsonl
from tests.twin import FaultPlan, Quota, fake_key
from tests.twin.faults import Fault


LITE, FLASH = "gemini-2.5-flash-lite", "gemini-2.5-flash"
KEYS = [fake_key(n) for n in (1, 2)]
TAILS = [f"…{key[-4:]}" for key in KEYS]


def environment(service, *models: str) -> dict[str, str]:
    return {
        "GEMINI_API_KEYS": ",".join(service.keys),
        "GOOGLE_GEMINI_BASE_URL": service.url,
        "MIANJING_MODELS": ",".join(models or (LITE, FLASH)),
    }


def summed_up(said) -> dict:
    """The summary as programs get it."""
    told = [json.loads(line) for line in said.err.split("\n") if line]
    return next(one for one in told if one.get("event") == "summary")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"quotas": Quota(rpd=7)},
        {"quotas": {LITE: Quota(rpd=3), FLASH: Quota(rpd=100)}},
        {"fault": FaultPlan(0.3, [Fault(kind) for kind in ("503", "500", "malformed", "empty")], seed=3)},
    ],
    ids=["all well", "quota gone", "second model", "faults"],
)
def test_requests_and_waste_are_those_that_the_service_counted(twin, tmp_path, options):
    service = twin(projects={"a": KEYS[:1], "b": KEYS[1:]}, **options)
    file = write_jsonl(tmp_path / "posts.jsonl", rows(12))
    said = mianjing(
        "extract", file, "--pack", "1", "--patience", "0", "--log-json", **environment(service, LITE, "gone-1", FLASH)
    )
    told = summed_up(said)
    assert told["requests"] == len(service.generated)
    refused = {reason for reason in told["in_vain"] if reason.startswith(("quota", "model", "key", "bad"))}
    assert sum(told["in_vain"][reason] for reason in refused) == service.wasted.total()
    served = service.outcomes["ok"]
    assert told["requests"] - sum(told["in_vain"].values()) == served
    assert told["posts"] == len(said.records) == 12
    assert told["input_tokens"] == sum(
        seen.prompt_tokens for seen in service.generated if seen.outcome in {"ok", "empty"}
    )


def test_counts_by_origin_and_model_doubles_and_earlier_results(twin, tmp_path):
    service = twin(projects={"a": KEYS[:1]})
    posts = rows(3)
    first = write_jsonl(tmp_path / "first.jsonl", posts[:1])
    assert mianjing("extract", first, "-q", **environment(service)).err == ""
    again = write_jsonl(tmp_path / "again.jsonl", [*posts, {**posts[2], "id": "double"}, {"id": "empty", "text": " "}])
    said = mianjing("extract", again, "-o", tmp_path / "x.jsonl", **environment(service))
    assert said.status == 4
    for line in (
        f"4 posts done, written to {tmp_path / 'x.jsonl'}: 4 by a model",
        "1 post had a model's result from an earlier run",
        "1 post had the same content as an earlier one",
        "1 post or rows without a result, each named above",
    ):
        assert line in said.err
    assert "again.jsonl (empty): the post has no text" in said.err


def test_results_of_an_older_prompt_stay_and_are_told(twin, tmp_path):
    import sqlite3

    service = twin(projects={"a": KEYS[:1]})
    file = write_jsonl(tmp_path / "posts.jsonl", rows(2))
    mianjing("extract", file, **environment(service))
    with sqlite3.connect(tmp_path / "home/results.sqlite3") as db:
        db.execute("UPDATE results SET record = replace(record, '\"extract@', '\"extract@0')")
    said = mianjing("extract", file, **environment(service))
    assert said.status == 0
    assert "a result of an older prompt, which stays (--fresh asks again): 2 posts" in said.err


def test_where_nothing_can_serve_one_report_names_every_rung_and_key(twin, tmp_path):
    service = twin(projects={"a": KEYS[:1], "b": KEYS[1:]}, quotas=Quota(rpd=0))
    service.script[KEYS[1]] = "403_leaked"
    file = write_jsonl(tmp_path / "posts.jsonl", rows(5))
    said = mianjing("extract", file, **environment(service, LITE, "gemini-1.5-flash", FLASH))
    assert said.status == 3
    assert said.err.count("No model could serve 5 posts now:") == 1
    report = said.err.partition("No model could serve")[2]
    for model in (LITE, FLASH):
        assert re.search(rf"{model}: .*tier.*\({TAILS[0]}\)", report)
        assert re.search(rf"{model}: the key was reported as leaked.*\({TAILS[1]}\)", report)
    assert "gemini-1.5-flash: the model does not exist, or no more" in report
    assert not any(key in said.err for key in KEYS)


def test_the_summary_says_when_quota_returns(twin, tmp_path):
    service = twin(projects={"a": KEYS[:1]}, quotas=Quota(rpd=2))
    file = write_jsonl(tmp_path / "posts.jsonl", rows(4))
    said = mianjing("extract", file, "--pack", "1", **environment(service, FLASH))
    assert said.status == 3
    assert re.search(r"2 by a model, 2 by rules", said.err)
    assert re.search(r"Quota returns at [\d :-]+\d; run the same command again then", said.err)


def test_a_post_that_models_refuse_is_told_apart_from_a_model_that_is_out(twin, tmp_path):
    service = twin(projects={"a": KEYS[:1]}, poison={"第1题": "blocked"})
    file = write_jsonl(tmp_path / "posts.jsonl", rows(3))
    said = mianjing("extract", file, **environment(service, FLASH))
    assert said.status == 3
    assert "No model that was asked gave a result for 1 post" in said.err
    assert "No model could serve" not in said.err


def test_programs_are_told_what_came_by_batch_where_a_batch_was_asked_for():
    tally, extractor = Tally(by_model={LITE: 5}), Extractor(offline=True)
    assert Summary(tally, extractor, None, BatchTally(answered=3)).facts()["by_batch"] == 3
    assert "by_batch" not in Summary(tally, extractor, None).facts()
