"""Posts that do their worst are answered or named: in bounded time, grounded, and without a word that steers the terminal."""

from __future__ import annotations

import gc
import json
import os
import re
import zipfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent import Extractor, Post, Record, export
from agent.outputs.exports import FORMATS
from tests.cli.command import mianjing
from tests.cli.test_screen import on_a_terminal
from tests.hard.confined import confined, contents
from tests.hard.posts import BLANK, ENDS, ESCAPES, IDS, POSTS, row
from tests.hard.sampling import one_in


HUGE = "two megabytes on one line"
OTHERS = [name for name in POSTS if name != HUGE]


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Record]:
    """The records of all posts but the huge one, from one run of the command."""
    return by_command(tmp_path_factory.mktemp("hostile"), OTHERS, megabytes=250)


def by_command(folder: Path, names: list[str], *, megabytes: float) -> dict[str, Record]:
    file = folder / "posts.jsonl"
    file.write_text("".join(row(POSTS[name], id=name) for name in names), encoding="utf-8")
    ran = confined("extract", file, "--offline", "-q", seconds=60)
    assert ran.status == 0, ran.err
    assert ran.megabytes < megabytes
    records = [Record.from_json(line) for line in ran.out.decode().splitlines()]  # splitlines: any end of a line is one
    return {record.post.id: record for record in records}


@pytest.mark.parametrize("name", OTHERS)
def test_each_has_a_record_and_every_item_stands_in_its_place(answered, name):
    assert_is_grounded(answered[name], POSTS[name])


@pytest.mark.slow
def test_two_megabytes_on_one_line_have_a_record_in_bounded_time_and_memory(tmp_path):
    assert_is_grounded(by_command(tmp_path, [HUGE], megabytes=500)[HUGE], POSTS[HUGE])


def assert_is_grounded(record: Record, text: str) -> None:
    assert record.post.chars == len(text)
    for item in (*record.questions, *record.methods, *record.advice):
        assert text[item.start : item.end] == item.quote
        assert not Post(text=item.quote).is_blank


def test_what_can_be_read_among_the_worst_is_found(answered):
    found = {name: [item.quote for item in record.questions] for name, record in answered.items()}
    assert found["lone surrogates"] == ["什么是 \ud83d LoRA？", "手撕\udc00：反转链表"]
    assert found["mostly invisible"] == ["什么是 LoRA？"]
    assert "什么是越狱？" in found["orders"]
    assert "什么是 RAG？" in found["json inside"]
    assert len(found["every line end"]) == 11


def test_what_nobody_can_see_has_no_result_and_each_is_named(tmp_path):
    file = tmp_path / "blank.jsonl"
    file.write_text("".join(row(text, id=name) for name, text in BLANK.items()) + row("1. A?", id="ok"), "utf-8")
    said = mianjing("extract", file, "--offline")
    assert said.status == 4
    assert [record.post.id for record in said.records] == ["ok"]
    assert [name for name in BLANK if f"({name}): the post has no text" not in said.err] == []


@pytest.mark.parametrize("form", FORMATS)
def test_no_id_leads_anywhere(tmp_path, form):
    ending = FORMATS[form].endings[0]
    inside = tmp_path / "in" / "deep"
    inside.mkdir(parents=True)
    records = Extractor(offline=True).collect(
        Post(text=f"1. 什么是第{n}题？", id=one if isinstance(one, str) else "", title=name, url=str(one))
        for n, (name, one) in enumerate(IDS.items())
    )
    export(records, inside / f"out{ending}")
    assert contents(tmp_path) == ["in", "in/deep", f"in/deep/out{ending}"]
    if ending in {".xlsx", ".apkg"}:
        with zipfile.ZipFile(inside / f"out{ending}") as archive:
            assert not [name for name in archive.namelist() if ".." in name or name.startswith("/")]


def test_an_id_that_is_none_is_made_from_the_content(tmp_path):
    file = tmp_path / "ids.jsonl"
    file.write_text("".join(row(f"1. 什么是第{n}题？", id=one) for n, one in enumerate(IDS.values())), "utf-8")
    said = mianjing("extract", file, "--offline")
    assert said.status == 0
    ids = [record.post.id for record in said.records]
    assert len(set(ids)) == len(IDS)
    for told, (name, one) in zip(ids, IDS.items(), strict=True):
        kept = isinstance(one, str) and one.strip()
        assert told == (one if kept else "1" + "0" * 300 if name == "huge" else told)
        assert kept or name == "huge" or re.fullmatch(r"post-[0-9a-f]{12}", told), name


COMMANDS = {
    "the view": ("extract", "bad.jsonl", "--offline"),
    "csv": ("extract", "bad.jsonl", "--offline", "--format", "csv"),
    "jsonl": ("extract", "bad.jsonl", "--offline", "--format", "jsonl"),
    "md": ("extract", "bad.jsonl", "--offline", "--format", "md"),
    "html": ("extract", "bad.jsonl", "--offline", "--format", "html"),
    "a log": ("extract", "bad.jsonl", "--offline", "--log-json", "-v"),
    "a dry run": ("extract", "bad.jsonl", "--offline", "--dry-run"),
    "a bank": ("bank", "records.jsonl"),
    "a bank as json": ("bank", "records.jsonl", "--format", "json"),
    "a report": ("report", "records.jsonl"),
    "an evaluation": ("eval", "gold.jsonl", "--offline", "--list"),
    "a wrong option": ("extract", f"--{ESCAPES}"),
    "a wrong file": ("extract", f"no{ESCAPES}.txt", "--offline"),
    "a wrong format": ("extract", "bad.jsonl", "--format", ESCAPES),
    "a wrong model": ("models", "--models", f"gemini-{ESCAPES}"),
}


@pytest.fixture(scope="module")
def hostile_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A post that steers terminals by text, id, title, tags and file name; its records; labels of it."""
    folder = tmp_path_factory.mktemp("steering")
    text = f"字节跳动一面\n1. 什么是{ESCAPES}微调？\n2. 手撕：{ESCAPES}反转链表\n"
    good = row(text, id=f"id{ESCAPES}", title=f"题{ESCAPES}", tags=[ESCAPES], images=[f"{ESCAPES}.png"])
    bad = row("", id=ESCAPES) + json.dumps({f"column{ESCAPES}": 1}) + "\n" + f'{{"{ESCAPES}\n'
    (folder / "bad.jsonl").write_text(good + bad, encoding="utf-8")
    record = Extractor(offline=True).extract(Post(text=text, id=f"id{ESCAPES}", title=ESCAPES, source=ESCAPES))
    export([record], folder / "records.jsonl")
    start = text.index("手")
    label = {"quote": text[start : start + 9], "start": start, "end": start + 9}
    (folder / "gold.jsonl").write_text(row(text, id=f"id{ESCAPES}", advice=[label], title=ESCAPES), encoding="utf-8")
    return folder


@pytest.mark.parametrize("command", one_in(3, COMMANDS.values()), ids=COMMANDS)
def test_nothing_of_a_post_steers_the_terminal(hostile_folder, monkeypatch, command):
    monkeypatch.chdir(hostile_folder)
    _, shown = on_a_terminal(*command, TERM="dumb", NO_COLOR="1")
    assert shown
    assert re.findall(r"[^\r\n\t\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\U0010ffff]", shown) == []
    assert not re.search(r"\r(?!\n)", shown.replace("\r\r\n", "\r\n"))


def test_json_lines_are_lines_to_every_reader_and_text_comes_back(tmp_path):
    text = "1. 什么是" + ESCAPES + ENDS.join("ab") + "\ud800？"
    said = mianjing("extract", "-", "--offline", stdin=row(text, id=ENDS + "x"))
    assert len(said.out.splitlines()) == 1
    assert json.loads(said.out)["post"]["id"] == ENDS + "x"
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff]", said.out)


# Pieces of every class of characters that rules or writers look for; a text repeats a few of them.
PIECES = [
    *"1 \n？?!。，、：:；;（([【)]】#*-•>|`~=\"'《「…/\\&<{$@\t",
    *(
        "1.",
        "1.1.",
        "（1）",
        "①",
        "一、",
        "第1题",
        "Q:",
        "Q1",
        "A. ",
        "1️⃣",
        "👩‍💻",
        "e\u0301",
        "\u200b",
        "\ufeff",
        "\u3164",
    ),
    *(
        "\x00",
        "\x1b[31m",
        "\x85",
        "\u2028",
        "\u202e",
        "\ud800",
        "\r",
        "\r\n",
        "**a",
        "#a[话题]#",
        "- \n",
        "# a\n",
        "```\n",
    ),
    *(
        "面试官问了",
        "问我",
        "手撕",
        "让我介绍",
        "比如",
        "就是",
        "建议",
        "多看看",
        "一面：\n",
        "字节跳动一面",
        "LoRA、",
        "是什么",
        "吗\n",
    ),
    *("asked about ", "you should ", "What is ", "http://a.b/", "</post>", '{"a":[', "a", "LLM ", "Ａ", "한", "س"),
]
# Below this (seconds of CPU for the longer text) a ratio says nothing.
FLOOR = 0.3


@pytest.fixture
def own_garbage() -> Iterator[None]:
    """Only what a test makes itself is collected while it measures.

    With all that earlier tests left alive, a full collection takes longer than the post, and most fall in the longer of two runs.
    """
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def seconds(text: str) -> float:
    post = Post(text=text, id="x")
    began = process_time()
    Extractor(offline=True).extract(post)
    return process_time() - began


def check_linear(unit: str, *, size: int) -> None:
    """Twice the text takes about twice the time: 3 is allowed for noise, 4 would be the square.

    Whole pieces alone: a piece cut short at the end may be another kind of text, judged in another time.
    """
    if Post(text=unit).is_blank:
        return
    times = -(-size // len(unit))
    longer = seconds(unit * 2 * times)
    if longer > FLOOR:
        shorter, longer = (min(seconds(unit * n) for _ in range(2)) for n in (times, 2 * times))
        assert longer < 3 * shorter, f"{unit!r}: {shorter:.2f} s for {times} pieces, {longer:.2f} s for twice as many"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join))
def test_time_grows_with_the_length(own_garbage, unit):
    check_linear(unit, size=10_000)


@pytest.mark.slow
def test_time_grows_with_the_length_for_every_piece(own_garbage):
    for unit in PIECES:
        check_linear(unit, size=50_000)


@pytest.mark.slow
def test_time_grows_with_the_length_for_every_pair(own_garbage):
    """All pairs of the marks and line ends with the words that open a search behind them."""
    for pair in product(PIECES, ["\n", "（", "问了", "，", "1. ", "？"]):
        check_linear("".join(pair), size=5_000)


def test_every_format_writes_the_worst_posts_in_linear_time(own_garbage, tmp_path):
    post = Post(text="1. 什么是 <b>*A*</b>？\n" * 400, id="x")
    record = Extractor(offline=True).extract(post)
    for form in set(FORMATS) - {"html", "anki"}:  # those hold a bank as well: see tests/outputs and benchmarks
        took = []
        for times in (2, 4):
            began = process_time()
            export([record] * times, tmp_path / f"{times}{FORMATS[form].endings[0]}")
            took.append(process_time() - began)
        assert took[1] < max(FLOOR, 3 * took[0]), form


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="pseudo-terminals are Unix's")
def test_a_bar_of_progress_beside_a_hostile_name_stays_a_bar(hostile_folder, monkeypatch):
    monkeypatch.chdir(hostile_folder)
    _, shown = on_a_terminal("extract", "bad.jsonl", "--offline")
    assert "\x1b]" not in shown
    assert "\x9b" not in shown
    assert "\x1b[31m什么" not in shown
    assert "\u202e" not in shown
