"""Tells where each line of a section stands to the section's list, and which number is its own. What the line is, it does not say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import compress
from typing import Literal

from agent.extraction.rules.lines import Line


Place = Literal["main", "nested", "sub", "lead", "bare"]
"""Where a line stands to its section's list: an item of it, a deeper one, below an item, before the first; `bare` where there is no list."""


def places_of(lines: Sequence[Line], numbers: Sequence[int | None]) -> Iterator[Place]:
    """The place of each line; the numbers are those of `numbers_of`."""
    main = _main_style(lines)
    if main is None:
        for _ in lines:
            yield "bare"
        return
    alike = [line.style == main for line in lines]
    shallow = min(line.indent for line in compress(lines, alike))
    begun = False
    for line, of_main, number in zip(lines, alike, numbers, strict=True):
        if (of_main and line.indent <= shallow + 1) or (number is not None and not line.mark):
            begun = True
            yield "main"
        elif of_main:
            yield "nested"
        else:
            yield "sub" if begun else "lead"


def numbers_of(lines: Sequence[Line]) -> list[int | None]:
    """The lines' numbers; an unmarked line in the place of a missing number gets that number."""
    numbers = [line.number for line in lines]
    for place in range(1, len(lines) - 1):
        before, after = numbers[place - 1], numbers[place + 1]
        alone = lines[place].mark is None and lines[place - 1].style == lines[place + 1].style
        if alone and before is not None and after == before + 2:
            numbers[place] = before + 1
    return numbers


def _main_style(lines: Sequence[Line]) -> str | None:
    """The mark of the section's list: a counting one before bullets, then the most frequent; one that encloses it before that."""
    styles = [line.style for line in lines if line.number is not None]
    styles = styles or [line.style for line in lines if line.mark and line.style != "follow"]
    if not styles:
        return None
    counts = Counter(styles)
    if counts["ask"] > 1:
        return "ask"
    often = counts.most_common(1)[0][0]
    first = styles.index(often)
    enclosing = (style for style in styles[:first] if counts[style] > 1 and style in styles[first:])
    return next(enclosing, often)
