"""The question bank to files and streams, in each format that it has. Builds no bank."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TextIO

from agent.outputs.anki import write_bank_anki
from agent.outputs.bank import Bank
from agent.outputs.bank_markdown import write_bank_md
from agent.outputs.bank_xlsx import write_bank_xlsx
from agent.outputs.formats import Format, pour, save, told_format
from agent.outputs.report import write_bank_report


def _write_json(bank: Bank, stream: TextIO) -> None:
    stream.write(bank.to_json(indent=2) + "\n")


BANK_FORMATS: Mapping[str, Format[Bank]] = MappingProxyType(
    {
        "md": Format((".md",), to_stream=write_bank_md),
        "json": Format((".json",), to_stream=_write_json),
        "xlsx": Format((".xlsx",), to_file=write_bank_xlsx),
        "anki": Format((".apkg",), to_file=write_bank_anki),
        "html": Format((".html", ".htm"), to_stream=write_bank_report),
    }
)


def export_bank(bank: Bank, path: str | Path, *, format: str | None = None) -> None:  # noqa: A002
    """Write the bank to a file, whole or not at all; the format is told from the ending where it is not named.

    Raises:
        UsageError: an unknown format, or a folder that is not there. MissingExtra: a package is not installed.

    """
    save(bank, Path(path), BANK_FORMATS[told_format(path, format, BANK_FORMATS)])


def write_bank(bank: Bank, stream: TextIO, format: str) -> None:  # noqa: A002
    """Write the bank to a text stream such as standard output; see `formats.pour`."""
    pour(bank, stream, format, BANK_FORMATS)
