"""A file that is one thing, read whole, within what any post or document needs. What is larger is refused, not cut."""

from __future__ import annotations

from pathlib import Path

from agent.inputs.unreadable import Unreadable


_MEGABYTE = 1 << 20


def read_whole(path: Path, *, megabytes: int = 512) -> bytes:
    """All bytes of a file. Raises `Unreadable` where there are more than `megabytes`."""
    with path.open("rb") as file:
        data = file.read(megabytes * _MEGABYTE + 1)
    if len(data) > megabytes * _MEGABYTE:
        raise Unreadable(f"is larger than {megabytes} MB, which is too much for one document")
    return data
