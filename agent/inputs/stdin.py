"""Standard input: JSON Lines if its first line is a JSON object, streamed as it comes; else one text. It is never read twice."""

from __future__ import annotations

import io
import sys
from itertools import chain
from typing import BinaryIO, cast

from agent.inputs.encodings import decode, told_encoding
from agent.inputs.json_rows import is_object, line_rows
from agent.inputs.lines import bounded
from agent.inputs.rows import Row, Rows
from agent.inputs.unreadable import Unreadable


_LOOKED_AT = 1 << 16
# Characters; the longest post is a few thousand.
_LONGEST_TEXT = 1 << 26


class _Arriving(io.RawIOBase):
    """A stream's bytes as they arrive, without waiting for a buffer to be full; closing it leaves the stream open."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._stream.read1(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def stdin_rows(stdin: BinaryIO | None, encoding: str | None) -> Rows:
    """Rows of a stream of bytes. Its encoding is told by what comes first."""
    arriving = _Arriving(cast("io.BufferedIOBase", stdin or sys.stdin.buffer))
    with io.BufferedReader(arriving, _LOOKED_AT) as buffered:
        chosen = encoding or told_encoding(buffered.peek(1), cut=True)
        with io.TextIOWrapper(buffered, chosen, "surrogateescape", "\n") as stream:
            yield from _rows(stream, encoding)


def _rows(stream: io.TextIOWrapper, encoding: str | None) -> Rows:
    first = stream.readline(_LONGEST_TEXT + 1)
    if is_object(first):
        yield from line_rows(chain([first], bounded(stream)))
        return
    text = first + stream.read(_LONGEST_TEXT)
    if len(text) > _LONGEST_TEXT:
        raise Unreadable("is too long for one text")
    as_it_came = text.encode(stream.encoding.removesuffix("-sig"), "surrogateescape")
    yield Row({"text": decode(as_it_came, encoding)})
