"""Spans that overlap: how much, which ones touch, and which are doubles of one another. Never looks at the text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate

from agent.extraction.findings import Finding


# Two items that share so much are one, told twice.
_DOUBLE = 0.7
# A line, a part of it, a part of that: what overlaps more deeply is an answer that loops.
_DEEPEST = 6


def iou(one: Finding, other: Finding) -> float:
    """The share of what both cover together that they have in common, 0 to 1."""
    common = min(one.end, other.end) - max(one.start, other.start)
    return max(0, common) / max(1, (one.end - one.start) + (other.end - other.start) - common)


def is_within(one: Finding, other: Finding) -> bool:
    return other.start <= one.start and one.end <= other.end


class Spans:
    """Findings to be asked which of them touch a span."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self._findings = sorted(findings, key=lambda one: one.start)
        self._starts = [one.start for one in self._findings]
        self._ends = list(accumulate((one.end for one in self._findings), max))

    def __len__(self) -> int:
        return len(self._findings)

    def touching(self, start: int, end: int) -> list[Finding]:
        """Those that share a character with the span, in reading order."""
        last = bisect_left(self._starts, end)
        first = last
        while first and self._ends[first - 1] > start:
            first -= 1
        return [one for one in self._findings[first:last] if one.end > start]


def without_doubles(findings: Sequence[Finding]) -> tuple[tuple[Finding, ...], int]:
    """The findings in reading order, each told once, and how many were doubles. What is sure stays, else what came first."""
    kept: list[tuple[int, Finding]] = []
    for place, one in sorted(enumerate(findings), key=lambda placed: _reading_order(placed[1])):
        open_ = [at for at in range(max(0, len(kept) - 2 * _DEEPEST), len(kept)) if kept[at][1].end > one.start]
        double = next((at for at in open_ if iou(one, kept[at][1]) >= _DOUBLE), None)
        if double is not None:
            kept[double] = min(kept[double], (place, one), key=lambda placed: (not placed[1].sure, placed[0]))
        elif len(open_) < _DEEPEST:
            kept.append((place, one))
    return in_reading_order(one for _, one in kept), len(findings) - len(kept)


def in_reading_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By their starts; of two with one start the longer first."""
    return tuple(sorted(findings, key=_reading_order))


def _reading_order(one: Finding) -> tuple[int, int]:
    return one.start, -one.end
