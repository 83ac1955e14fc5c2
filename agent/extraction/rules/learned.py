"""Judges the lines of which the rules are not certain, by what was learned from labelled posts: which clues speak for which kind.

A multinomial logistic regression, trained by `training/judge.py`; its weights are `data/learned.json`. Running text within a line is the rules' own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property

from agent.extraction.rules import clues
from agent.extraction.rules.cues import asks_firmly, is_skipped
from agent.extraction.rules.listing import Reading
from agent.extraction.rules.marks import SPOKEN
from agent.extraction.rules.page import Listed, Page
from agent.records import Kind
from agent.resources import data_file


KINDS: tuple[Kind, ...] = ("question", "method", "advice")
"""In the order of a clue's weights, each of which is relative to that of no item."""
Weights = tuple[int, int, int]
_PARTED = ("part", *SPOKEN)
"""How questions are marked that were told apart by their own form."""
Learned = Mapping[str, Weights]
"""Weights by clue, in hundredths of log odds; none at all leave the rules' word as it is."""


class Judge:
    """Judges the lines of one post, by the shipped weights where none are given."""

    def __init__(self, page: Page, learned: Learned | None = None) -> None:
        self._page, self._learned = page, shipped() if learned is None else learned

    @cached_property
    def _of_page(self) -> Weights:
        return self._weight(("", *clues.of_page(self._page)))

    def judged(self, listed: Listed) -> Iterator[Reading]:
        """The lines of a section with what they are, the doubtful ones by what was learned."""
        of_section: Weights | None = None
        for place, reading in enumerate(listed.readings):
            if is_certain(reading) or not self._learned:
                yield reading
                continue
            of_section = of_section or self._weight(clues.of_section(listed, self._page))
            of_line = self._weight(clues.of_line(listed, place, self._page))
            yield _told(reading, [sum(each) for each in zip(self._of_page, of_section, of_line, strict=True)])

    def _weight(self, names: Iterable[str]) -> Weights:
        """How much clues speak for each kind, all together."""
        question = method = advice = 0
        for one in filter(None, map(self._learned.get, names)):
            question += one[0]
            method += one[1]
            advice += one[2]
        return question, method, advice


def is_certain(reading: Reading) -> bool:
    """Whether the rules' word stands: methods are found by what announces them, questions by a mark and how they are built; a fact is none."""
    line = reading.line
    if reading.kind is None:
        return is_skipped(line.words)
    if reading.kind != "question":
        return reading.kind == "method" or (reading.kind == "advice" and line.style == "phase")
    return line.style in _PARTED or (line.mark is not None and asks_firmly(line.words))


def _told(reading: Reading, scores: Sequence[int]) -> Reading:
    best = max(scores)
    kind = KINDS[scores.index(best)] if best > 0 else None
    return reading if kind == reading.kind else reading._replace(kind=kind, sure=False, learned=True)


@cache
def shipped() -> Learned:
    """What ships with the package."""
    told: Learned = json.loads(data_file("learned.json").read_text(encoding="utf-8"))
    return told
