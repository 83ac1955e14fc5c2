"""Rows of facts on standard output: a table for people, JSON for programs. Knows nothing of what they mean."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from agent.cli.tell import harmless
from agent.language import t
from agent.records import dump_json


if TYPE_CHECKING:
    from _typeshed import DataclassInstance

# What is no terminal has no edge to wrap at.
_WIDE = 200

Row = TypeVar("Row", bound="DataclassInstance")


def print_rows(
    rows: Sequence[Row], columns: Mapping[str, Callable[[Row], object]], *, as_json: bool, none: Callable[[], object]
) -> None:
    """The rows as JSON, or as a table for people; `none` tells them what to do where there is no row."""
    if as_json:
        print_json(rows)
    elif rows:
        print_table(rows, columns)
    else:
        none()


def print_json(rows: Sequence[DataclassInstance]) -> None:
    """The rows as one JSON array; moments in ISO 8601."""
    print(dump_json([_plain(asdict(row)) for row in rows], indent=2))  # noqa: T201


def print_table(rows: Sequence[Row], columns: Mapping[str, Callable[[Row], object]]) -> None:
    """The rows as a table, a column for each name, which is translated. A column with nothing in it is left out; the last one wraps."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    cells = {
        name: ["" if (cell := show(row)) is None else harmless(str(cell)) for row in rows]
        for name, show in columns.items()
    }
    filled = {name: column for name, column in cells.items() if any(column)}
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in filled:
        table.add_column(t(name), overflow="fold", no_wrap=name != list(filled)[-1])
    for row in zip(*filled.values(), strict=True):
        table.add_row(*map(Text, row))
    Console(width=None if sys.stdout.isatty() else _WIDE).print(table)


def _plain(row: dict[str, object]) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
