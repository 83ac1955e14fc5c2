"""What is logged: nothing of libraries unless asked for; as JSON one object a line; never a key."""

from __future__ import annotations

import json

import pytest

from tests.cli.command import mianjing, rows, write_jsonl
from tests.twin import Quota, fake_key


@pytest.fixture
def served(twin, tmp_path):
    service = twin(quotas=Quota(rpd=3), poison={"第0题": "no_candidate"})
    file = write_jsonl(tmp_path / "p.jsonl", rows(3))
    environment = {"GEMINI_API_KEYS": fake_key(1), "GOOGLE_GEMINI_BASE_URL": service.url}
    return ("extract", file, "--models", "gemini-2.5-flash", "--pack", "3", "--patience", "0"), environment


def test_a_library_is_heard_only_where_asked_for(served):
    command, environment = served
    assert "produced an empty response" not in mianjing(*command, **environment).err


def test_verbose_tells_each_request_and_what_libraries_say(served):
    command, environment = served
    told = mianjing(*command, "-v", **environment).err
    assert f"gemini-2.5-flash · …{fake_key(1)[-4:]} · empty" in told
    assert "produced an empty response" in told


def test_as_json_every_line_is_an_object_and_no_key_is_in_it(served):
    command, environment = served
    said = mianjing(*command, "--log-json", "-v", **environment)
    told = [json.loads(line) for line in said.err.split("\n") if line]
    assert all({"at", "level", "message"} <= one.keys() for one in told)
    requests = [one for one in told if one.get("logger") == "agent.pipeline.engine"]
    assert {"posts", "model", "key", "outcome"} <= requests[0].keys()
    assert told[-1]["event"] == "summary"
    assert fake_key(1)[:20] not in said.err


def test_a_key_in_what_is_told_is_masked(tmp_path):
    key = fake_key(7)
    said = mianjing("extract", f"absent-{key}.txt", "--offline")
    assert said.status == 2
    assert key not in said.err
    assert f"…{key[-4:]}" in said.err


def test_errors_are_objects_too(tmp_path):
    told = json.loads(mianjing("extract", "-", "-o", "nowhere/x.json", "--log-json", "--offline", stdin="1. A?").err)
    assert told["level"] == "error"
