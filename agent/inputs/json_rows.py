"""JSON and JSON Lines, told apart by their first line. Lines are streamed; a document is loaded whole. Nothing broken is mended."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from agent.inputs.encodings import decode, has_bad_bytes, open_text
from agent.inputs.lines import bounded, check_length
from agent.inputs.rows import Rows
from agent.inputs.shapes import rows_in
from agent.inputs.unreadable import Unreadable
from agent.inputs.whole import read_whole


def json_rows(path: Path, encoding: str | None) -> Rows:
    """The rows of a `.json` file: a document, or lines where the first line is an object and more follow."""
    with open_text(path, encoding, newline="\n") as stream:
        lines = bounded(stream)
        first, second = _next_filled(lines), _next_filled(lines)
    if second and is_object(first):
        return jsonl_rows(path, encoding)
    return document_rows(path, encoding)


def jsonl_rows(path: Path, encoding: str | None) -> Rows:
    """The rows of a `.jsonl` file, line by line; a document where it begins as one does."""
    with open_text(path, encoding, newline="\n") as stream:
        lines = bounded(stream)
        first = next(lines, "")
        if first.strip() in {"[", "{"} or first.lstrip().startswith(("[{", "[ {")):
            yield from document_rows(path, encoding)
            return
        yield from line_rows(chain([first], lines))


def line_rows(lines: Iterable[str]) -> Rows:
    """Rows of lines as they come, numbered as lines; empty ones are passed over."""
    seen = False
    for number, line in enumerate(lines, 1):
        if line.strip():
            seen = True
            yield from _line(line, number)
    if not seen:
        raise Unreadable("is empty")


def document_rows(path: Path, encoding: str | None) -> Rows:
    text = decode(read_whole(path), encoding)
    if not text.strip():
        raise Unreadable("is empty")
    yield from rows_in(parsed(text))


def parsed(text: str) -> Any:
    """A JSON value. Raises `Unreadable` with the place where it is broken."""
    try:
        return json.loads(text, strict=False)  # a bare control character loses nothing
    except json.JSONDecodeError as error:
        raise Unreadable(_why(error)) from None
    except RecursionError:
        raise Unreadable("is JSON nested too deeply to be a post") from None
    except ValueError as error:
        raise Unreadable(f"is no valid JSON: {error}") from None


def is_object(line: str) -> bool:
    """Whether a line is a JSON object, whole."""
    if not line.lstrip().startswith("{"):
        return False
    try:
        check_length(line)
        parsed(line)
    except Unreadable:
        return False
    return True


def _line(line: str, number: int) -> Rows:
    if has_bad_bytes(line):
        yield Unreadable("holds bytes that are none of the file's encoding", number)
        return
    try:
        check_length(line)
        yield from rows_in(parsed(line.removeprefix("\ufeff")), number)
    except Unreadable as error:
        yield Unreadable(error.why, number)


def _next_filled(lines: Iterator[str]) -> str:
    return next((line for line in lines if line.strip()), "")


def _why(error: json.JSONDecodeError) -> str:
    place = f"line {error.lineno}, column {error.colno}"
    before = error.doc[: error.pos + 1].rstrip("]} \t\r\n")[-1:]
    at_comma = before == "," and error.doc[error.pos : error.pos + 1] in {"]", "}", ","}
    reason = "a comma too many" if at_comma else error.msg[:1].lower() + error.msg[1:]
    return f"is no valid JSON at {place}: {reason}"
