"""A dry run tells what there is to do before anything is sent, and is right about it."""

from __future__ import annotations

import json
import re

from tests.cli.command import mianjing, rows, write_jsonl
from tests.twin import fake_key


def test_posts_kinds_doubles_finished_and_requests_are_told_and_nothing_is_sent(twin, tmp_path):
    service = twin()
    environment = {
        "GEMINI_API_KEYS": fake_key(1),
        "GOOGLE_GEMINI_BASE_URL": service.url,
        "MIANJING_MODELS": "gemini-2.5-flash",
    }
    posts = tmp_path / "posts"
    posts.mkdir()
    done = write_jsonl(posts / "a.jsonl", rows(4))
    assert mianjing("extract", done, "-q", **environment).status == 0
    sent = len(service.generated)

    write_jsonl(posts / "b.jsonl", [*rows(30)[4:], {**rows(1)[0], "id": "again"}, {"id": "blank", "text": " "}])
    (posts / "c.txt").write_text("1. 什么是 RAG？", encoding="utf-8")
    (posts / "d.txt").write_bytes(bytes(range(256)))
    said = mianjing("extract", posts, "--dry-run", "-o", tmp_path / "x.json", **environment)
    assert said.status == 4
    assert said.out == ""
    assert not (tmp_path / "x.json").exists()
    for line in (
        "33 posts in JSON Lines × 2, text × 1",
        "the same content as an earlier one: 1 post",
        "a model's result already: 4 posts",
        "without a result, whatever is asked: 2 posts or rows",
        "To do: 27 posts in about ",
    ):
        assert line in said.err
    assert len(service.requests) == sent

    told = int(re.search(r"in about (\d+) request", said.err)[1])
    assert mianjing("extract", posts, "-q", **environment).status == 4
    assert len(service.generated) - sent == told


def test_offline_there_is_nothing_to_ask_for(tmp_path):
    file = write_jsonl(tmp_path / "posts.jsonl", rows(3))
    said = mianjing("extract", file, "--dry-run", "--offline")
    assert said.status == 0
    assert "To do: 3 posts\n" in said.err


def test_programs_get_it_as_one_object(tmp_path):
    file = write_jsonl(tmp_path / "posts.jsonl", rows(3))
    told = json.loads(mianjing("extract", file, "--dry-run", "--log-json", "--max-requests", "2").err)
    assert (told["posts"], told["to_ask"], told["requests_left"]) == (3, 3, 0)


def test_a_batch_has_a_quota_of_its_own(twin, tmp_path):
    file = write_jsonl(tmp_path / "posts.jsonl", rows(3))
    environment = {"GEMINI_API_KEYS": fake_key(1), "GOOGLE_GEMINI_BASE_URL": twin().url}
    asked = ("extract", file, "--dry-run", "--models", "gemini-2.5-flash")
    assert "left today" in mianjing(*asked, **environment).err
    assert "left today" not in mianjing(*asked, "--batch", **environment).err


def test_days_are_told_where_one_is_not_enough(twin, tmp_path):
    file = write_jsonl(tmp_path / "posts.jsonl", rows(300))
    environment = {"GEMINI_API_KEYS": fake_key(1), "GOOGLE_GEMINI_BASE_URL": twin().url}
    asked = ("extract", file, "--dry-run", "--models", "gemini-2.5-flash-lite", "--pack")
    assert "about 3 days of quota" in mianjing(*asked, "5", **environment).err
    assert "days of quota" not in mianjing(*asked, "50", **environment).err


def test_what_comes_by_standard_input_is_surveyed_too():
    said = mianjing("extract", "-", "--dry-run", "--offline", stdin="1. 什么是 LoRA？\n")
    assert said.status == 0
    assert "1 post in standard input × 1" in said.err


def test_money_is_not_told_where_nobody_knows_the_price(tmp_path):
    file = write_jsonl(tmp_path / "posts.jsonl", rows(3))
    said = mianjing("extract", file, "--dry-run", "--models", "ollama:qwen3")
    assert "tokens in" in said.err
    assert "list price" not in said.err
