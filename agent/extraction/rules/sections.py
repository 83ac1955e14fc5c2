"""Parts a post's lines into sections by its headings, each with what it holds and the round it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from agent.extraction.rules.headings import Heading, Holds, heading_of
from agent.extraction.rules.lines import Line


@dataclass(slots=True)
class Section:
    """Lines under one heading, or before the first."""

    holds: Holds | None = None
    round: str | None = None
    title: Line | None = None
    lines: list[Line] = field(default_factory=list)


def read_sections(lines: Sequence[Line]) -> list[Section]:
    sections = [Section()]
    for place, line in enumerate(lines):
        following = lines[place + 1] if place + 1 < len(lines) else None
        heading = heading_of(line, following)
        if heading is None:
            sections[-1].lines.append(line)
            continue
        sections.append(_opened(heading, line, sections[-1]))
    return [section for section in sections if section.lines or section.title]


def _opened(heading: Heading, line: Line, before: Section) -> Section:
    section = Section(heading.holds, heading.round or before.round, line)
    if heading.round and heading.holds is None:
        section.holds = "question"
    if heading.rest is not None:
        section.lines.append(_rest(line, heading.rest))
    return section


def _rest(line: Line, start: int) -> Line:
    return replace(line, start=start, words=line.words[start - line.start :], mark=None, joined=True)
