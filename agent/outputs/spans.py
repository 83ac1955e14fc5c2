"""A post's text cut where its items begin and end, so that each piece can be shown with the one item it belongs to."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from agent.outputs.rows import kinds_of
from agent.records import Item, Kind, Record


@dataclass(frozen=True, slots=True)
class Mark:
    """An item, and what it is."""

    kind: Kind
    item: Item


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the text, and what is highlighted there: of overlapping items the shortest, which is the most particular."""

    text: str
    mark: Mark | None


def pieces_of(record: Record, text: str) -> Iterator[Piece]:
    """The whole text in order, cut at the items' ends; joined again it is `text`."""
    marks = [Mark(kind, item) for kind, items in kinds_of(record) for item in items if item.start < item.end]
    opening: dict[int, list[Mark]] = {}
    for mark in marks:
        opening.setdefault(mark.item.start, []).append(mark)
    cuts = sorted({0, len(text), *(at for mark in marks for at in (mark.item.start, mark.item.end) if at < len(text))})
    covering: list[Mark] = []
    for start, end in itertools.pairwise(cuts):
        covering = [mark for mark in covering if mark.item.end > start] + opening.get(start, [])
        shortest = min(covering, key=lambda mark: mark.item.end - mark.item.start, default=None)
        yield Piece(text[start:end], shortest)
