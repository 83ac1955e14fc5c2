"""The front door: inputs of any kind, in a stable order, become posts; whatever cannot be read is named, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from agent.errors import InputProblem, MissingExtra
from agent.inputs.csv_rows import csv_rows
from agent.inputs.encodings import checked_encoding
from agent.inputs.json_rows import json_rows, jsonl_rows
from agent.inputs.kinds import Kind, kind_of
from agent.inputs.parquet_rows import parquet_rows
from agent.inputs.pictures import Given, Pictures
from agent.inputs.posts import posts_of
from agent.inputs.rows import Rows
from agent.inputs.sqlite_rows import sqlite_rows
from agent.inputs.stdin import stdin_rows
from agent.inputs.texts import markdown_rows, text_rows
from agent.inputs.unreadable import Unreadable
from agent.inputs.walk import Found, check_regular, files_in, is_folder, nothing, reason
from agent.inputs.workbooks import workbook_rows
from agent.inputs.yaml_rows import yaml_rows
from agent.records import Post


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
    inputs: Sequence[str | Path],
    *,
    encoding: str | None = None,
    stdin: BinaryIO | None = None,
    leave_out: Callable[[Path], bool] = nothing,
) -> Iterator[Post | InputProblem]:
    """Posts of files, folders and `-` (standard input), in the order given; folders by name.

    Args:
        inputs: paths; `-` reads `stdin`, or the process's own standard input.
        encoding: what text files are written in, where it is known.
        stdin: the bytes that `-` stands for.
        leave_out: files of folders that are passed over, such as a run's own output.

    Raises:
        UsageError: there is no such encoding.

    """
    reader = _Reader(checked_encoding(encoding), stdin, leave_out, Pictures())
    return (found for given in inputs for found in reader.read(str(given)))


@dataclass(frozen=True, slots=True)
class _Reader:
    """How one call reads its inputs."""

    encoding: str | None
    stdin: BinaryIO | None
    leave_out: Callable[[Path], bool]
    pictures: Pictures

    def read(self, given: str) -> Iterator[Given]:
        if given == "-":
            yield from _named(self._stream, "-")
        elif not given or "\0" in given:
            yield InputProblem(repr(given), "is no name of a file or folder")
        elif is_folder(Path(given)):
            yield from self._folder(Path(given))
        else:
            yield from self._file(Path(given))

    def _stream(self) -> Iterator[Given]:
        rows = stdin_rows(self.stdin, self.encoding)
        return posts_of(rows, source="-", folder=Path(), pictures=self.pictures)

    def _folder(self, folder: Path) -> Iterator[Given]:
        empty = True
        for found in files_in(folder, self.leave_out):
            empty = False
            if isinstance(found, Found):
                posts = self._file(found.path)
                yield from self.pictures.beside(posts, found.pictures) if found.pictures else posts
            else:
                yield found.why.at(str(found.path))
        if empty:
            yield InputProblem(str(folder), "holds no file that could be a post")

    def _file(self, path: Path) -> Iterator[Given]:
        return _named(lambda: self._posts(path), str(path))

    def _posts(self, path: Path) -> Iterator[Given]:
        check_regular(path)
        kind = kind_of(path, self.encoding)
        if kind is Kind.PICTURE:
            yield from self.pictures.alone(path)
        else:
            rows = _READERS[kind](path, self.encoding)
            yield from posts_of(rows, source=str(path), folder=path.parent, pictures=self.pictures)


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
