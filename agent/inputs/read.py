"""The front door: inputs of any kind, in a stable order, become posts; whatever cannot be read is named, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from agent.errors import InputProblem, MissingExtra
from agent.inputs.csv_rows import csv_rows
from agent.inputs.encodings import checked_encoding
from agent.inputs.json_rows import json_rows, jsonl_rows
from agent.inputs.kinds import Kind, kind_of
from agent.inputs.parquet_rows import parquet_rows
from agent.inputs.posts import posts_of
from agent.inputs.rows import Rows
from agent.inputs.sqlite_rows import sqlite_rows
from agent.inputs.stdin import stdin_rows
from agent.inputs.texts import markdown_rows, text_rows
from agent.inputs.unreadable import Unreadable
from agent.inputs.walk import Found, check_regular, files_in, is_folder, reason
from agent.inputs.workbooks import workbook_rows
from agent.inputs.yaml_rows import yaml_rows
from agent.records import Post


Given = Post | InputProblem

_READERS: Mapping[Kind, Callable[[Path, str | None], Rows]] = {
    Kind.TEXT: text_rows,
    Kind.MARKDOWN: markdown_rows,
    Kind.JSON: json_rows,
    Kind.JSONL: jsonl_rows,
    Kind.YAML: yaml_rows,
    Kind.CSV: csv_rows,
    Kind.WORKBOOK: workbook_rows,
    Kind.PARQUET: parquet_rows,
    Kind.SQLITE: sqlite_rows,
}


def read_posts(
    inputs: Sequence[str | Path], *, encoding: str | None = None, stdin: BinaryIO | None = None
) -> Iterator[Post | InputProblem]:
    """Posts of files, folders and `-` (standard input), in the order given; folders by name.

    Args:
        inputs: paths; `-` reads `stdin`, or the process's own standard input.
        encoding: what text files are written in, where it is known.
        stdin: the bytes that `-` stands for.

    Raises:
        UsageError: there is no such encoding.

    """
    known = checked_encoding(encoding)
    return (found for given in inputs for found in _read(str(given), known, stdin))


def _read(given: str, encoding: str | None, stdin: BinaryIO | None) -> Iterator[Given]:
    if given == "-":
        yield from _named(lambda: posts_of(stdin_rows(stdin, encoding), source="-", folder=Path()), "-")
    elif not given or "\0" in given:
        yield InputProblem(repr(given), "is no name of a file or folder")
    elif is_folder(Path(given)):
        yield from _folder(Path(given), encoding)
    else:
        yield from _file(Path(given), encoding)


def _folder(folder: Path, encoding: str | None) -> Iterator[Given]:
    empty = True
    for found in files_in(folder):
        empty = False
        if isinstance(found, Found):
            yield from _with_pictures(_file(found.path, encoding), found.pictures)
        else:
            yield found.why.at(str(found.path))
    if empty:
        yield InputProblem(str(folder), "holds no file that could be a post")


def _file(path: Path, encoding: str | None) -> Iterator[Given]:
    return _named(lambda: _posts(path, encoding), str(path))


def _posts(path: Path, encoding: str | None) -> Iterator[Given]:
    check_regular(path)
    kind = kind_of(path, encoding)
    if kind is Kind.PICTURE:
        raise Unreadable("is a picture: reading text off pictures alone (OCR) is not done; give it beside a text")
    yield from posts_of(_READERS[kind](path, encoding), source=str(path), folder=path.parent)


def _named(read: Callable[[], Iterator[Given]], source: str) -> Iterator[Given]:
    """What `read` gives; what ends it early is named as a problem of `source`."""
    try:
        yield from read()
    except Unreadable as broken:
        yield broken.at(source)
    except MissingExtra as missing:
        yield InputProblem(source, str(missing))
    except UnicodeError as error:
        yield InputProblem(source, f"cannot be decoded any further: {error}")
    except OSError as error:
        yield InputProblem(source, reason(error))


def _with_pictures(found: Iterator[Given], pictures: tuple[Path, ...]) -> Iterator[Given]:
    """Where a folder's only file is one post, the pictures beside it are part of it, unless it names files itself."""
    if not pictures:
        yield from found
        return
    first, second = next(found, None), next(found, None)
    if isinstance(first, Post) and second is None and all("://" in image for image in first.images):
        first = first.model_copy(update={"images": tuple(map(str, pictures))})
    yield from (one for one in (first, second) if one is not None)
    yield from found
