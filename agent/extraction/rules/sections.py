"""Parts a post's lines into sections by its headings, each with what it holds and the round it belongs to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from agent.extraction.rules.cues import asks
from agent.extraction.rules.headings import Heading, heading_of
from agent.extraction.rules.lexicon import Holds
from agent.extraction.rules.lines import Line


_REACH = 12
"""How many lines may stand between two numbers of one run."""
_ENCLOSING = ("answer", "reverse", "advert")
"""What makes everything below it the same, whatever the headings inside say."""


@dataclass(slots=True)
class Section:
    """Lines under one heading, or before the first."""

    holds: Holds | None = None
    round: str | None = None
    title: Line | None = None
    lines: list[Line] = field(default_factory=list)
    rank: int = 0
    """How deep its heading stands, as `Heading.rank`; 0 before the first heading."""
    asked: bool = False
    """Whether its heading is itself a question."""
    beside: bool = False
    """Whether the first of the lines stands beside the title, on its line."""


def read_sections(lines: Sequence[Line]) -> list[Section]:
    sections = [Section()]
    path: list[Section] = []
    inside = _inside_runs(lines)
    headed: set[str] = set()
    asking = _asking_levels(lines)
    for place, line in enumerate(lines):
        heading = heading_of(
            lines, place, in_run=place in inside, known=line.style in headed, asking=line.level in asking
        )
        if heading is None:
            if line.gap and sections[-1].beside:
                sections.append(Section(round=sections[-1].round))
            sections[-1].lines.append(line)
            continue
        headed.add(line.style)
        path = [above for above in path if above.rank < heading.rank]
        sections += _opened(heading, line, sections[-1], path)
        path.append(sections[-1])
    return [section for section in sections if section.lines or section.title]


def _opened(heading: Heading, line: Line, before: Section, path: Sequence[Section]) -> list[Section]:
    """The section of a heading; two where the heading speaks of its own line alone."""
    section = Section(
        _held(heading, before, path), heading.round or before.round, line, rank=heading.rank, asked=heading.asked
    )
    if heading.rest is None:
        return [section]
    section.beside = True
    section.lines.append(
        replace(line, start=heading.rest, words=line.words[heading.rest - line.start :], mark=None, joined=True)
    )
    if heading.holds in ("tale", "answer"):
        return [section, Section(before.holds if before.holds == "question" else None, before.round, rank=heading.rank)]
    return [section]


def _held(heading: Heading, before: Section, path: Sequence[Section]) -> Holds | None:
    above = path[-1].holds if path else None
    if heading.asked:
        return heading.holds
    if above in _ENCLOSING:
        return above
    own: Holds | None = "question" if heading.round and heading.holds in (None, "tale") else heading.holds
    if above in ("advice", "method") and heading.inner:
        return above
    return own or _inherited(above, before, path)


def _inherited(above: Holds | None, before: Section, path: Sequence[Section]) -> Holds | None:
    """What a heading holds that does not say so: what the one above it does, or the one right before it."""
    if above in ("advice", "method") or (above == "question" and len(path) > 1):
        return above
    return before.holds if before.title and not before.lines else None


def _asking_levels(lines: Sequence[Line]) -> set[int]:
    """The levels of Markdown headings that are numbered and ask, mostly."""
    numbered = [line for line in lines if line.level and line.number is not None]
    asking = Counter(line.level for line in numbered if asks(line.words))
    return {
        level
        for level, count in Counter(line.level for line in numbered).items()
        if count >= 3 and asking[level] * 2 >= count
    }


def _inside_runs(lines: Sequence[Line]) -> set[int]:
    """The places of unmarked and deeper lines between a number and the next one of its run."""
    inside: set[int] = set()
    last: dict[str, int] = {}
    for place, line in enumerate(lines):
        number, style = line.number, line.style
        if number is None or line.level:
            continue
        before = last.get(style)
        if before is not None and place - before <= _REACH and lines[before].number == number - 1:
            inside.update(range(before + 1, place))
        last[style] = place
    return inside
