"""The workbooks as openpyxl sees them."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook as Opened

from agent.outputs import export
from agent.outputs.bank import build
from agent.outputs.bank_exports import export_bank
from agent.outputs.workbook import CELL_LIMIT, CUT, Column, Sheet, Workbook, fitting
from tests.outputs.samples import NASTY_LINES, asked, nasty_record, plain_record


@pytest.fixture
def book(tmp_path: Path) -> Opened:
    export([plain_record(), nasty_record()], tmp_path / "x.xlsx")
    return openpyxl.load_workbook(tmp_path / "x.xlsx")


def test_sheets_are_ready_to_use(book: Opened) -> None:
    assert book.sheetnames == ["Questions", "Methods", "Advice", "Posts"]
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert all(column.width > 5 for column in sheet.column_dimensions.values())


def test_every_item_has_its_row(book: Opened) -> None:
    assert [sheet.max_row - 1 for sheet in book] == [
        2 + len(NASTY_LINES),
        1 + len(NASTY_LINES),
        1 + len(NASTY_LINES),
        2,
    ]
    heading, first, *_ = book["Questions"].iter_rows(values_only=True)
    assert dict(zip(heading, first, strict=True)) == {
        "Question": "什么是 LoRA？和全量微调比有什么优缺点", "Topic": "微调", "Round": "一面", "Number": 1, "Post": "云图一面",
        "Company": "云图科技", "Role": "大模型算法", "Quote": "什么是 LoRA？和全量微调比有什么优缺点", "Grounding": "exact",
        "Start": 16, "End": 37, "Origin": "model", "Model": "gemini-2.5-flash-lite", "Source": "posts/p1.txt", "Post id": "p1",
    }  # fmt: skip


def test_text_is_never_a_formula_and_only_pages_are_links(book: Opened) -> None:
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert {cell.hyperlink.target for cell in cells if cell.hyperlink} == {"https://example.com/p1"}
    texts = {cell.value for cell in book["Questions"]["A"]}
    assert {line for line in NASTY_LINES if line.isprintable() and len(line) < CELL_LIMIT} <= texts


def test_what_a_cell_cannot_hold_is_cut_with_a_mark(book: Opened) -> None:
    (cut,) = [cell.value for cell in book["Advice"]["A"] if cell.value.endswith(CUT)]
    assert len(cut) == CELL_LIMIT


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("a" * 32_767, True),
        ("a" * 32_768, False),
        ("😀" * 16_383, True),
        ("😀" * 16_384, False),
        ("a" + "😀" * 16_384, False),
    ],
)
def test_the_limit_counts_as_excel_counts(text: str, fits: bool) -> None:
    shown = fitting(text)
    assert (shown == text) is fits
    assert len(shown.encode("utf-16-le")) <= 2 * CELL_LIMIT


def test_a_full_sheet_goes_on_in_the_next(tmp_path: Path) -> None:
    book = Workbook(tmp_path / "x.xlsx")
    sheet = Sheet(book, "Rows", [Column("Number", 9)], row_limit=3)
    for number in range(5):
        sheet.add([number])
    sheet.finish()
    book.close()
    opened = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert {sheet.title: [cell.value for cell in sheet["A"]] for sheet in opened} == {
        "Rows": ["Number", 0, 1],
        "Rows 2": ["Number", 2, 3],
        "Rows 3": ["Number", 4],
    }


def test_the_bank_has_questions_and_the_places_they_come_from(tmp_path: Path) -> None:
    bank = build([asked("什么是 LoRA", "讲讲索引", post="a", company="什么是"), asked("请问LoRA是什么？", post="b")])
    export_bank(bank, tmp_path / "bank.xlsx")
    questions, places = openpyxl.load_workbook(tmp_path / "bank.xlsx")
    assert [row[:2] for row in questions.iter_rows(min_row=2, values_only=True)] == [
        ("什么是 LoRA", 2),
        ("讲讲索引", 1),
    ]
    assert [row[:3] for row in places.iter_rows(min_row=2, values_only=True)] == [
        ("什么是 LoRA", "帖子 a", "什么是"),
        ("什么是 LoRA", "帖子 b", None),
        ("讲讲索引", "帖子 a", "什么是"),
    ]
    assert places["B2"].hyperlink.target == "https://example.com/a"
