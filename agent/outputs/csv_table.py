"""Items as CSV that a double click opens right in Excel: byte order mark, CRLF, and no cell that becomes a formula.

A cell that a spreadsheet could take for a formula gets a leading apostrophe, as OWASP's page on CSV injection advises:
it is the one prefix that spreadsheets themselves use for "this is text". Lone surrogates become U+FFFD.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from operator import attrgetter
from typing import TextIO

from agent.outputs.harmless import well_formed
from agent.outputs.rows import COLUMNS, rows_of
from agent.records import Record


BYTE_ORDER_MARK = "\ufeff"
_cells = attrgetter(*COLUMNS)

# Programs skip what is invisible before they look for a formula; East Asian editions take the full-width forms too.
_FORMULA = re.compile(r"[ \x00\u200b\ufeff]*[\t\r\n]|[\s\x00-\x1f\x7f\u200b\ufeff]*[=+\-@＝＋－＠]")


def write_csv(records: Iterable[Record], stream: TextIO) -> None:
    """One row an item, under the names of `rows.COLUMNS`. The stream must not translate line ends."""
    stream.write(BYTE_ORDER_MARK)
    table = csv.writer(stream, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for record in records:
        table.writerows([_cell(value) for value in _cells(row)] for row in rows_of(record))


def _cell(value: str | int | None) -> str | int | None:
    if not isinstance(value, str):
        return value
    text = well_formed(value)
    return f"'{text}" if _FORMULA.match(text) else text
