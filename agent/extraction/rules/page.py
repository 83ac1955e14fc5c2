"""A post read into sections, and what its list and each of its lines seem to be by the rules. No item is told yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from agent.extraction.rules.kinds import kind_of
from agent.extraction.rules.lexicon import speaks_of_asking
from agent.extraction.rules.lines import Line, front_matter, read_lines
from agent.extraction.rules.listing import Reading, read_list
from agent.extraction.rules.sections import Section, read_sections
from agent.extraction.rules.speech import with_speech_read
from agent.extraction.rules.subject import Subject, subject_of
from agent.extraction.rules.teaching import are_names
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

    def listed(self) -> Iterator[Listed]:
        """The sections, each as its list shows it."""
        before: Listed | None = None
        for section in self.sections:
            before = Listed.of(section, self.subject, before)
            yield before


@dataclass(frozen=True, slots=True)
class Listed:
    """A section's lines as its list shows them, which is of a `kind`, or of none."""

    section: Section
    kind: Kind | None
    readings: Sequence[Reading]

    @classmethod
    def of(cls, section: Section, subject: Subject, before: Self | None = None) -> Self:
        """`before` is the section right before it: what stands below headings of one form is of one kind, where it may be."""
        kind = kind_of(section, subject)
        answers = before is not None and _is_answer(before.section, section)
        if answers or (before and before.kind == "method" and _continues(before.section, section)):
            kind = "method"
        return cls(section, kind, list(read_list(section, kind, subject)))


def _is_answer(before: Section, section: Section) -> bool:
    """Whether a section answers by a list of names the heading before it, which asks."""
    marked = [line for line in section.lines if line.mark]
    answering = section.holds == "answer" and before.asked and not before.lines and not section.asked
    return answering and len(marked) > 1 and are_names(marked)


def _continues(before: Section, section: Section) -> bool:
    """Whether a section with a heading of the same form has but names in its list, as the one before it."""
    if not before.title or not section.title or section.asked or speaks_of_asking(section.title.words):
        return False
    alike = (before.rank, before.title.style) == (section.rank, section.title.style)
    marked = [line for line in section.lines if line.mark and line.style != "|"]
    return alike and section.holds in (None, "question") and len(marked) > 1 and are_names(marked)
