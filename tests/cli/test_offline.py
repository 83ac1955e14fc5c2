"""With no key and no network the command does its main job, by rules; bad input is named, never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import mianjing, write_jsonl


POST = "一面：\n1. 什么是 LoRA？\n2. 手撕：反转链表\n"
DATA = Path(__file__).parents[2] / "data/posts"


def test_a_text_on_standard_input_becomes_one_record_on_standard_output():
    said = mianjing("extract", "-", "--offline", stdin=POST)
    assert said.status == 0
    (record,) = said.records
    assert [one.quote for one in record.questions] == ["什么是 LoRA？", "手撕：反转链表"]
    assert {one.round for one in record.questions} == {"一面"}
    assert record.provenance.origin == "rules"


def test_rows_on_standard_input_keep_their_ids():
    rows = "".join(json.dumps({"id": n, "text": POST}) + "\n" for n in (7, 8))
    said = mianjing("extract", "-", "--offline", stdin=rows)
    assert [record.post.id for record in said.records] == ["7", "8"]


def test_every_quote_of_the_shipped_posts_stands_in_its_place():
    said = mianjing("extract", DATA, "--offline", "--format", "json")
    assert said.status == 0
    records = json.loads(said.out)
    assert len(records) == 9
    texts = {str(path): path.read_text(encoding="utf-8") for path in DATA.iterdir() if path.suffix != ".jsonl"}
    for record in records:
        text = next((text for path, text in texts.items() if path.endswith(Path(record["post"]["source"]).name)), None)
        for kind in ("methods", "questions", "advice") if text else ():
            assert all(text[item["start"] : item["end"]] == item["quote"] for item in record[kind])


def test_a_ladder_of_rules_alone_asks_for_nothing_else():
    assert mianjing("extract", "-", "--models", "rules", stdin=POST).status == 0


def test_without_a_key_the_rules_do_the_work_and_one_line_says_how_to_get_one():
    said = mianjing("extract", "-", stdin=POST)
    assert said.status == 3
    assert len(said.records) == 1
    assert "aistudio.google.com/apikey" in said.err
    assert "mianjing keys add" in said.err


def test_an_output_file_holds_what_standard_output_would(tmp_path):
    target = tmp_path / "out.jsonl"
    said = mianjing("extract", "-", "--offline", "-o", target, stdin=POST)
    assert said.status == 0
    assert said.out == ""
    assert json.loads(target.read_text(encoding="utf-8"))["questions"][0]["number"] == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["absent.txt"], "absent.txt"),
        (["-", "--models", "ollama:"], "no model name"),
        (["-", "--models", "nobody:nothing"], "nobody"),
        (["-", "-o", "x.docx"], "docx"),
        (["-", "-o", "nowhere/x.json"], "nowhere"),
        (["-", "--format", "xlsx"], "-o FILE"),
        (["-", "--pack", "0"], "auto"),
        (["-", "--encoding", "klingon"], "klingon"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_wrong_usage_is_told_and_exits_with_2(arguments, told):
    said = mianjing("extract", *arguments, stdin=POST, GEMINI_API_KEY="none")
    assert said.status == 2
    assert told in said.err


def test_a_folder_with_nothing_in_it_exits_with_2(tmp_path):
    (tmp_path / "empty").mkdir()
    said = mianjing("extract", tmp_path / "empty", "--offline")
    assert said.status == 2
    assert "empty" in said.err


def test_an_empty_file_and_a_binary_one_are_named_and_the_rest_goes_on(tmp_path):
    folder = tmp_path / "posts"
    folder.mkdir()
    (folder / "good.txt").write_text(POST, encoding="utf-8")
    (folder / "empty.txt").write_bytes(b"")
    (folder / "program.txt").write_bytes(bytes(range(256)) * 8)
    said = mianjing("extract", folder, "--offline")
    assert said.status == 4
    assert len(said.records) == 1
    assert "empty.txt" in said.err
    assert "program.txt" in said.err


def test_a_broken_row_is_named_with_its_line(tmp_path):
    file = write_jsonl(tmp_path / "rows.jsonl", [{"id": 1, "text": POST}])
    with file.open("a", encoding="utf-8") as end:
        end.write('{"id": 2, "text": \n')
    said = mianjing("extract", file, "--offline")
    assert said.status == 4
    assert len(said.records) == 1
    assert "row 2" in said.err


def test_a_file_that_is_all_unreadable_leaves_nothing_to_read(tmp_path):
    (tmp_path / "program.txt").write_bytes(bytes(range(256)) * 8)
    assert mianjing("extract", tmp_path / "program.txt", "--offline").status == 2


def test_a_file_that_was_there_stays_if_the_run_cannot_begin(tmp_path):
    target = tmp_path / "old.json"
    target.write_text("kept", encoding="utf-8")
    mianjing("extract", tmp_path / "absent", "--offline", "-o", target)
    assert target.read_text(encoding="utf-8") == "kept"


def test_limit_takes_the_first_posts_only(tmp_path):
    file = write_jsonl(tmp_path / "rows.jsonl", [{"id": n, "text": POST} for n in range(5)])
    said = mianjing("extract", file, "--offline", "--limit", "2")
    assert [record.post.id for record in said.records] == ["0", "1"]


def test_a_dry_run_tells_what_there_is_and_writes_nothing(tmp_path):
    said = mianjing("extract", DATA, "--dry-run", "-o", tmp_path / "x.json")
    assert said.status == 0
    assert "9 posts" in said.err
    assert not (tmp_path / "x.json").exists()


@pytest.mark.parametrize("tracing", ["", "true"])
def test_offline_never_imports_langchain_even_where_tracing_is_on(tmp_path, tracing):
    code = (
        "import sys; sys.argv = ['mianjing', 'extract', '-', '--offline', '-q']\n"
        "from agent.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = [name for name in sys.modules if name.split('.')[0] in {'langchain', 'langchain_core', 'google', 'langsmith', 'asyncio'}]\n"
        "print(heavy, file=sys.stderr)"
    )
    import os
    import subprocess
    import sys

    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "LANGSMITH_TRACING": tracing,
        "LANGSMITH_API_KEY": "x",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], input=POST.encode(), capture_output=True, env=environment, check=True
    )
    assert done.stderr.decode().strip() == "[]"


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["extract"],
        ["bank"],
        ["report"],
        ["schema"],
        ["eval"],
        ["forget"],
        ["quota"],
        ["models"],
        ["keys"],
        ["keys", "list"],
        ["keys", "add"],
        ["keys", "remove"],
        ["keys", "check"],
    ],
    ids=" ".join,
)
def test_every_help_shows_an_example(command):
    said = mianjing(*command, "--help")
    assert said.status == 0
    assert "Example: mianjing" in said.out


def test_the_schema_is_printed_as_json():
    assert json.loads(mianjing("schema").out)["title"] == "Record"


def test_the_bank_merges_equal_questions(tmp_path):
    file = write_jsonl(tmp_path / "rows.jsonl", [{"id": n, "text": POST} for n in range(3)])
    records = tmp_path / "records.jsonl"
    mianjing("extract", file, "--offline", "-o", records)
    said = mianjing("bank", records, "--format", "json")
    bank = json.loads(said.out)
    assert len(bank["entries"]) == 2
    assert "LoRA" in mianjing("bank", records).out


def test_a_bank_has_a_report_of_its_own(tmp_path):
    file = write_jsonl(tmp_path / "rows.jsonl", [{"id": n, "text": POST} for n in range(3)])
    mianjing("extract", file, "--offline", "-o", tmp_path / "records.jsonl")
    for name in ("bank.json", "bank.html"):
        assert mianjing("bank", tmp_path / "records.jsonl", "-o", tmp_path / name).status == 0
    said = mianjing("report", tmp_path / "bank.json", "-o", tmp_path / "report.html")
    assert said.status == 0, said.err
    assert (tmp_path / "report.html").read_bytes() == (tmp_path / "bank.html").read_bytes()
    assert (
        "bank.json, record 1 is no record" in mianjing("report", tmp_path / "bank.json", tmp_path / "records.jsonl").err
    )


def test_nothing_to_forget_is_told(tmp_path):
    said = mianjing("forget", tmp_path / "nope.jsonl")
    assert said.status == 2
    assert "nope.jsonl: there is no such file" in said.err
    assert "nothing to read" in said.err


@pytest.mark.parametrize("option", ["--pack", "--concurrency"])
def test_a_wrong_count_is_told_with_its_option(option):
    said = mianjing("extract", "-", option, "0")
    assert said.status == 2
    assert option in said.err


def test_what_is_no_record_is_told_by_file_and_number(tmp_path):
    file = write_jsonl(tmp_path / "posts.jsonl", [{"id": 1, "text": POST}])
    said = mianjing("bank", file)
    assert said.status == 2
    assert "posts.jsonl, record 1" in said.err
