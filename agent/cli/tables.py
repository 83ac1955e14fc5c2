"""Rows of facts on standard output: a table for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from agent.records import dump_json


if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Row = TypeVar("Row", bound="DataclassInstance")


def print_json(rows: Sequence[DataclassInstance]) -> None:
    """The rows as one JSON array; moments in ISO 8601."""
    print(dump_json([_plain(asdict(row)) for row in rows], indent=2))  # noqa: T201


def print_table(rows: Sequence[Row], columns: Mapping[str, Callable[[Row], object]]) -> None:
    """The rows as a table, a column for each name; what is null or empty stays blank."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        cells = (show(row) for show in columns.values())
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in cells))
    Console().print(table)


def local_time(moment: datetime | None) -> str:
    """A moment as the clock on the wall here shows it."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M") if moment else ""


def _plain(row: dict[str, object]) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
