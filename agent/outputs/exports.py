"""Records to files and streams, in any of the formats people open afterwards. Each format is written by a module of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TextIO

from agent.outputs.formats import Format, late, pour, save, told_format
from agent.records import Record


# Each writer is loaded when something is written in its format.
FORMATS: Mapping[str, Format[Iterable[Record]]] = MappingProxyType(
    {
        "json": Format((".json",), to_stream=late("agent.outputs.json_text", "write_json")),
        "jsonl": Format((".jsonl",), to_stream=late("agent.outputs.json_text", "write_jsonl")),
        "csv": Format((".csv",), to_stream=late("agent.outputs.csv_table", "write_csv")),
        "md": Format((".md",), to_stream=late("agent.outputs.markdown", "write_md")),
        "xlsx": Format((".xlsx",), to_file=late("agent.outputs.xlsx", "write_xlsx")),
        "parquet": Format((".parquet",), to_file=late("agent.outputs.parquet", "write_parquet")),
        "anki": Format((".apkg",), to_file=late("agent.outputs.anki", "write_anki")),
        "html": Format((".html", ".htm"), to_stream=late("agent.outputs.report", "write_report")),
    }
)


def format_for(path: str | Path, format: str | None = None) -> str:  # noqa: A002
    """The name of the format that a file is to be written in: the one named, else told from the ending.

    Raises:
        UsageError: it is none of `FORMATS`.

    """
    return told_format(path, format, FORMATS)


def export(records: Iterable[Record], path: str | Path, *, format: str | None = None) -> None:  # noqa: A002
    """Write records to a file, whole or not at all; they are taken one at a time where the format can.

    Raises:
        UsageError: an unknown format, or a folder that is not there. MissingExtra: a package is not installed.
            Both come before the first record is taken.

    """
    save(records, Path(path), FORMATS[format_for(path, format)])


def write(records: Iterable[Record], stream: TextIO, format: str) -> None:  # noqa: A002
    """Write records to a text stream such as standard output, as they come; see `formats.pour`."""
    pour(records, stream, format, FORMATS)
