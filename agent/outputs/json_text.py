"""Records as JSON: one array, or one record a line. Lossless: `Record.from_json` gets every record back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from agent.records import Record


def write_jsonl(records: Iterable[Record], stream: TextIO) -> None:
    """One record a line; each is handed on at once, so that a pipe's reader need not wait."""
    for record in records:
        stream.write(record.to_json() + "\n")
        stream.flush()


def write_json(records: Iterable[Record], stream: TextIO) -> None:
    opening = "[\n  "
    for record in records:
        # A line end inside a JSON string is always escaped: what is indented here is layout alone.
        stream.write(opening + record.to_json(indent=2).replace("\n", "\n  "))
        opening = ",\n  "
    stream.write("[]\n" if opening.startswith("[") else "\n]\n")
