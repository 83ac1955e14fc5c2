"""A workbook as people want it: frozen headings, filters, widths, links; written row by row in little memory.

No text becomes a formula or a link by itself; what Excel cannot hold is cut with a mark or goes on in a further sheet, never lost in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import MissingExtra
from agent.outputs.harmless import web_url, without_controls


if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet


CELL_LIMIT = 32_767  # UTF-16 units
ROW_LIMIT = 1_048_576
LINK_LIMIT = 65_530  # links a sheet
URL_LIMIT = 2_079
CUT = " …[cut]"


@dataclass(frozen=True, slots=True)
class Link:
    """A cell that opens a page; plain text where the address is none of the web."""

    label: str
    url: str | None


Cell = str | int | float | Link | None


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, and the column's width in characters."""

    heading: str
    width: int


class Sheet:
    """Rows under headings; where a sheet is full, the next of the same name and a number takes over."""

    def __init__(self, book: Workbook, name: str, columns: Sequence[Column], *, row_limit: int = ROW_LIMIT) -> None:
        self._book, self._name, self._columns, self._row_limit = book, name, columns, row_limit
        self._parts = 0
        self._begin()

    def add(self, cells: Iterable[Cell]) -> None:
        if self._row == self._row_limit:
            self.finish()
            self._begin()
        for column, cell in enumerate(cells):
            self._put(column, cell)
        self._row += 1

    def finish(self) -> None:
        self._worksheet.autofilter(0, 0, max(self._row - 1, 0), len(self._columns) - 1)

    def _begin(self) -> None:
        self._parts += 1
        self._worksheet: Worksheet = self._book.add(self._name if self._parts == 1 else f"{self._name} {self._parts}")
        self._row, self._links = 1, 0
        self._worksheet.freeze_panes(1, 0)
        for index, column in enumerate(self._columns):
            self._worksheet.set_column(index, index, column.width, self._book.wrapped)
            self._worksheet.write_string(0, index, column.heading, self._book.bold)

    def _put(self, column: int, cell: Cell) -> None:
        if isinstance(cell, Link):
            self._put_link(column, cell)
        elif isinstance(cell, str):
            self._worksheet.write_string(self._row, column, fitting(cell))
        elif cell is not None:
            self._worksheet.write_number(self._row, column, cell)

    def _put_link(self, column: int, link: Link) -> None:
        url = web_url(link.url)
        if url is None or len(url) > URL_LIMIT or self._links == LINK_LIMIT:
            self._put(column, link.label)
            return
        self._links += 1
        self._worksheet.write_url(self._row, column, url, string=fitting(link.label))


class Workbook:
    """An open file of sheets; `opened` closes it."""

    def __init__(self, path: Path) -> None:
        try:
            import xlsxwriter
        except ImportError:
            raise MissingExtra("a workbook (.xlsx)", "xlsx") from None
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self._file = xlsxwriter.Workbook(str(path), options)
        self._sheets: list[Sheet] = []
        self.bold: Format = self._file.add_format({"bold": True, "bottom": 1, "valign": "top"})
        self.wrapped: Format = self._file.add_format({"text_wrap": True, "valign": "top"})

    def sheet(self, name: str, columns: Sequence[Column]) -> Sheet:
        self._sheets.append(Sheet(self, name, columns))
        return self._sheets[-1]

    def add(self, name: str) -> Worksheet:
        return self._file.add_worksheet(name)

    def close(self) -> None:
        for sheet in self._sheets:
            sheet.finish()
        from xlsxwriter.exceptions import FileCreateError

        try:
            self._file.close()
        except FileCreateError as error:
            raise OSError(*error.args[0].args) from None


@contextmanager
def opened(path: Path) -> Iterator[Workbook]:
    """A new workbook at `path`, closed at the end.

    Raises:
        MissingExtra: XlsxWriter is not installed.

    """
    book = Workbook(path)
    try:
        yield book
    except BaseException:
        with suppress(Exception):  # a disk that is full fails once more
            book.close()
        raise
    book.close()


def fitting(text: str) -> str:
    """The text without what XML forbids, cut with a mark to what a cell holds; Excel counts UTF-16 units."""
    clean = without_controls(text)
    encoded = clean.encode("utf-16-le")
    if len(encoded) <= 2 * CELL_LIMIT:
        return clean
    return encoded[: 2 * (CELL_LIMIT - len(CUT))].decode("utf-16-le", "ignore") + CUT
