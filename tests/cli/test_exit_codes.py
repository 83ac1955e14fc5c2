"""Exit status, line by line of the contract: 0, 3, 4, 2; 4 goes before 3; and what the machine does is told in words."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.command import COMMAND, environment_with, mianjing, rows, write_jsonl
from tests.twin import Quota, fake_key


POST = "一面：\n1. 什么是 LoRA？\n"
COMMENT = '{"comment_id": "1", "content": "蹲", "note_id": "n"}\n'
ROW = '{"id": 1, "text": "1. A?"}\n'


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (ROW, 3),
        (ROW + '{"id": 2, "text": " \u200b"}\n', 4),
        (ROW + '{"id": 2, "text": \n', 4),
        ("", 4),
    ],
    ids=["rules because no model serves", "a blank post", "a broken row", "an empty text"],
)
def test_without_a_model_it_is_3_and_4_where_something_has_no_result(given, status):
    assert mianjing("extract", "-", stdin=given).status == status
    assert mianjing("extract", "-", "--offline", stdin=given).status == (0 if status == 3 else 4)


def test_a_model_for_every_post_is_0_and_one_by_the_rules_is_3(twin, tmp_path):
    service = twin(quotas=Quota(rpd=1))
    environment = {"GEMINI_API_KEYS": fake_key(1), "GOOGLE_GEMINI_BASE_URL": service.url}
    command = ("extract", "--models", "gemini-2.5-flash", "--pack", "1", "--patience", "0")
    one, two = (write_jsonl(tmp_path / f"{count}.jsonl", rows(count)) for count in (1, 2))
    assert mianjing(*command, one, **environment).status == 0
    assert mianjing(*command, two, **environment).status == 3
    assert mianjing(*command, one, **environment).status == 0


def test_what_was_understood_and_is_no_post_is_told_and_counts_for_nothing(tmp_path):
    (tmp_path / "comments.jsonl").write_text(COMMENT, encoding="utf-8")
    (tmp_path / "post.txt").write_text(POST, encoding="utf-8")
    said = mianjing("extract", tmp_path, "--offline")
    assert said.status == 0
    assert "comments.jsonl: holds comments, no posts; they are left out" in said.err


def test_the_runs_own_output_is_no_input_where_it_lies_among_them(tmp_path):
    (tmp_path / "post.txt").write_text(POST, encoding="utf-8")
    for _ in range(2):
        said = mianjing("extract", tmp_path, "--offline", "-o", tmp_path / "out.csv")
        assert said.status == 0
        assert "1 post done" in said.err


def test_an_input_is_never_written_over(tmp_path):
    file = write_jsonl(tmp_path / "posts.jsonl", rows(1))
    before = file.read_bytes()
    said = mianjing("extract", file, "--offline", "-o", file)
    assert said.status == 2
    assert "is one of the inputs" in said.err
    assert file.read_bytes() == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("command", [("extract", "-", "--offline", "-q"), ("schema",)], ids=" ".join)
def test_a_full_disk_is_told_in_words(command):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, *command],
            input=POST.encode(),
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment_with({}),
            check=False,
        )
    said = done.stderr.decode()
    assert done.returncode == 4
    assert "No space left" in said
    assert "Traceback" not in said
    assert "Exception ignored" not in said


def test_a_reader_that_goes_away_is_no_error():
    process = subprocess.Popen(
        [*COMMAND, "extract", "-", "--offline", "-q"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment_with({}),
    )
    process.stdout.close()
    process.stdin.write("".join(f'{{"id": {n}, "text": "1. A?"}}\n' for n in range(2_000)).encode())
    process.stdin.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == 1


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_state_folder_that_cannot_be_used_is_told_in_words(tmp_path):
    (tmp_path / "closed").mkdir(mode=0o500)
    said = mianjing("extract", "-", stdin=POST, GEMINI_API_KEY=fake_key(1), MIANJING_HOME=str(tmp_path / "closed/home"))
    assert said.status == 4


def test_a_state_folder_that_is_a_file_is_told_in_words(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    said = mianjing("extract", "-", stdin=POST, GEMINI_API_KEY=fake_key(1), MIANJING_HOME=str(tmp_path / "file/home"))
    assert said.status == 4
    assert "MIANJING_HOME" in said.err


@pytest.mark.parametrize("content", ["no bank", '{"entries": 7}', "[]"])
def test_a_file_that_is_no_bank_is_told(tmp_path, content):
    records = tmp_path / "records.jsonl"
    mianjing("extract", "-", "--offline", "-o", records, stdin=POST)
    (tmp_path / "bank.json").write_text(content, encoding="utf-8")
    said = mianjing("bank", records, "--into", tmp_path / "bank.json")
    assert said.status == 2
    assert "bank.json is no bank" in said.err
