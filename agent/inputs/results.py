"""Our own results, read back: records of a file, rows of labels, and the texts that records leave outside."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

from pydantic import ValidationError

from agent.errors import UsageError
from agent.inputs.read import read_posts
from agent.inputs.walk import reason
from agent.pictures import file_of
from agent.records import Post, Record


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
    """The rows of a JSON array, or of JSON Lines, numbered from 1; an object over several lines is one. Raises `UsageError` for what is none."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        if text.lstrip().startswith(("[", "{\n")):
            whole = json.loads(text)
            yield from enumerate(whole if isinstance(whole, list) else [whole], 1)
            return
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                yield number, json.loads(line)
    except OSError as error:
        raise UsageError(f"cannot read {file}: {reason(error)}") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{file} is no JSON: {error}; give the output of `mianjing extract -o records.jsonl`"
        ) from None


def with_texts(records: Iterable[Record]) -> Iterator[Record]:
    """The records with their posts' texts, where their sources still hold them; a file is read once for all that follow each other.

    A text that pictures are part of is read in them again; that takes seconds only where this machine has not read them before.
    """
    file, texts = "", dict[str, str]()
    for record in records:
        source = record.post.source or ""
        if source and file_of(source) != file:
            file = file_of(source)
            texts = _texts_of(Path(file), with_pictures=file != source)
        text = texts.get(record.post.sha256) if source else None
        yield record if text is None else record.with_text(text)


def _texts_of(file: Path, *, with_pictures: bool) -> dict[str, str]:
    if not file.is_file():
        return {}
    # Pictures that no row names lie beside the only post of their folder.
    beside = islice(read_posts([file.parent]), 1) if with_pictures else ()
    return {one.sha256: one.text for one in chain(read_posts([file]), beside) if isinstance(one, Post)}
