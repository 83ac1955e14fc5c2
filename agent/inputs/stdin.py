"""Standard input: JSON Lines if its first line is a JSON object, streamed as it comes; else one text."""

from __future__ import annotations

import io
import sys
from itertools import chain
from typing import BinaryIO, cast

from agent.inputs.encodings import decode, told_encoding
from agent.inputs.json_rows import is_object, line_rows
from agent.inputs.rows import Row, Rows
from agent.inputs.unreadable import Unreadable


_LOOKED_AT = 1 << 16
# Characters; the longest post is a few thousand.
_LONGEST_TEXT = 1 << 26


def stdin_rows(stdin: BinaryIO | None, encoding: str | None) -> Rows:
    """Rows of a stream of bytes, which stays open. Its encoding is told by what comes first."""
    raw = cast("io.RawIOBase", stdin or sys.stdin.buffer)
    buffered = io.BufferedReader(raw, _LOOKED_AT)
    try:
        chosen = encoding or told_encoding(buffered.peek(1), cut=True)
        stream = io.TextIOWrapper(buffered, chosen, "surrogateescape", "\n")
        try:
            yield from _rows(stream, encoding)
        finally:
            stream.detach()
    finally:
        buffered.detach()


def _rows(stream: io.TextIOWrapper, encoding: str | None) -> Rows:
    first = stream.readline()
    if is_object(first):
        yield from line_rows(chain([first], stream))
        return
    text = first + stream.read(_LONGEST_TEXT)
    if len(text) > _LONGEST_TEXT:
        raise Unreadable("is too long for one text")
    yield Row({"text": decode(text.encode(stream.encoding, "surrogateescape"), encoding)})
