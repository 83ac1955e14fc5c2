"""CSV with commas, semicolons or tabs, streamed. A broken row is named and reading goes on at the next line that is a whole row."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from agent.inputs.columns import columns_of, has_text, no_text, what_instead
from agent.inputs.encodings import has_bad_bytes, open_text
from agent.inputs.lines import bounded, check_length, first_line
from agent.inputs.rows import Row, Rows
from agent.inputs.unreadable import NoPost, Unreadable


_DELIMITERS = (",", ";", "\t")
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab"}
# A quote that is never closed swallows this much (characters) before it is called broken.
_LONGEST_FIELD = 1 << 22
# What may be read again after broken quotes, over a whole file: characters, and as many more for each line as it costs.
# Lines like `x","` would otherwise be read again for every line before them.
_MOST_AGAIN, _FOR_A_LINE = 1 << 26, 64


def csv_rows(path: Path, encoding: str | None) -> Rows:
    """The rows of a table whose first line names the columns; row 1 is that line, as in a spreadsheet."""
    csv.field_size_limit(_LONGEST_FIELD)
    with open_text(path, encoding, newline="") as stream:
        first = first_line(stream)
        if not first.strip():
            raise Unreadable("is empty, or its first line does not name the columns")
        delimiter = _delimiter(first)
        header = _cells(first, delimiter)
        _check_header(header)
        yield from _rows(header, _records(_Lines(bounded(stream)), delimiter), _NAMES[delimiter])


def is_header(line: str) -> bool:
    """Whether a line names columns of a table, one of them the text."""
    header = _cells(line, _delimiter(line))
    return len(header) > 1 and has_text(header)


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _delimiter(first: str) -> str:
    """The delimiter by which the first line names a text, and the most columns."""

    def fitness(delimiter: str) -> tuple[bool, int]:
        header = _cells(first, delimiter)
        return has_text(header) or what_instead(header) is not None, len(header)

    return max(_DELIMITERS, key=fitness)


def _check_header(header: list[str]) -> None:
    if instead := what_instead(header):
        raise NoPost(f"holds {instead}, no posts; they are left out")
    if not has_text(header):
        raise Unreadable(no_text(header))


class _Lines:
    """Lines for the CSV reader that can be given back, and go on after an end."""

    def __init__(self, stream: Iterator[str]) -> None:
        self._stream, self._again = stream, deque[str]()
        self.taken: list[str] = []
        self._allowance = _MOST_AGAIN

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._stream)
        self.taken.append(line)
        try:
            check_length(line)
        except Unreadable as too_long:
            raise csv.Error(too_long.why) from None
        return line

    def give_back_all_but_first(self) -> None:
        self._allowance -= sum(len(line) + _FOR_A_LINE for line in self.taken)
        if self._allowance < 0:
            raise Unreadable("has too many broken quotes to be read any further")
        self._again.extendleft(reversed(self.taken[1:]))


def _records(lines: _Lines, delimiter: str) -> Iterator[list[str] | csv.Error]:
    """The cells of each record; the error of a broken one, after which the next line is tried as a record."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.taken.clear()
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            lines.give_back_all_but_first()
            yield error


def _rows(header: list[str], records: Iterator[list[str] | csv.Error], delimiter: str) -> Rows:
    text_at = header.index(columns_of(header)["text"][0])
    number, after_broken = 1, False
    for cells in records:
        is_whole = not isinstance(cells, csv.Error) and len(cells) == len(header)
        if after_broken and not is_whole:
            continue  # the rest of the broken record, which was named already
        number += 1
        after_broken = isinstance(cells, csv.Error)
        if isinstance(cells, csv.Error):
            yield Unreadable(
                f"has a broken quote, or a field too long ({cells}); a quote inside quotes is written twice", number
            )
        elif any(cells):
            yield _row(header, cells, number, text_at, delimiter)


def _row(header: list[str], cells: list[str], number: int, text_at: int, delimiter: str) -> Row | Unreadable:
    if any(has_bad_bytes(cell) for cell in cells):
        return Unreadable("holds bytes that are none of the file's encoding", number)
    if any(cells[len(header) :]):
        why = f"has {len(cells)} fields for {len(header)} columns: a text that holds a {delimiter} stands in quotes"
        return Unreadable(why, number)
    if len(cells) <= text_at:
        return Unreadable(f"ends before its text: {len(cells)} fields for {len(header)} columns", number)
    return Row(dict(zip(header, cells, strict=False)), number)
