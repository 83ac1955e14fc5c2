"""CSV: any usual delimiter, any text, and broken rows that cost no other row."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.inputs.csv_rows import _Lines, _records
from tests.inputs.reading import clean, on_disk, read


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("name", ["p.csv", "p.tsv", "p.dat"])
def test_delimiters_and_encodings(tmp_path: Path, delimiter: str, encoding: str, name: str) -> None:
    rows = [["note_id", "标题", "正文"], ["n1", "一面", '1. 问，A, B；C\r\n2. 说 "LoRA"\n\t好'], ["n2", "", "单行"]]
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(rows)
    posts = clean(write(tmp_path / name, buffer.getvalue(), encoding))
    assert [[post.id, post.title, post.text] for post in posts] == rows[1:]


def test_one_column_alone(tmp_path: Path) -> None:
    posts = clean(write(tmp_path / "p.csv", "text\n一\n\n  \n二\n"))
    assert [post.text for post in posts] == ["一", "  ", "二"]


def test_old_line_ends(tmp_path: Path) -> None:
    assert [post.text for post in clean(write(tmp_path / "p.csv", "id,text\rn1,一\rn2,二\r"))] == ["一", "二"]


@pytest.mark.parametrize(
    ("text", "texts", "rows"),
    [
        ('id,text\n1,a\n2,"never closed\n3,c\n4,"d"\n', ["a", "c", "d"], [3]),
        ('id,text\n1,a\n2,"closed" too early\n3,c\n', ["a", "c"], [3]),
        ('id,text\n1,a\n2,never closed"\n3,c\n', ["a", 'never closed"', "c"], []),
        ('id,text\n2,"never closed', [], [2]),
        ('id,text,x\n1,a,x\n2,"he said "hi"\nand went\nhome",x\n3,c,x\n', ["a", "c"], [3]),
        ("id,text\n1,a,b\n2,c\n", ["c"], [2]),
        ("id,text\n1,a,,\n2,c\n", ["a", "c"], []),
        ("id,text,tags\n1\n2,c\n", ["c"], [2]),
        ("id,text\n,\n\n2,c\n3,\n", ["c", ""], []),
    ],
    ids=[
        "unclosed",
        "early",
        "late",
        "unclosed last",
        "quotes inside",
        "a comma",
        "empty fields",
        "short",
        "blank rows",
    ],
)
def test_broken_rows_are_named_and_the_rest_goes_on(
    tmp_path: Path, text: str, texts: list[str], rows: list[int]
) -> None:
    reading = read(write(tmp_path / "p.csv", text))
    assert (reading.texts, reading.rows) == (texts, rows)


def test_rows_are_counted_as_in_a_spreadsheet(tmp_path: Path) -> None:
    """The header is row 1, and a row of many lines is one."""
    reading = read(write(tmp_path / "p.csv", 'id,text\n1,"a\nb\nc"\n\n2,x,y\n'))
    assert reading.rows == [4]
    assert "3 fields for 2 columns" in reading.problems[0].why


def test_bytes_that_are_none_of_the_encoding_cost_their_row(tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    good = "什么是混合检索，为什么要重排".encode()
    file.write_bytes(b"id,text\n1," + good + b"\n2,\xff\n3," + good)
    reading = read(file)
    assert (len(reading.posts), reading.rows) == (2, [3])


@pytest.mark.parametrize(
    ("text", "said"), [("", "is empty"), ("\n\n", "is empty"), ("a,b\n1,2\n", "only: a, b"), ("id;x\n", "only: id, x")]
)
def test_table_without_a_text_is_named(tmp_path: Path, text: str, said: str) -> None:
    assert said in read(write(tmp_path / "p.csv", text)).problems[0].why


def test_table_of_comments_is_told_apart(tmp_path: Path) -> None:
    reading = read(write(tmp_path / "p.csv", "comment_id,note_id,content\nc1,n1,同问\n"))
    assert (reading.posts, reading.problems, len(reading.left_out)) == ([], [], 1)


def test_field_of_two_megabytes(tmp_path: Path) -> None:
    text = "问题" * 1_000_000
    assert clean(write(tmp_path / "p.csv", f'id,text\n1,"{text}"\n'))[0].text == text


LINES = ['1,"x', '""x"', ',"', '","', '"""', '1,a"', '"a""', '1,"a""', 'x""y', '"a" b', '"', '1,""""', '1,"",""']


class CountedLines(_Lines):
    """Lines that know how many were taken, those taken again included."""

    count = 0

    def __next__(self) -> str:
        self.count += 1
        return super().__next__()


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("other", ["", *LINES])
def test_broken_quotes_cost_linear_time(line: str, other: str) -> None:
    """No line is read more than a few times, whatever quotes stand in it and around it."""
    lines = CountedLines(iter([f"{line}\n", f"{other}\n"] * 500))
    assert len(list(_records(lines, ","))) > 0
    assert lines.count < 4 * 1000


def test_lines_that_each_leave_a_quote_open_are_given_up(tmp_path: Path) -> None:
    """The worst there is: each line is a broken record that reaches to the end of the file."""
    file = write(tmp_path / "p.csv", "id,text\n1,a\n" + 'x","\n' * 100_000)
    reading = read(file)
    assert reading.texts == ["a"]
    assert "too many broken quotes" in reading.problems[-1].why


CELLS = st.text(st.characters(exclude_categories=["Cs"]))


@on_disk
@given(st.lists(CELLS.filter(lambda cell: cell != ""), min_size=1, max_size=4))
def test_texts_come_back_as_they_were(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    file = tmp_path_factory.mktemp("csv") / "p.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
        writer.writerows([["id", "text"], *(["n", text] for text in texts)])
    assert read(file, encoding="utf-8").texts == texts
