"""Workbooks as crawlers and people write them; hostile ones are named."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from tests.inputs.reading import clean, on_disk, read


SPIDER = {
    "笔记id": "n1",
    "笔记url": "https://example.com/n1",
    "笔记类型": "图集",
    "昵称": "甲",
    "标题": "无标题",
    "描述": "1. 什么是 RAG？\n2. 手撕：两数之和",
    "点赞数量": "1.2万",
    "图片地址url列表": "['https://img.example.com/1', 'https://img.example.com/2']",
    "标签": "['面经', '后端']",
}


def write(path: Path, **sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_spider_xhs(tmp_path: Path) -> None:
    [post] = clean(write(tmp_path / "p.xlsx", Sheet=[list(SPIDER), list(SPIDER.values())]))
    assert (post.id, post.url, post.text) == ("n1", "https://example.com/n1", SPIDER["描述"])
    assert post.tags == ("面经", "后端")
    assert post.images == ("https://img.example.com/1", "https://img.example.com/2")


def test_mediacrawler_sheets_of_comments_and_creators_are_named(tmp_path: Path) -> None:
    file = write(
        tmp_path / "xhs_search.xlsx",
        Contents=[["note_id", "title", "desc", "liked_count"], ["n1", "一面", "问题", "10+"]],
        Comments=[["comment_id", "note_id", "content"], ["c1", "n1", "同问"]],
        Creators=[["user_id", "nickname", "desc", "follows", "fans"], ["u1", "甲", "工程师", "1", "2"]],
        Empty=[],
    )
    reading = read(file)
    assert (reading.texts, reading.problems) == (["问题"], [])
    assert ["Comments" in one.why or "Creators" in one.why for one in reading.left_out] == [True, True]


def test_several_sheets_of_posts_with_notes_between(tmp_path: Path) -> None:
    file = write(tmp_path / "p.xlsx", a=[["text"], ["一"]], notes=[["todo"], ["x"]], b=[["text"], ["二"]])
    assert [post.text for post in clean(file)] == ["一", "二"]


def test_numbers_dates_and_empty_cells(tmp_path: Path) -> None:
    file = write(
        tmp_path / "p.xlsx", s=[[], ["id", None, "text"], [7, "x", 12], [None] * 3, [8.0, None, None], ["a", None, "b"]]
    )
    assert [(post.id, post.text) for post in clean(file)] == [("7", "12"), ("8", ""), ("a", "b")]


def test_rows_are_numbered_as_in_the_sheet(tmp_path: Path) -> None:
    file = write(tmp_path / "p.xlsx", s=[[], ["id", "text"], ["a", "b"], [], ["c", True]])
    assert read(file).rows == [5]


def test_thousand_empty_columns(tmp_path: Path) -> None:
    file = tmp_path / "p.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 1000, ["id", "text"])
        sheet.write_row(1, 1000, ["n1", "问题"])
        bold = book.add_format({"bold": True})
        for column in range(1000):
            sheet.write_blank(0, column, None, bold)
    assert [(post.id, post.text) for post in clean(file)] == [("n1", "问题")]


def test_macros_are_no_trouble(tmp_path: Path) -> None:
    written = write(tmp_path / "p.xlsx", s=[["text"], ["问题"]])
    macros = tmp_path / "p.xlsm"
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(macros, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "[Content_Types].xml":
                data = data.replace(b"spreadsheetml.sheet.main+xml", b"x").replace(
                    b"application/vnd.openxmlformats-officedocument.x",
                    b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
                )
            new.writestr(name, data)
        new.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 no real macro")
    assert [post.text for post in clean(macros)] == ["问题"]


def test_told_by_content_whatever_the_ending(tmp_path: Path) -> None:
    written = write(tmp_path / "p.xlsx", s=[["text"], ["问题"]])
    assert clean(written.rename(tmp_path / "p.csv"))[0].text == "问题"


def test_no_sheet_with_a_text_is_named(tmp_path: Path) -> None:
    assert "only: a, b" in read(write(tmp_path / "p.xlsx", s=[["a", "b"], ["1", "2"]])).problems[0].why


def _with_sheet(path: Path, xml: str) -> Path:
    """A workbook whose first sheet is made of `xml`."""
    written = write(path.with_suffix(".whole.xlsx"), s=[["text"], ["问题"]])
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, xml if name == "xl/worksheets/sheet1.xml" else old.read(name))
    return path


MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
ENTITIES = "".join(f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 12))


def _sheet(rows: str, dimension: str = "A1:A2", doctype: str = "") -> str:
    return f'{doctype}<worksheet {MAIN}><dimension ref="{dimension}"/><sheetData>{rows}</sheetData></worksheet>'


HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>text</t></is></c></row>'


@pytest.mark.parametrize(
    "xml",
    [
        _sheet(HEADER + '<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>'),
        _sheet(HEADER + '<row r="2"><c r="AAAAAA2"><v>1</v></c></row>'),
        _sheet(HEADER + '<row r="2"><c r="A2" t="s"><v>999</v></c></row>'),
        _sheet(HEADER + '<row r="2"><c r="A2"><v>no number</v></c></row>'),
        _sheet(HEADER.replace("text", "&e11;"), doctype=f'<!DOCTYPE x [<!ENTITY e0 "lol">{ENTITIES}]>'),
        "<worksheet",
        "",
        "<a>" * 100_000,
    ],
    ids=["row", "column", "string", "number", "entities", "cut", "empty", "deep"],
)
def test_hostile_sheets_are_named(tmp_path: Path, xml: str) -> None:
    reading = read(_with_sheet(tmp_path / "p.xlsx", xml))
    assert reading.posts == []


def test_claimed_size_is_not_believed(tmp_path: Path) -> None:
    file = _with_sheet(
        tmp_path / "p.xlsx", _sheet(HEADER + HEADER.replace('"1"', '"2"').replace("A1", "A2"), "A1:XFD1048576")
    )
    assert [post.text for post in clean(file)] == ["text"]


def test_zip_bomb_is_not_opened(tmp_path: Path) -> None:
    file = tmp_path / "p.xlsx"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/sharedStrings.xml", "w") as member:
            for _ in range(64):
                member.write(bytes(1 << 20))
    assert "zip bomb" in read(file).problems[0].why


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no workbook"),
        (b"PK\x03\x04 and no more", "broken"),
        (b"id,text\n1,a\n", "no workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "save it as .xlsx"),
    ],
    ids=["empty", "cut", "csv", "old"],
)
def test_what_is_no_workbook_is_named(tmp_path: Path, data: bytes, said: str) -> None:
    file = tmp_path / "p.xlsx"
    file.write_bytes(data)
    assert said in read(file).problems[0].why


def test_other_documents_in_a_zip_are_named(tmp_path: Path) -> None:
    file = tmp_path / "p.docx"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")
    assert "no workbook" in read(file).problems[0].why


# Excel's own escape for what XML cannot hold; openpyxl does not tell whether it was written out as text.
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"), min_size=1).filter(
    lambda text: "_x" not in text and "x005F" not in text
)


@on_disk
@given(st.lists(CELLS, min_size=1, max_size=4))
def test_texts_come_back_as_they_were(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    """From shared strings and from strings in the cell; `\\r` and control characters too."""
    for in_cells in (False, True):
        file = tmp_path_factory.mktemp("xlsx") / "p.xlsx"
        with xlsxwriter.Workbook(file, {"constant_memory": in_cells, "strings_to_urls": False}) as book:
            sheet = book.add_worksheet()
            for number, text in enumerate(["text", *texts]):
                sheet.write_string(number, 0, text)
        assert read(file).texts == texts
