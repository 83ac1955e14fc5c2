"""All together: a folder of everything, the samples of the corpus, flat memory, and a light door."""

from __future__ import annotations

import csv
import json
import sqlite3
import subprocess
import sys
import tracemalloc
from contextlib import closing
from itertools import islice
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from agent.inputs import read_posts
from tests.conftest import CORPUS
from tests.inputs.reading import read, write_json, write_jsonl


QUESTION = "第{}问：什么是混合检索，为什么要做重排？"


def _folder_of_everything(folder: Path) -> None:
    folder.mkdir()
    texts = [QUESTION.format(count) for count in range(9)]
    (folder / "a.txt").write_text(texts[0], encoding="gb18030")
    (folder / "b.md").write_text(texts[1], encoding="utf-16")
    write_jsonl(folder / "c.jsonl", {"id": "n2", "text": texts[2]})
    with (folder / "c.jsonl").open("a", encoding="utf-8") as lines:
        lines.write('{"id": "broken", "text": \n' + json.dumps({"id": "n8", "text": texts[8]}))
    write_json(folder / "d.json", {"ok": True, "data": {"items": [{"id": "n3", "note_card": {"desc": texts[3]}}]}})
    with (folder / "e.csv").open("w", encoding="utf-8-sig", newline="") as table:
        csv.writer(table, delimiter=";").writerows([["note_id", "desc"], ["n4", texts[4]]])
    book = openpyxl.Workbook()
    book.active.append(["笔记id", "描述"])
    book.active.append(["n5", texts[5]])
    book.save(folder / "f.xlsx")
    pq.write_table(pa.table({"id": ["n6"], "content": [texts[6]]}), folder / "g.parquet")
    with closing(sqlite3.connect(folder / "h.db")) as database:
        database.execute('CREATE TABLE explore_data ("作品ID" TEXT, "作品描述" TEXT)')
        database.execute("INSERT INTO explore_data VALUES (?, ?)", ("n7", texts[7]))
        database.commit()


def test_nine_posts_in_eight_shapes_are_read_and_the_broken_row_is_named(tmp_path: Path) -> None:
    _folder_of_everything(tmp_path / "in")
    reading = read(tmp_path / "in")
    assert sorted(reading.texts) == [QUESTION.format(count) for count in range(9)]
    [problem] = reading.problems
    assert (problem.source, problem.row) == (str(tmp_path / "in/c.jsonl"), 2)
    assert reading.left_out == []


def test_what_crawlers_saved() -> None:
    """The samples that lie beside the corpus: three posts three times over, and one page."""
    samples = CORPUS / "formats"
    if not samples.is_dir():
        pytest.skip("the corpus is not at hand: shared/corpus/formats")
    kinds = {
        ending: read(samples / f"mediacrawler_xhs_search_contents.{ending}") for ending in ("json", "jsonl", "csv")
    }
    assert [len(reading.posts) for reading in kinds.values()] == [3, 3, 3]
    plain = [[post.model_copy(update={"source": None}) for post in reading.posts] for reading in kinds.values()]
    assert plain[0] == plain[1] == plain[2]
    [page] = read(samples / "xhs_initial_state_note_trimmed.json").posts
    assert page.id in json.dumps(yaml.safe_load((samples / "xhs_initial_state_note_trimmed.json").read_text("utf-8")))
    assert page.text
    assert page.tags
    assert len(read(samples / "mediacrawler_xhs_search_comments.json").left_out) == 1
    assert read(samples / "xhs_api_search_notes_trimmed.json").rows == [1, 2]


def test_memory_stays_flat_over_many_rows(tmp_path: Path) -> None:
    row = json.dumps({"id": "n", "text": "什么是混合检索？" * 50}, ensure_ascii=False)
    lines, table = tmp_path / "p.jsonl", tmp_path / "p.csv"
    lines.write_text(f"{row}\n" * 8_000, encoding="utf-8")
    table.write_text("id,text\n" + f'n,"{"什么是混合检索？" * 50}"\n' * 8_000, encoding="utf-8")
    for file in (lines, table):
        tracemalloc.start()
        assert sum(1 for _ in read_posts([file])) == 8_000
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert file.stat().st_size > 9 << 20
        assert peak < 3 << 20


def test_nothing_is_opened_before_it_is_asked_for(tmp_path: Path) -> None:
    """So the first posts of a huge input come at once."""
    write_jsonl(tmp_path / "p.jsonl", *({"text": str(count)} for count in range(100)))
    stream = read_posts([tmp_path / "p.jsonl", tmp_path / "later.txt"])
    assert [one.text for one in islice(stream, 100)] == [str(count) for count in range(100)]
    (tmp_path / "later.txt").write_text("后来", encoding="utf-8")
    assert [one.text for one in stream] == ["后来"]


def test_missing_package_is_named_with_its_extra(tmp_path: Path) -> None:
    """In a process in which the packages cannot be imported."""
    (tmp_path / "p.parquet").write_bytes(b"PAR1")
    openpyxl.Workbook().save(tmp_path / "p.xlsx")
    program = (
        "import sys; sys.modules.update(openpyxl=None, pyarrow=None)\n"
        "from agent.inputs import read_posts\n"
        "for one in read_posts(['p.xlsx', 'p.parquet']): print(one)"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    workbook, parquet = ended.stdout.splitlines()
    assert 'pip install "mianjing[xlsx]"' in workbook
    assert 'pip install "mianjing[parquet]"' in parquet


def test_door_is_light() -> None:
    """No format's package is loaded before a file needs it, and no model's ever."""
    heavy = ["openpyxl", "pyarrow", "yaml", "charset_normalizer", "langchain", "langchain_core"]
    program = f"import sys, agent.inputs; print([name for name in {heavy} if name in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
