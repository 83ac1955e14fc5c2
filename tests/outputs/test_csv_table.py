"""The CSV as the csv module and a spreadsheet see it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from hypothesis import example, given, settings

from agent.outputs import export, write
from agent.outputs.rows import COLUMNS
from agent.records import Record
from tests.outputs.samples import NASTY_LINES, asked, nasty_record, plain_record
from tests.outputs.test_json_text import ANY_TEXT


FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"


def rows_of(records: list[Record]) -> list[dict[str, str]]:
    stream = io.StringIO(newline="")
    write(records, stream, "csv")
    stream.seek(1)  # past the byte order mark
    return list(csv.DictReader(stream))


def test_excel_finds_mark_line_ends_and_names(tmp_path: Path) -> None:
    export([plain_record()], tmp_path / "x.csv")
    raw = (tmp_path / "x.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf" + ",".join(COLUMNS).encode() + b"\r\n")
    assert raw.count(b"\n") == raw.count(b"\r\n") == 5


def test_one_row_an_item_with_all_about_it() -> None:
    question, other, method, advice = rows_of([plain_record()])
    assert question == {
        "kind": "question", "text": "什么是 LoRA？和全量微调比有什么优缺点", "quote": "什么是 LoRA？和全量微调比有什么优缺点",
        "number": "1", "round": "一面", "topic": "微调", "start": "16", "end": "37", "grounding": "exact", "post_id": "p1",
        "title": "云图一面", "url": "https://example.com/p1", "source": "posts/p1.txt", "company": "云图科技", "role": "大模型算法",
        "model": "gemini-2.5-flash-lite", "origin": "model",
    }  # fmt: skip
    assert (other["topic"], method["text"], method["quote"]) == ("", "参数高效微调", "参数高效微调 (PEFT)")
    assert (method["kind"], advice["kind"]) == ("method", "advice")


def test_no_cell_becomes_a_formula_and_every_item_is_there() -> None:
    rows = rows_of([nasty_record()])
    assert len(rows) == 3 * len(NASTY_LINES)
    assert not [cell for row in rows for cell in row.values() if cell.startswith(tuple(FORMULA_STARTS))]


@settings(deadline=None)
@example("\0\n")
@given(ANY_TEXT)
def test_any_text_comes_back_but_for_the_apostrophe_and_lone_surrogates(text: str) -> None:
    (row,) = rows_of([asked(text)])
    expected = "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)
    assert row["text"] in (expected, f"'{expected}")
    assert not row["text"].lstrip("\0 \u200b\ufeff").startswith(tuple(FORMULA_STARTS))
