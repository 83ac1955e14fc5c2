"""What a file format is, how it is told from a file's name, and how a file comes to be whole or not at all."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Generic, TextIO, TypeVar

from agent.errors import UsageError


Content = TypeVar("Content")


@dataclass(frozen=True, slots=True)
class Format(Generic[Content]):
    """One format: its file endings, and the function that writes it, to a text stream or to the path of a new file."""

    endings: tuple[str, ...]
    to_stream: Callable[[Content, TextIO], None] | None = None
    to_file: Callable[[Content, Path], None] | None = None

    @property
    def is_text(self) -> bool:
        return self.to_stream is not None


def late(module: str, name: str) -> Callable[[Any, Any], None]:
    """A writer whose module, and all that it needs, is loaded when it first writes."""

    def write(content: Any, target: Any) -> None:
        getattr(import_module(module), name)(content, target)

    return write


def told_format(path: str | Path, named: str | None, formats: Mapping[str, Format[Content]]) -> str:
    """The format's name: the one named, else told from the file's ending.

    Raises:
        UsageError: no such format, or an ending that none has; the text names those known.

    """
    if named is not None:
        return checked_format(named, formats)
    ending = Path(path).suffix.lower()
    for name, known in formats.items():
        if ending in known.endings:
            return name
    endings = " ".join(ending for known in formats.values() for ending in known.endings)
    raise UsageError(f"cannot tell the format of '{path}' from its ending; known are {endings}, or name the format")


def checked_format(named: str, formats: Mapping[str, Format[Content]]) -> str:
    if named not in formats:
        raise UsageError(f"unknown format '{named}'; known are {', '.join(formats)}")
    return named


def save(content: Content, path: Path, chosen: Format[Content]) -> None:
    """Write a file whole or not at all: whatever fails on the way, `path` is as it was, and nothing else is left.

    Raises:
        UsageError: the folder is not there, or cannot be written in.

    """
    with _whole_file(path) as unfinished:
        if chosen.to_stream is not None:
            with unfinished.open("w", encoding="utf-8", newline="") as stream:
                chosen.to_stream(content, stream)
        elif chosen.to_file is not None:
            chosen.to_file(content, unfinished)


def pour(content: Content, stream: TextIO, named: str, formats: Mapping[str, Format[Content]]) -> None:
    """Write to a text stream such as standard output, as the content comes.

    A stream on bytes is switched to UTF-8 with no translation of line ends: this is data, whatever the console's code page.

    Raises:
        UsageError: the format is unknown, or is not text.

    """
    writer = formats[checked_format(named, formats)].to_stream
    if writer is None:
        raise UsageError(f"the format '{named}' is not text: name a file for it")
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", newline="")
    writer(content, stream)


@contextmanager
def _whole_file(path: Path) -> Iterator[Path]:
    target = path.resolve()
    _refuse_impossible(path, target)
    if target.exists() and not target.is_file():
        with _copied_to_device(target) as unfinished:
            yield unfinished
        return
    unfinished = target.parent / f".mianjing-{os.urandom(8).hex()}.part"
    try:
        _make_empty(unfinished, like=target)
        yield unfinished
        _sync(unfinished)
        _put_in_place(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)


def _refuse_impossible(path: Path, target: Path) -> None:
    if target.is_dir():
        raise UsageError(f"'{path}' is a folder; name a file in it")
    if not target.parent.is_dir():
        raise UsageError(f"cannot write '{path}': the folder '{target.parent}' does not exist; make it first")


@contextmanager
def _copied_to_device(device: Path) -> Iterator[Path]:
    """A pipe or a device can be written to, never replaced."""
    with tempfile.TemporaryDirectory(prefix="mianjing-") as folder:
        unfinished = Path(folder) / "whole"
        yield unfinished
        with unfinished.open("rb") as source, device.open("wb") as sink:
            shutil.copyfileobj(source, sink)


def _make_empty(unfinished: Path, *, like: Path) -> None:
    try:
        unfinished.touch(exist_ok=False)
    except OSError as error:
        raise UsageError(f"cannot write in '{unfinished.parent}': {error.strerror}") from None
    if like.exists():
        shutil.copymode(like, unfinished)


def _put_in_place(unfinished: Path, target: Path) -> None:
    try:
        unfinished.replace(target)
    except OSError as error:  # open in another program, mostly: told of the file that people know
        raise OSError(error.errno, error.strerror, str(target)) from None


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
