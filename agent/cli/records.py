"""The commands that work on records and finished work: `bank`, `schema`, `forget`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from agent.cli.tell import say
from agent.errors import UsageError
from agent.records import Post, Record


def make_bank(files: list[Path], output: Path | None, format_name: str | None, into: Path | None) -> None:
    from agent.outputs.bank import Bank, build
    from agent.outputs.bank_exports import export_bank, write_bank

    before = Bank.from_json(into.read_bytes()) if into else None
    bank = build((record for file in files for record in read_records(file)), into=before)
    if output:
        export_bank(bank, output, format=format_name)
        say(f"{len(bank.entries)} questions written to {output}")
    else:
        write_bank(bank, sys.stdout, format_name or "md")


def print_schema() -> None:
    print(json.dumps(Record.model_json_schema(), ensure_ascii=False, indent=2))  # noqa: T201


def forget_work(inputs: list[str], *, everything: bool) -> None:
    from agent import settings
    from agent.inputs import read_posts
    from agent.pipeline.store import Store

    if not inputs and not everything:
        raise UsageError("name the inputs whose results to drop, or --all for everything")
    with Store(settings.home()) as store:
        posts = None if everything else (one for one in read_posts(inputs) if isinstance(one, Post))
        say(f"{store.forget(posts)} results dropped")


def read_records(file: Path) -> Iterator[Record]:
    """The records of a `.jsonl` or `.json` file. Raises `UsageError` naming the file and line of what is no record."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {file}: {error}") from None
    for number, row in _rows(file, text):
        try:
            yield Record.model_validate(row)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise UsageError(f"{file}, record {number} is no record of mianjing: {where}: {first['msg']}") from None


def _rows(file: Path, text: str) -> Iterator[tuple[int, object]]:
    try:
        if text.lstrip().startswith("["):
            yield from enumerate(json.loads(text), 1)
            return
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                yield number, json.loads(line)
    except json.JSONDecodeError as error:
        raise UsageError(
            f"{file} is no JSON: {error}; give the output of `mianjing extract -o records.jsonl`"
        ) from None
