"""Files that do their worst are answered or named, with bounded memory; none hangs, and what lies beside them is read."""

from __future__ import annotations

import io
import os
import socket
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.records import Record
from tests.hard.confined import Ran, confined, contents
from tests.hard.posts import row
from tests.hard.sampling import one_in


GOOD = "一面：\n1. 什么是 LoRA？\n"
_SHEET = '<?xml version="1.0"?>{head}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
_LOL = (
    "<!DOCTYPE x [<!ENTITY a0 'lol'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)) + "]>"
)


def cell(text: str) -> str:
    return f'<row><c t="inlineStr"><is><t>{text}</t></is></c></row>'


def workbook(sheet: bytes) -> bytes:
    """A workbook with that one sheet, as zipped as can be."""
    main, office = (
        "http://schemas.openxmlformats.org/",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{main}package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="{kind}sheet.main+xml"/><Override PartName="/xl/s.xml" ContentType="{kind}worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{main}package/2006/relationships"><Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}spreadsheetml/2006/main" xmlns:r="{office}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{main}package/2006/relationships"><Relationship Id="r1" Type="{office}/worksheet" Target="s.xml"/></Relationships>',
    }
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
        archive.writestr("xl/s.xml", sheet)
    return whole.getvalue()


def sheet(*texts: str, head: str = "") -> bytes:
    return workbook(_SHEET.format(head=head, rows="".join(map(cell, texts))).encode())


# By name, and what has to be said of each.
BAD: dict[str, tuple[bytes, str]] = {
    "binary.txt": (bytes(range(256)) * 40, "is no text, but binary"),
    "zeros.txt": (b"\0" * 100_000, "is no text"),
    "half.txt": (GOOD.encode()[:-2], "broken at byte"),
    "half.jsonl": (row("1. A?").encode() + '{"text": "什么'.encode()[:-1], "row 2"),
    "deep.json": (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
    "deep-objects.json": (b'{"data":' * 100_000 + b"1" + b"}" * 100_000, "nested too deeply"),
    "deep.jsonl": (b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", "row 1"),
    "deep.yaml": (b"[" * 20_000 + b"]" * 20_000, "YAML"),
    "laughs.yaml": (b"a0: &a0 lol\n" + b"".join(b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 12)), "has no column of text"),
    "bomb.xlsx": (workbook(b" " * (200 << 20)), "may be a zip bomb"),
    "laughs.xlsx": (sheet("text", "&a9;", head=_LOL), "broken workbook"),
    "bytes.xlsx": (b"PK\x03\x04" + b"\xff" * 5_000, "broken workbook or zip"),
    "bytes.parquet": (b"PAR1" + b"\xff" * 5_000 + b"PAR1", "is no Parquet"),
    "bytes.db": (b"SQLite format 3\0" + b"\xff" * 5_000, "SQLite database that cannot be read"),
    "page.pdf": (b"%PDF-1.7\n", "is a PDF"),
    "packed.txt": (b"\x1f\x8b" + b"\0" * 100, "is compressed"),
    "nameless.csv": (b"\x00\x01\x02\n", "nameless.csv"),
    "quotes.csv": (b'text,id\n"open\n' * 20, "quote"),
    "number.json": (b'{"text": ' + b"9" * 10_000 + b"}", "is no valid JSON"),
    "empty.jsonl": (b"", "is empty"),
}  # fmt: skip


def special(folder: Path) -> Iterator[tuple[str, str]]:
    """What is no file at all, made in a folder; and what has to be said of each."""
    os.mkfifo(folder / "pipe.txt")
    yield "pipe.txt", "is a named pipe"
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(os.path.relpath(folder / "socket.txt"))
    yield "socket.txt", "is a device or socket"
    for name, device in (("zero.txt", "/dev/zero"), ("random.jsonl", "/dev/urandom")):
        (folder / name).symlink_to(device)
        yield name, "is a device or socket"
    (folder / "nowhere.txt").symlink_to("gone/away.txt")
    yield "nowhere.txt", "no such file"
    (folder / "closed.txt").write_text(GOOD, encoding="utf-8")
    (folder / "closed.txt").chmod(0)
    yield "closed.txt", "permission denied"
    (folder / "closed").mkdir(mode=0)
    yield "closed", "permission denied"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of them, a folder with a link to itself, and one good post at each end."""
    top = tmp_path_factory.mktemp("hostile")
    for name, (data, _) in BAD.items():
        (top / name).write_bytes(data)
    (top / "itself").symlink_to(top)
    (top / "in").mkdir()
    (top / "in" / "back").symlink_to(top)
    (top / "in" / "good.txt").write_text(GOOD, encoding="utf-8")
    (top / "0.txt").write_text(GOOD.replace("LoRA", "RAG"), encoding="utf-8")
    return top


@pytest.fixture(scope="module")
def read(folder: Path) -> tuple[Ran, dict[str, str]]:
    """The command over that folder, and what it should say of each file."""
    expected = {name: said for name, (_, said) in BAD.items()} | dict(special(folder))
    return confined("extract", folder, "--offline", seconds=60), expected


def test_all_are_named_and_the_good_ones_answered(read, folder):
    ran, expected = read
    assert ran.status == 4
    records = [Record.from_json(line) for line in ran.out.splitlines()]
    sources = {Path(record.post.source or "").relative_to(folder).as_posix() for record in records}
    assert {"0.txt", "in/good.txt"} <= sources <= {"0.txt", "in/good.txt", "half.jsonl", "quotes.csv"}
    unnamed = {
        name: said
        for name, said in expected.items()
        if not any(name in line and said in line.lower() + line for line in ran.err.split("\n"))
    }
    assert unnamed == {}
    assert ran.megabytes < 250


@pytest.mark.parametrize("name", ["pipe.txt", "zero.txt", "bomb.xlsx", "deep.json", "itself/../binary.txt"])
def test_named_by_itself_each_is_told_and_there_is_nothing_to_read(read, folder, name):
    ran = confined("extract", folder / name, "--offline", seconds=20)
    assert ran.status == 2
    assert Path(name).name in ran.err
    assert ran.out == b""


@pytest.mark.parametrize("command", [("bank",), ("report",), ("eval", "--offline")], ids=lambda command: command[0])
@pytest.mark.parametrize("name", one_in(3, ["binary.txt", "half.txt", "number.json", "deep.json", "closed.txt"]))
def test_what_wants_records_or_labels_tells_what_these_are(read, folder, command, name):
    ran = confined(*command, folder / name)
    assert ran.status == 2
    assert name in ran.err


def test_what_was_read_is_as_it_was(read, folder):
    assert {name: (folder / name).read_bytes() for name in BAD} == {name: data for name, (data, _) in BAD.items()}
    assert not [name for name in contents(folder / "in") if name not in {"back", "good.txt"}]


def endless_json(write: Callable[[bytes], object], megabytes: int) -> None:
    write(row("1. 什么是 A？", id="before").encode() + b'{"id": "long", "text": "')
    for _ in range(megabytes):
        write(b"a" * (1 << 20))
    write(b'"}\n' + row("1. 什么是 B？", id="after").encode())


def endless_csv(write: Callable[[bytes], object], megabytes: int) -> None:
    write("id,text\nbefore,1. 什么是 A？\nlong,".encode())
    for _ in range(megabytes):
        write(b"a" * (1 << 20))
    write("\nafter,1. 什么是 B？\n".encode())


@pytest.mark.parametrize("megabytes", [48, pytest.param(400, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("name", "fill"), [("long.jsonl", endless_json), ("long.json", endless_json), ("long.csv", endless_csv)]
)
def test_a_line_without_end_is_named_by_its_row_and_never_kept_whole(tmp_path, name, fill, megabytes):
    with (tmp_path / name).open("wb") as file:
        fill(file.write, megabytes)
    ran = confined("extract", tmp_path / name, "--offline", seconds=60)
    assert ran.status == 4
    assert f"{name}, row {3 if name.endswith('csv') else 2}: " in ran.err
    assert "too long" in ran.err
    assert [Record.from_json(line).post.id for line in ran.out.splitlines()] == ["before", "after"]
    assert ran.megabytes < 110


def test_a_line_without_end_on_standard_input_is_named_too():
    whole = io.BytesIO()
    endless_json(whole.write, 48)
    ran = confined("extract", "-", "--offline", stdin=whole.getvalue())
    assert ran.status == 4
    assert "-, row 2: has more than 16,777,216 characters: too long for one post" in ran.err
    assert len(ran.out.splitlines()) == 2
    assert ran.megabytes < 110


def test_a_database_of_one_huge_value_is_named(tmp_path):
    with sqlite3.connect(tmp_path / "x.db") as database:
        database.execute("CREATE TABLE notes (id TEXT, text TEXT)")
        database.execute(
            "INSERT INTO notes VALUES ('a', '1. A?'), ('b', '1. B?'), ('c', CAST(zeroblob(100000000) AS TEXT))"
        )
    database.close()
    ran = confined("extract", tmp_path / "x.db", "--offline")
    assert ran.status == 4
    assert "too big" in ran.err
    assert b'"id": "a"' in ran.out
    assert ran.megabytes < 80


@pytest.mark.parametrize("count", [1_000, pytest.param(5_000, marks=pytest.mark.slow)])
def test_thousands_of_files_each_have_a_record(tmp_path, count):
    for n in range(count):
        (tmp_path / f"{n}.txt").write_text(f"1. 第{n}题：什么是 LoRA？", encoding="utf-8")
    ran = confined("extract", tmp_path, "--offline", "-q", seconds=60)
    assert ran.status == 0
    assert len(ran.out.splitlines()) == count
    assert ran.megabytes < 80


def test_a_thousand_labels_that_overlap_are_scored(tmp_path):
    """Each is the same item as its neighbours, and the last one moves all others by one place."""
    text = "问" * 12_000
    spans = [(10 * n, 10 * n + 10) for n in range(1_000)]
    labels = [{"quote": text[a:b], "start": a, "end": b} for a, b in [*spans, (9_995, 10_005)]]
    found = [
        {"text": "x", "quote": text[a - 4 : b - 2], "start": a - 4, "end": b - 2}
        for a, b in [*spans[1:], (10_000, 10_010)]
    ]
    found.insert(0, {"text": "x", "quote": text[0:8], "start": 0, "end": 8})
    (tmp_path / "gold.jsonl").write_text(row(text, id="x", questions=labels), encoding="utf-8")
    confined_record = Record.from_json(
        confined("extract", "-", "--offline", stdin=row(text + "？", id="x").encode()).out
    )
    record = confined_record.model_dump(mode="json") | {"questions": found[::-1], "advice": [], "methods": []}
    (tmp_path / "records.jsonl").write_text(Record.model_validate(record).to_json() + "\n", encoding="utf-8")
    ran = confined("eval", tmp_path / "gold.jsonl", tmp_path / "records.jsonl", "--json")
    assert ran.status == 0
    assert b'"right": 1001' in ran.out
