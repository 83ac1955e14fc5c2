"""A post read into sections, and what its list and each of its lines seem to be by the rules. No item is told yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from agent.extraction.rules.kinds import Subject, kind_of, subject_of
from agent.extraction.rules.lines import Line, front_matter, read_lines
from agent.extraction.rules.listing import Reading, read_list
from agent.extraction.rules.sections import Section, read_sections
from agent.extraction.rules.speech import with_speech_read
from agent.extraction.rules.width import widened
from agent.records import Kind, Post


@dataclass(frozen=True, slots=True)
class Page:
    """A post's lines, and the sections that they form."""

    post: Post
    lines: Sequence[Line]
    sections: Sequence[Section]
    subject: Subject

    @classmethod
    def of(cls, post: Post) -> Self:
        lines = read_lines(widened(post.text))
        begin = front_matter(post.text)
        sections = read_sections(with_speech_read([line for line in lines if line.start >= begin]))
        return cls(post, lines, sections, subject_of(post.title, post.text, lines))


@dataclass(frozen=True, slots=True)
class Listed:
    """A section's lines as its list shows them, which is of a `kind`, or of none."""

    section: Section
    kind: Kind | None
    readings: Sequence[Reading]

    @classmethod
    def of(cls, section: Section, subject: Subject) -> Self:
        kind = kind_of(section, subject)
        return cls(section, kind, list(read_list(section, kind, subject)))
