"""Where the records of a run go: a file, the readable view, or standard output as data."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from agent.cli.language import spoken, t
from agent.cli.screen import SCREEN
from agent.cli.wanted import Wanted
from agent.outputs import export, format_for, write
from agent.outputs.formats import Format, save
from agent.records import Record


def write_records(records: Iterator[Record], wanted: Wanted) -> None:
    """Write them to where the call wants them, as they come where the format can."""
    if wanted.output:
        export_records(records, wanted.output, wanted.format_name)
    elif wanted.is_view:
        _show(_above(records))
    else:
        # JSON is UTF-8 whatever the console speaks; and a line ends with \n alone.
        with open(
            sys.stdout.fileno(), "w", encoding="utf-8", errors="surrogatepass", newline="\n", closefd=False
        ) as out:
            write(_above(records), out, wanted.format_name or "jsonl")


def export_records(records: Iterable[Record], path: Path, format_name: str | None) -> None:
    """Write a file, whole or not at all; a report in the language of the person."""
    if format_for(path, format_name) != "html":
        export(records, path, format=format_name)
        return
    from agent.outputs.report import write_report

    save(records, path, Format((".html",), to_stream=partial(write_report, lang=spoken())))


def _above(records: Iterator[Record]) -> Iterator[Record]:
    """Each record is written while the progress makes way: it is gone until the next is asked for."""
    for record in records:
        with SCREEN.above():
            yield record


def _show(records: Iterator[Record]) -> None:
    from rich.console import Console

    from agent.outputs.terminal import show

    console = Console()
    for record in records:
        show(record, console, translate=t)
