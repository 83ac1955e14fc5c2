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


def make_report(files: list[Path], output: Path | None) -> None:
    from agent.outputs import export
    from agent.outputs.report import write_report

    records = (_with_text(record) for file in files for record in read_records(file))
    if output:
        export(records, output, format="html")
        say(f"the report is written to {output}; open it in a browser, it needs no network")
    else:
        write_report(records, sys.stdout)


def read_records(file: Path) -> Iterator[Record]:
    """The records of a `.jsonl` or `.json` file. Raises `UsageError` naming the file and record of what is none."""
    for number, row in json_rows(file):
        try:
            yield Record.model_validate(row)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise UsageError(f"{file}, record {number} is no record of mianjing: {where}: {first['msg']}") from None


def json_rows(file: Path) -> Iterator[tuple[int, object]]:
    """The rows of a JSON array, or of JSON Lines, numbered from 1. Raises `UsageError` for what is neither."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        if text.lstrip().startswith("["):
            yield from enumerate(json.loads(text), 1)
            return
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                yield number, json.loads(line)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {file}: {error}") from None
    except (json.JSONDecodeError, RecursionError) as error:
        raise UsageError(
            f"{file} is no JSON: {error}; give the output of `mianjing extract -o records.jsonl`"
        ) from None


def _with_text(record: Record) -> Record:
    """The record with its post's text, where its source still holds it."""
    from agent.inputs import read_posts

    if record.post.source and record.post.source != "-" and Path(record.post.source).is_file():
        for one in read_posts([record.post.source]):
            if isinstance(one, Post) and one.sha256 == record.post.sha256:
                return record.with_text(one.text)
    return record
