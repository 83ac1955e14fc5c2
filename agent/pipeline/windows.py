"""Cuts a long text into windows, at natural borders and with some overlap; together they cover it. In linear time; what the text says is not looked at."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate


# Natural borders, the best first: what stands behind a blank line or begins with a heading; a line; a sentence.
_BORDERS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\n[^\S\n]*+\n\s*+|\n(?=[^\S\n]*+(?:#{1,6}\s|【|[一二三四五六七八九]面|round\s))",
        r"\n|\r(?!\n)|[\u2028\u2029]",
        r"[。！？；!?;][”’」』）)\]]*+|\.(?=\s)",
    )
)
# The best border is looked for in so much of a window, from its end; where there is none, in all of it.
_LAST_PART = 1 / 3


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a text, `start` to `end` in code points. What stands before `fresh` is shown by the window before it too."""

    start: int
    fresh: int
    end: int


def windows(
    text: str, cumulative: Sequence[float], *, room: float, overlap: int, unbroken: Iterable[tuple[int, int]] = ()
) -> list[Window]:
    """As few as there is room for: `cumulative[i]` is what the text up to and with code point `i` takes, and a window takes at most `room`.

    `unbroken` are spans that no natural border may lie in. A window overlaps the one before by at most `overlap` code points.
    """
    borders = _Borders(text, unbroken)
    found: list[Window] = []
    start = fresh = 0
    while True:
        before = cumulative[start - 1] if start else 0.0
        # However small the room is, each goes further than the one before.
        furthest = max(bisect_right(cumulative, before + room), fresh + 1)
        if furthest >= len(text):
            return [*found, Window(start, fresh, len(text))]
        near = max(fresh, furthest - int((furthest - start) * _LAST_PART))
        end = borders.best(near, furthest) or borders.best(fresh, furthest) or furthest
        found.append(Window(start, fresh, end))
        start, fresh = borders.earliest(max(start + 1, end - overlap), end), end


class _Borders:
    """Where a text may be cut."""

    def __init__(self, text: str, unbroken: Iterable[tuple[int, int]]) -> None:
        spans = sorted(unbroken)
        starts, ends = [start for start, _ in spans], list(accumulate((end for _, end in spans), max))

        def is_free(place: int) -> bool:
            begun = bisect_left(starts, place)
            return not begun or ends[begun - 1] <= place

        self._kinds = [[one.end() for one in kind.finditer(text) if is_free(one.end())] for kind in _BORDERS]

    def best(self, nearest: int, furthest: int) -> int | None:
        """The last of the best kind behind `nearest`, up to `furthest`."""
        for places in self._kinds:
            at = bisect_right(places, furthest)
            if at and places[at - 1] > nearest:
                return places[at - 1]
        return None

    def earliest(self, nearest: int, furthest: int) -> int:
        """The first of the best kind from `nearest` on, before `furthest`; `nearest` itself where there is none."""
        for places in self._kinds:
            at = bisect_left(places, nearest)
            if at < len(places) and places[at] < furthest:
                return places[at]
        return min(nearest, furthest)
