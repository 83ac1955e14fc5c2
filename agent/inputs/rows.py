"""A row of any format, before it is known to be a post: named values and the place they stand at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from agent.inputs.unreadable import Unreadable


@dataclass(frozen=True, slots=True)
class Row:
    """`number` is the row as people count it in this format; null where the file is one post."""

    values: Mapping[str, Any]
    number: int | None = None


Rows: TypeAlias = Iterator[Row | Unreadable]
"""Rows as they come; a broken one is yielded as `Unreadable`, a file that ends there raises it."""
