"""Pieces of text found in a picture, put into the order and the lines that a person reads: columns apart, wrapped lines joined."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import median


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text and its box, in pixels from the picture's upper left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


# What begins an item of its own, however long the line before it is.
_BEGINS_AN_ITEM = re.compile(
    r"[(（\[【]?\d{1,3}\s*[.、．:：)）\]】]|\d{1,2}[️⃣]|[①-⓿❶-➓]|[-–—•·●○◆■▪✓✅▶►★☆*#【]|[一二三四五六七八九十]{1,3}[、.．]"
    r"|[QqAa]\d*\s*[:：.]|问[:：]|答[:：]|[\U0001f300-\U0001faff]"
)
_ENDS_A_SENTENCE = tuple("。！？!?；;：:…")
_ASCII_WORD = re.compile(r"[!-~]+")
# In heights of a row: what a Chinese character and a Latin letter take, and what a row may stay behind its edge.
_HANZI, _LETTER, _SLACK = 0.9, 0.5, 0.75
# Of a column: at least so many pieces, half of them this many times as wide as high, so that labels and counts are none.
_PIECES_OF_A_COLUMN, _WIDE = 3, 4.0
_MOST_ACROSS = 0.25


def lines_of(pieces: Sequence[Piece], *, width: float) -> list[str]:
    """The lines of a picture that is `width` wide. Every piece is in exactly one of them."""
    return _read(list(pieces), width)


def _read(pieces: list[Piece], width: float | None) -> list[str]:
    """The lines of a picture so wide, or of a column in it whose width nobody knows."""
    gutter = _gutter(pieces)
    if gutter is None:
        rows = _rows(pieces)
        return _unwrapped(rows, _end(rows, width))
    lines: list[str] = []
    across = sorted((one for one in pieces if one.left < gutter < one.right), key=lambda one: one.middle)
    beside = [one for one in pieces if not one.left < gutter < one.right]
    above = -math.inf
    for below in [*across, None]:
        end = below.middle if below else math.inf
        band = [one for one in beside if above <= one.middle < end]
        lines += _read([one for one in band if one.right <= gutter], None)
        lines += _read([one for one in band if one.right > gutter], None)
        if below:
            lines.append(below.text)
        above = end
    return lines


def _gutter(pieces: list[Piece]) -> float | None:
    """Where two columns of text part; null where there is one. Few pieces, such as a title, may lie across it."""
    if len(pieces) < 2 * _PIECES_OF_A_COLUMN:
        return None
    gap = max(1.0, median(one.height for one in pieces) / 4)
    best, fewest = None, math.floor(_MOST_ACROSS * len(pieces))
    for step in sorted({math.floor(one.left / gap) for one in pieces}):
        edge = step * gap
        lefts = [one for one in pieces if one.right <= edge - gap]
        rights = [one for one in pieces if one.left >= edge]
        across = len(pieces) - len(lefts) - len(rights)
        # Of gutters as good the last: the left column then ends where the right one begins.
        if across <= fewest and _is_column(lefts) and _is_column(rights) and _are_side_by_side(lefts, rights):
            best, fewest = edge, across
    return best


def _is_column(pieces: list[Piece]) -> bool:
    wide = sum(one.right - one.left >= _WIDE * one.height for one in pieces)
    return len(pieces) >= _PIECES_OF_A_COLUMN and 2 * wide >= len(pieces)


def _are_side_by_side(lefts: list[Piece], rights: list[Piece]) -> bool:
    """Whether most pieces of the shorter column have one of the other beside them: the two sides of a chat have not."""
    few, many = sorted((lefts, rights), key=len)
    many = sorted(many, key=lambda one: one.top)
    tops = [one.top for one in many]
    deepest = list(accumulate((one.bottom for one in many), max))
    begun = [bisect_left(tops, one.bottom) for one in few]
    beside = sum(count > 0 and deepest[count - 1] > one.top for one, count in zip(few, begun, strict=True))
    return 3 * beside >= 2 * len(few)


def _rows(pieces: list[Piece]) -> list[Piece]:
    """Pieces on one baseline become one."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda one: one.middle):
        last = rows[-1][-1] if rows else None
        if last and abs(piece.middle - last.middle) < 0.4 * min(piece.height, last.height):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [_merged(sorted(row, key=lambda one: one.left)) for row in rows]


def _merged(row: list[Piece]) -> Piece:
    return Piece(
        " ".join(one.text for one in row),
        row[0].left,
        min(one.top for one in row),
        max(one.right for one in row),
        max(one.bottom for one in row),
    )


def _end(rows: list[Piece], width: float | None) -> float:
    """Where rows that are broken for lack of room end: before a margin like the left one; in a column, where three rows do."""
    if not rows:
        return 0.0
    if width is not None:
        return width - min(one.left for one in rows)
    longest = sorted(one.right for one in rows)[-3:]
    return longest[0] if len(longest) == 3 and longest[2] - longest[0] < rows[0].height else math.inf


def _unwrapped(rows: list[Piece], end: float) -> list[str]:
    """The rows as lines: a row that was broken only because the screen ended there goes on in the next."""
    lines: list[str] = []
    for above, row in zip([None, *rows], rows, strict=False):
        if above and _goes_on(above, row, end):
            glue = " " if _ASCII_WORD.match(lines[-1][-1:]) and _ASCII_WORD.match(row.text) else ""
            lines[-1] += glue + row.text
        else:
            lines.append(row.text)
    return lines


def _first_word(text: str) -> float:
    """How wide a text's first word or character is, in heights of its row, and a little more."""
    word = _ASCII_WORD.match(text)
    return _SLACK + (len(word[0]) * _LETTER if word else _HANZI)


def _goes_on(above: Piece, below: Piece, end: float) -> bool:
    """Whether the next row's first word had no room left in a row, and is of the same size, close below, and begins nothing new."""
    size = min(above.height, below.height)
    reaches = above.right + _first_word(below.text) * size >= end
    is_same_text = max(above.height, below.height) < 1.4 * size and below.top - above.bottom < 0.9 * size
    is_flush = abs(below.left - above.left) < 3 * size
    begins = _BEGINS_AN_ITEM.match(below.text) or above.text.endswith(_ENDS_A_SENTENCE)
    return reaches and is_same_text and is_flush and not begins
