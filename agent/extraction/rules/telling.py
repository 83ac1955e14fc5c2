"""Judges running text clause by clause, by what was learned from labelled posts: which of its clauses say what was asked, which advise.

A linear chain of conditional random fields, trained by `training/clauses.py`; its weights are `data/clauses.json`. Lines as a whole are judged elsewhere.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Final

from agent.extraction.findings import Finding
from agent.extraction.rules.clauses import Clause, clauses_of, clues_of
from agent.extraction.rules.cues import is_english
from agent.extraction.rules.lines import Line
from agent.extraction.rules.prose import Span, apart
from agent.extraction.rules.sections import Section
from agent.extraction.rules.subject import Subject
from agent.extraction.rules.weights import Learned, parted, shipped, total
from agent.records import Kind


NONE: Final = "none"
STATES: Final = ("question", "question on", "advice", "advice on", NONE)
"""What a clause is, in the order of a clue's weights, which are hundredths: it begins an item, goes on with it, or belongs to none."""
_KINDS: Final[Mapping[str, Kind]] = {
    "question": "question",
    "question on": "question",
    "advice": "advice",
    "advice on": "advice",
}
_BEGINS: Final = ("question", "advice", NONE)
"""The states that need none before them."""
AFTER: Final = "behind "
"""Before the name of a state: the clue of what follows it."""
_HALF = 0.5
_ABREAST = 4
"""So many items at most are looked at to tell which one a clause is of."""
FEWEST = 2
"""A line of one clause is judged as a line."""
_NEVER = 10**6


def scene_of(line: Line, section: Section, subject: Subject, clauses: Sequence[Clause], *, below: bool) -> list[str]:
    """The clues that all clauses of a line share."""
    several = min(len(clauses) // 4, 6)
    return [
        f"english {is_english(line.words)}",
        f"holds {section.holds}",
        f"told {subject.told}",
        f"below {below}",
        f"round {section.round is not None}",
        f"several {several}",
    ]


def states_of(clauses: Sequence[Clause], spans: Iterable[tuple[str, int, int]]) -> list[str]:
    """What clauses are where items of a kind stand at these places of the same text; both in reading order."""
    given, last = deque(spans), None
    states = []
    for clause in clauses:
        while given and given[0][2] <= clause.start:
            given.popleft()
        there = next((span for span in islice(given, _ABREAST) if _is_of(clause, span)), None)
        states.append(NONE if there is None else there[0] if there is not last else f"{there[0]} on")
        last = there
    return states


def _is_of(clause: Clause, span: tuple[str, int, int]) -> bool:
    shared = min(clause.end, span[2]) - max(clause.start, span[1])
    return shared >= _HALF * (clause.end - clause.start)


def clues_in(
    clauses: Sequence[Clause],
    line: Line,
    section: Section,
    subject: Subject,
    found: Sequence[Finding],
    *,
    below: bool,
) -> Iterator[list[str]]:
    """The clues of each clause of a line, of which the rules made what they `found`."""
    places = sorted((one.start - line.start, one.end - line.start, one.kind) for one in found)
    spans = [(kind, start, end) for start, end, kind in places]
    return clues_of(clauses, states_of(clauses, spans), scene_of(line, section, subject, clauses, below=below))


class ClauseJudge:
    """Judges the clauses of running text; no weights at all leave the rules' word as it is."""

    def __init__(self, learned: Learned) -> None:
        self._learned = learned
        self._behind = [parted(learned.get(AFTER + state, 0), len(STATES)) for state in STATES]

    def told(
        self, line: Line, section: Section, subject: Subject, found: Sequence[Finding], *, below: bool
    ) -> Sequence[Finding]:
        """What a line tells was asked, and advises, where the rules `found` what they did; `below` an item, it may answer that."""
        clauses = clauses_of(line.words) if self._learned else []
        if len(clauses) < FEWEST:
            return found
        clues = clues_in(clauses, line, section, subject, found, below=below)
        states = self._likeliest([parted(total(self._learned, each), len(STATES)) for each in clues])
        return list(_findings(line, section, list(_items(clauses, states)), found))

    def _likeliest(self, weights: Sequence[Sequence[int]]) -> list[int]:
        """The states that together have most weight, by Viterbi's algorithm; nothing goes on at the beginning."""
        best = [each if state in _BEGINS else each - _NEVER for each, state in zip(weights[0], STATES, strict=True)]
        ways: list[list[int]] = []
        for own in weights[1:]:
            ways.append([_best_before(best, self._behind, state) for state in range(len(STATES))])
            best = [best[way] + self._behind[way][state] + own[state] for state, way in enumerate(ways[-1])]
        states = [best.index(max(best))]
        for way in reversed(ways):
            states.append(way[states[-1]])
        return states[::-1]


@cache
def shipped_judge() -> ClauseJudge:
    """The one that ships with the package: it keeps nothing of a post, and serves all."""
    return ClauseJudge(shipped("clauses"))


def _best_before(best: Sequence[int], behind: Sequence[Sequence[int]], state: int) -> int:
    scores = [each + weights[state] for each, weights in zip(best, behind, strict=True)]
    return scores.index(max(scores))


def _items(clauses: Sequence[Clause], states: Sequence[int]) -> Iterator[tuple[Kind, int, int]]:
    """The kind and the place of each run of clauses that make an item."""
    kind, begin, end = None, 0, 0
    for clause, state in zip(clauses, map(STATES.__getitem__, states), strict=True):
        own = _KINDS.get(state)
        if kind and (own != kind or state in _BEGINS):
            yield kind, begin, end
        if own != kind or state in _BEGINS:
            begin = clause.start
        kind, end = own, clause.end
    if kind:
        yield kind, begin, end


def _findings(
    line: Line, section: Section, items: Sequence[tuple[Kind, int, int]], found: Sequence[Finding]
) -> Iterator[Finding]:
    """Items, each with its mark of question, or as the rules end it; learned are those where they found none of its kind."""
    whole = Span(line.start, line.start + len(line.words), line.words)
    kinds: tuple[tuple[Kind, str | None], ...] = (("question", section.round), ("advice", None))
    for kind, asked_in in kinds:
        parts = (
            whole.part(begin, end + (line.words[end : end + 1] in ("?", "？")))
            for own, begin, end in items
            if own == kind
        )
        spans = [part for part in parts if part.words]
        ruled = sorted((one.start, one.end) for one in found if one.kind == kind)
        alone = {*apart(spans, [Span(start, end, "") for start, end in ruled])}
        stopped = {(start, end - 1) for start, end in ruled}
        for span in spans:
            end = span.end + ((span.start, span.end) in stopped)
            yield Finding(kind, span.start, end, round=asked_in, learned=span in alone)
