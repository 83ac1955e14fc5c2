"""The commands that work on records and finished work: `bank`, `report`, `schema`, `forget`. None asks a model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli.files import standard_output
from agent.cli.tell import in_words, posts, tell, warn, warn_of
from agent.errors import MissingExtra, UsageError
from agent.inputs.results import read_records, with_texts
from agent.outputs import export
from agent.records import Post, PostInfo, Record


if TYPE_CHECKING:
    from agent.outputs.bank import Bank


def make_bank(files: list[Path], output: Path | None, format_name: str | None, into: Path | None) -> None:
    from agent.outputs.bank import build
    from agent.outputs.bank_exports import export_bank, write_bank

    before = _read_bank(into) if into else None
    bank = build((record for file in files for record in read_records(file)), into=before)
    if output:
        export_bank(bank, output, format=format_name)
        tell("{count:,} questions written to {file}", count=len(bank.entries), file=output)
    else:
        with standard_output() as out:
            write_bank(bank, out, format_name or "md")


def print_schema() -> None:
    print(json.dumps(Record.model_json_schema(), ensure_ascii=False, indent=2))  # noqa: T201


def forget_work(inputs: list[str], *, everything: bool) -> None:
    from agent import settings
    from agent.pictures.memory import forget
    from agent.pipeline.store import Store

    if not inputs and not everything:
        raise UsageError("name the inputs whose results to drop, or --all for everything")
    with Store(settings.home()) as store:
        tell("{count:,} results dropped", count=store.forget(None if everything else _posts_of(inputs)))
    if everything:
        forget(settings.home())


def _posts_of(inputs: list[str]) -> Iterator[Post]:
    """The posts; what cannot be read is told. Raises `UsageError` where that is all there is."""
    from agent.inputs import read_posts

    found = False
    for one in read_posts(inputs):
        if isinstance(one, Post):
            found = True
            yield one
        else:
            warn_of(one)
    if not found:
        raise UsageError(f"nothing to read in {', '.join(inputs)}")


def make_report(files: list[Path], output: Path | None) -> None:
    from agent.outputs.report import write_report

    if bank := _only_bank(files):
        _write_page(bank, output)
        return
    without = list[PostInfo]()
    records = _noting(with_texts(record for file in files for record in read_records(file)), without)
    if output:
        export(records, output, format="html")
        _tell_of_page(output)
    else:
        with standard_output() as out:
            write_report(records, out)
    _tell_of_lost_texts(without)


def _only_bank(files: list[Path]) -> Bank | None:
    """The bank, where one is all that was given: it has a page of its own."""
    if len(files) > 1:
        return None
    try:
        return _read_bank(files[0])
    except UsageError:
        return None


def _write_page(bank: Bank, output: Path | None) -> None:
    from agent.outputs.bank_exports import export_bank, write_bank

    if output:
        export_bank(bank, output, format="html")
        _tell_of_page(output)
    else:
        with standard_output() as out:
            write_bank(bank, out, "html")


def _tell_of_page(output: Path) -> None:
    tell("the report is written to {file}; open it in a browser, it needs no network", file=output)


def _noting(records: Iterable[Record], without: list[PostInfo]) -> Iterator[Record]:
    """The records themselves; the posts of those with no text at hand are put on the list."""
    for record in records:
        if record.text is None:
            without.append(record.post)
        yield record


def _tell_of_lost_texts(lost: list[PostInfo]) -> None:
    from agent.pictures import file_of, ocr

    if lost:
        tell(
            "{posts} shown by their items alone: their text is not where it was read, or not any more",
            posts=posts(len(lost)),
        )
    unread = any(post.source and file_of(post.source) != post.source for post in lost)
    if unread and not ocr.is_installed():
        warn(in_words(MissingExtra("to read the text in pictures", ocr.EXTRA)))


def _read_bank(file: Path) -> Bank:
    """A bank that was written as JSON. Raises `UsageError` for what is none."""
    from agent.outputs.bank import Bank

    try:
        return Bank.from_json(file.read_bytes())
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{file} is no bank; give what `mianjing bank -o bank.json` wrote") from None
