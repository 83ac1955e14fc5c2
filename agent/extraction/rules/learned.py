"""Judges the lines of which the rules are not certain, by what was learned from labelled posts: which clues speak for which kind.

A multinomial logistic regression, trained by `training/judge.py`; its weights are `data/learned.json`. Running text within a line is the rules' own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from agent.extraction.rules import clues
from agent.extraction.rules.cues import asks_firmly, is_skipped
from agent.extraction.rules.lexicon import heads_questions
from agent.extraction.rules.listing import Reading
from agent.extraction.rules.marks import SPOKEN
from agent.extraction.rules.page import Listed, Page
from agent.extraction.rules.weights import Learned, parted, shipped, total
from agent.records import Kind


KINDS: tuple[Kind, ...] = ("question", "method", "advice")
"""In the order of a clue's weights, in hundredths of log odds, each of which is relative to that of no item."""
_PARTED = ("part", *SPOKEN)
"""How questions are marked that were told apart by their own form."""


class Judge:
    """Judges the lines of one post, by the shipped weights where none are given; none at all leave the rules' word as it is."""

    def __init__(self, page: Page, learned: Learned | None = None) -> None:
        self._page, self._learned = page, shipped("learned") if learned is None else learned

    @cached_property
    def _of_page(self) -> int:
        return total(self._learned, ("", *clues.of_page(self._page)))

    def judged(self, listed: Listed) -> Iterator[Reading]:
        """The lines of a section with what they are, the doubtful ones by what was learned."""
        of_section: int | None = None
        for place, reading in enumerate(listed.readings):
            if is_certain(reading) or not self._learned:
                yield reading
                continue
            if of_section is None:
                of_section = total(self._learned, clues.of_section(listed, self._page))
            of_line = total(self._learned, clues.of_line(listed, place, self._page))
            yield _told(reading, parted(self._of_page + of_section + of_line, len(KINDS)))


def is_certain(reading: Reading) -> bool:
    """Whether the rules' word stands: methods are found by what announces them, questions by a mark and how they are built; a fact is none."""
    line = reading.line
    if reading.kind is None:
        return is_skipped(line.words)
    if reading.kind != "question":
        return reading.kind == "method" or (reading.kind == "advice" and line.style == "phase")
    return line.style in _PARTED or heads_questions(line.head) or (line.mark is not None and asks_firmly(line.words))


def _told(reading: Reading, scores: Sequence[int]) -> Reading:
    best = max(scores)
    kind = KINDS[scores.index(best)] if best > 0 else None
    return reading if kind == reading.kind else reading._replace(kind=kind, sure=False, learned=True)
