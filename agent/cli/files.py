"""Where the records of a run go: a file, the readable view, or standard output as data. How each format is written is not known here."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from typing import TextIO

from agent.cli.screen import SCREEN
from agent.cli.wanted import Wanted
from agent.outputs import export, write
from agent.outputs.harmless import for_terminal
from agent.records import Record


def write_records(records: Iterator[Record], wanted: Wanted) -> None:
    """Write them to where the call wants them, as they come where the format can."""
    if wanted.output:
        export(records, wanted.output, format=wanted.format_name)
    elif wanted.is_view:
        _show(_above(records))
    else:
        with standard_output() as out:
            write(_above(records), out, wanted.format_name or "jsonl")


def standard_output() -> TextIO:
    r"""Standard output for data: UTF-8, whatever the console speaks, and lines that end with `\n` alone. To be closed after use."""
    kind = _Shown if sys.stdout.isatty() else io.TextIOWrapper
    sink = open(sys.stdout.fileno(), "wb", closefd=False)  # noqa: SIM115  # closed with what is around it
    return kind(sink, encoding="utf-8", errors="surrogatepass", newline="\n")


class _Shown(io.TextIOWrapper):
    """A terminal that data goes to: it shows what posts say, and obeys nothing of it."""

    def write(self, text: str, /) -> int:
        return super().write(for_terminal(text))


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
        show(record, console)
