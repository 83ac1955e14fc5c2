"""What kind of thing a file is: by its first bytes, else by its ending, else by what its text looks like. Reads no post."""

from __future__ import annotations

import zipfile
from enum import StrEnum
from pathlib import Path

from agent.inputs.csv_rows import is_header
from agent.inputs.encodings import decode, open_text
from agent.inputs.json_rows import is_object, parsed
from agent.inputs.lines import first_line
from agent.inputs.lists import PICTURES
from agent.inputs.unreadable import Unreadable
from agent.inputs.whole import read_whole


class Kind(StrEnum):
    """A kind of file that can be read, as it is told to people."""

    TEXT = "text"
    MARKDOWN = "Markdown"
    JSON = "JSON"
    JSONL = "JSON Lines"
    YAML = "YAML"
    CSV = "CSV"
    WORKBOOK = "workbook"
    PARQUET = "Parquet"
    SQLITE = "SQLite"
    PICTURE = "picture"


_ENDINGS = {
    ".txt": Kind.TEXT,
    ".md": Kind.MARKDOWN,
    ".markdown": Kind.MARKDOWN,
    ".json": Kind.JSON,
    ".jsonl": Kind.JSONL,
    ".ndjson": Kind.JSONL,
    ".yaml": Kind.YAML,
    ".yml": Kind.YAML,
    ".csv": Kind.CSV,
    ".tsv": Kind.CSV,
    ".xlsx": Kind.WORKBOOK,
    ".xlsm": Kind.WORKBOOK,
    ".parquet": Kind.PARQUET,
    ".db": Kind.SQLITE,
    ".sqlite": Kind.SQLITE,
    ".sqlite3": Kind.SQLITE,
} | dict.fromkeys(PICTURES, Kind.PICTURE)

_BEGINNINGS = {
    b"SQLite format 3\0": Kind.SQLITE,
    b"PAR1": Kind.PARQUET,
    b"\x89PNG\r\n\x1a\n": Kind.PICTURE,
    b"\xff\xd8\xff": Kind.PICTURE,
    b"GIF8": Kind.PICTURE,
}

_COMPRESSED = "is compressed: unpack it first"
_REFUSED = {
    b"%PDF-": "is a PDF: save its text as .txt",
    b"\xd0\xcf\x11\xe0": "is an old or encrypted Office file: save it as .xlsx without a password",
    b"\x1f\x8b": _COMPRESSED,
    b"7z\xbc\xaf": _COMPRESSED,
    b"Rar!\x1a": _COMPRESSED,
    b"\xfd7zXZ": _COMPRESSED,
    b"\x28\xb5\x2f\xfd": _COMPRESSED,
}

# Without an ending, no larger file is tried as a JSON document.
_LARGEST_GUESSED = 64


def kind_of(path: Path, encoding: str | None = None) -> Kind:
    """The kind of a regular file. Raises `Unreadable` for what nobody here can read, `OSError`."""
    with path.open("rb") as file:
        opening = file.read(16)
    for beginning, kind in _BEGINNINGS.items():
        if opening.startswith(beginning):
            return kind
    for beginning, why in _REFUSED.items():
        if opening.startswith(beginning):
            raise Unreadable(why)
    if opening.startswith(b"PK\x03\x04"):
        return _of_zip(path)
    if opening[:4] == b"RIFF" and opening[8:12] == b"WEBP":
        return Kind.PICTURE
    return _ENDINGS.get(path.suffix.lower()) or _by_text(path, encoding)


def _of_zip(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError):
        raise Unreadable("is a broken workbook or zip archive") from None
    if "xl/workbook.xml" not in names:
        raise Unreadable("is a zip archive or a document, but no workbook: unpack it, or save its text as .txt")
    return Kind.WORKBOOK


def _by_text(path: Path, encoding: str | None) -> Kind:
    with open_text(path, encoding, newline="\n") as stream:
        first = first_line(stream)
    if is_object(first) or (first.lstrip().startswith(("{", "[")) and _is_document(path, encoding)):
        return Kind.JSON
    return Kind.CSV if is_header(first) else Kind.TEXT


def _is_document(path: Path, encoding: str | None) -> bool:
    try:
        document = parsed(decode(read_whole(path, megabytes=_LARGEST_GUESSED), encoding))
    except Unreadable:
        return False
    members = document if isinstance(document, list) else [document]
    return bool(members) and all(isinstance(member, dict) for member in members)
