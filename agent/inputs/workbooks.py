"""Workbooks (`.xlsx`, `.xlsm`): every sheet whose first row names a text. Formulas give their last value, macros are never run."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any, BinaryIO

from agent.errors import MissingExtra
from agent.inputs.columns import has_text, no_text, what_instead
from agent.inputs.rows import Row, Rows
from agent.inputs.unreadable import NoPost, Unreadable


_MEGABYTE = 1 << 20
# Excel's own limit. A file may claim more, and openpyxl would count up to it.
_MOST_ROWS = 1 << 20
_CHUNK = 256
_LARGEST_UNPACKED, _HARMLESS_UNPACKED, _MOST_PACKED = 512 * _MEGABYTE, 32 * _MEGABYTE, 200
# XML cannot hold these characters; workbooks write them so, and openpyxl leaves it.
_ESCAPE = re.compile("_x(00[01][0-9A-Fa-f]|005[Ff])_")


def workbook_rows(path: Path, _encoding: str | None) -> Rows:
    """The rows of all sheets of posts, numbered as in the sheet. Other sheets are named where no sheet has posts, or they have comments."""
    _refuse_bomb(path)
    with path.open("rb") as file, closing(_opened(file)) as book:
        sheets = [(sheet, *_header(sheet)) for sheet in book.worksheets]
        if not any(has_text(header) for _, _, header in sheets):
            raise Unreadable(no_text(name for _, _, header in sheets for name in header if name))
        for sheet, first, header in sheets:
            yield from _sheet_rows(sheet, first, header)


def _refuse_bomb(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError):
        raise Unreadable("is no workbook, or a broken one") from None
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    if unpacked > _LARGEST_UNPACKED or (unpacked > _HARMLESS_UNPACKED and unpacked > _MOST_PACKED * packed):
        raise Unreadable(f"would unpack to {unpacked // _MEGABYTE} MB: not opened, for it may be a zip bomb")


def _opened(file: BinaryIO) -> Any:
    try:
        import openpyxl
    except ImportError:
        raise MissingExtra("a workbook", "xlsx") from None
    with _foreign():
        return openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)


@contextmanager
def _foreign() -> Iterator[None]:
    """Around openpyxl, which warns of styles, and raises almost anything on a broken file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001, there is no end to what it raises
            said = " ".join(str(error).split())[:200]
            raise Unreadable(f"is a broken workbook ({type(error).__name__}: {said})") from None


def _cells(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    """Row numbers and values of one sheet, rows without any value left out."""
    sheet.reset_dimensions()  # a sheet may claim a million columns
    rows = sheet.iter_rows(max_row=_MOST_ROWS, values_only=True)
    for number, values in enumerate(_in_chunks(rows), 1):
        if any(value is not None for value in values):
            yield number, [_unescaped(value) for value in values]


def _in_chunks(rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """The rows; where reading breaks off, those before it all the same."""
    broken: Unreadable | None = None
    chunk: list[tuple[Any, ...]] = [()]
    while chunk and not broken:
        chunk = []
        try:
            with _foreign():
                chunk.extend(islice(rows, _CHUNK))
        except Unreadable as error:
            broken = error
        yield from chunk
    if broken:
        raise broken


def _header(sheet: Any) -> tuple[int, list[str | None]]:
    """The first row with anything in it, and its number."""
    number, values = next(_cells(sheet), (0, []))
    return number, [None if value is None else str(value) for value in values]


def _sheet_rows(sheet: Any, first: int, header: list[str | None]) -> Rows:
    if instead := what_instead(header):
        yield NoPost(f"its sheet '{sheet.title}' holds {instead}, no posts; they are left out")
        return
    if not has_text(header):
        return
    for number, values in _cells(sheet):
        if number > first:
            cells = zip_longest(header, values[: len(header)])
            yield Row({name: value for name, value in cells if name}, number)


def _unescaped(value: Any) -> Any:
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), value) if isinstance(value, str) else value
