"""Measures as Markdown tables and as JSON, and the README's tables put in their place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.measures import Comparison, Measure, Spread, Standing


BEGIN, END = "<!-- benchmarks:begin -->", "<!-- benchmarks:end -->"
_COMPARISON = (
    "measure",
    "ours: min · median · max",
    "beside",
    "its min · median · max",
    "ratio: min · median · max",
    "target",
)
_STANDING = (
    "case",
    "who",
    "requests",
    "wasted",
    "from a model",
    "from rules",
    "lost",
    "items",
    "CPU ms a post",
    "seconds",
)
_COUNTED = ("requests", "wasted", "answered", "by_rules", "lost", "items", "cpu_ms_a_post", "wall_s")


def markdown(measures: Iterable[Measure]) -> str:
    """The comparisons in one table, the standings in another; what there is none of is left out."""
    measures = list(measures)
    comparisons = [_comparison_row(one) for one in measures if isinstance(one, Comparison)]
    standings = [_standing_row(one) for one in measures if isinstance(one, Standing)]
    tables = [table(head, rows) for head, rows in ((_COMPARISON, comparisons), (_STANDING, standings)) if rows]
    return "\n\n".join(tables) + "\n"


def as_json(measures: Iterable[Measure]) -> list[dict[str, Any]]:
    """Every round of every measure; comparisons with their ratios."""
    return [
        asdict(one) | ({"ratios": one.ratios, "is_met": one.is_met} if isinstance(one, Comparison) else {})
        for one in measures
    ]


def write_between_markers(file: Path, text: str) -> None:
    """Put the text in the place of what stands between the markers. Raises `ValueError` where they are not there."""
    head, tail = around_markers(file)
    file.write_text(f"{head}{BEGIN}\n{text}{END}{tail}", encoding="utf-8")


def around_markers(file: Path) -> tuple[str, str]:
    """What stands before and behind the place of the tables. Raises `ValueError` where there is none."""
    head, begin, rest = file.read_text(encoding="utf-8").partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{file.name} has no place for the tables: {BEGIN} … {END}")
    return head, tail


def _comparison_row(one: Comparison) -> list[str]:
    ours, others, ratio = (Spread.of(values) for values in (one.ours, one.others, one.ratios))
    return [
        one.what,
        f"{_spread(ours)} {one.unit}",
        one.beside,
        f"{_spread(others)} {one.unit}",
        _spread(ratio),
        _target(one),
    ]


def _target(one: Comparison) -> str:
    if one.target is None:
        return ""
    return f"{'≥' if one.at_least else '≤'} {_number(one.target)} {'✓' if one.is_met else '✗'}"


def _standing_row(one: Standing) -> list[str]:
    return [one.case, one.who, *(_range([getattr(each, name) for each in one.rounds]) for name in _COUNTED)]


def _range(values: Sequence[float]) -> str:
    """The median, and where rounds differ by more than a hair, from where to where."""
    spread = Spread.of(values)
    told = {_number(spread.low), _number(spread.high)}
    return (
        _number(spread.middle)
        if len(told) == 1
        else f"{_number(spread.middle)} ({_number(spread.low)}–{_number(spread.high)})"
    )


def _spread(spread: Spread) -> str:
    return f"{_number(spread.low)} · {_number(spread.middle)} · {_number(spread.high)}"


def _number(value: float) -> str:
    """Three figures: 0.0123, 1.23, 12.3, 1,234."""
    if isinstance(value, int) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
