"""Lines of a stream of text, so that one without end is never kept whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from agent.inputs.unreadable import Unreadable


# Characters; a row with a picture inside it has a few million.
_LONGEST = 1 << 24
_PASSED_OVER_AT_ONCE = 1 << 20


def bounded(stream: TextIO) -> Iterator[str]:
    """Each line; of one that is too long for a row its beginning, by which `check_length` knows it."""
    while line := first_line(stream):
        yield line
        if len(line) > _LONGEST and not _ends(line):
            while (more := stream.readline(_PASSED_OVER_AT_ONCE)) and not _ends(more):
                pass


def first_line(stream: TextIO) -> str:
    """The next line; of one that is too long its beginning alone is read."""
    return stream.readline(_LONGEST + 1)


def check_length(line: str) -> None:
    """Raises `Unreadable` where this is no whole line, or too long a one."""
    if len(line) > _LONGEST:
        raise Unreadable(f"has more than {_LONGEST:,} characters: too long for one post")


def _ends(line: str) -> bool:
    return line.endswith(("\n", "\r"))
