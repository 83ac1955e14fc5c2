"""Parts running text into clauses, and says what each of them shows to the learned judge. Decides nothing.

As with the clues of lines: changing a name, or when it is given, asks for a new training (`training/clauses.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from agent.extraction.rules.asking import cuts_of_asking
from agent.extraction.rules.clues import cues_of, pieces


_MARKS = re.compile(r"[，,。；;！!？?\n、～…：:“”\"（）()]+|\.(?=\s|$)|(?<= )—+(?= )")
_LENGTHS = (3, 6, 10, 15, 22, 30, 45, 70)
_MARK = 3
"""Characters of a run of marks that are looked at."""
_LOOKED_AT = 50
"""Characters of a clause of which the runs are looked at."""
_LONGEST = 200
"""Characters of a clause in which cues are looked for: a text may be one clause."""
READ: Final = "read "
"""Before the name of a state: the clue that the rules read a clause as that."""
_FAR = 2
"""How many clauses away their cues still tell of one."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of running text between two marks, or behind a verb of asking; its places are those in that text."""

    start: int
    end: int
    words: str
    before: str
    """The mark before it: its characters, "V" for a verb of asking, "E" for one more question, "^" for the beginning."""
    after: str
    """The mark behind it, "$" for the end."""


def clauses_of(words: str) -> list[Clause]:
    """The clauses of a stretch of running text, in its order; blanks around them belong to none."""
    marks = [(mark.start(), mark.end(), mark[0][:_MARK]) for mark in _MARKS.finditer(words)]
    found: list[Clause] = []
    begin, before = 0, "^"
    for start, end, mark in [*sorted([*marks, *cuts_of_asking(words)]), (len(words), len(words), "$")]:
        part = words[begin:start]
        if said := part.strip():
            place = begin + len(part) - len(part.lstrip())
            found.append(Clause(place, place + len(said), said, before, mark))
            before = mark
        elif before != "V":
            before = mark
        begin = max(begin, end)
    return found


def clues_of(clauses: Sequence[Clause], read: Sequence[str], scene: Sequence[str]) -> Iterator[list[str]]:
    """The clues of each clause. `read`: what the rules make of each; `scene`: what all of them share, their language first."""
    tongue = scene[0]
    near = [(f"length {_length(clause.words)}", *_cues(clause.words[:_LONGEST])) for clause in clauses]
    for place, clause in enumerate(clauses):
        yield [
            *scene,
            f"{READ}{read[place]}",
            f"read {read[place]} {clause.before}",
            f"{READ}{read[place]} {tongue}",
            f"before {clause.before}",
            f"after {clause.after}",
            f"between {clause.before} {clause.after}",
            *near[place],
            *(f"{cue} {clause.before}" for cue in near[place][1:]),
            *_around(near, read, place),
            *_words_of(clauses, place),
        ]


def _around(near: Sequence[Sequence[str]], read: Sequence[str], place: int) -> Iterator[str]:
    """What the clauses beside one show, and what the rules make of the nearest."""
    for off in range(-_FAR, _FAR + 1):
        at = place + off
        if off and 0 <= at < len(near):
            yield from (f"{off:+} {cue}" for cue in near[at])
            if abs(off) == 1:
                yield f"{off:+} read {read[at]}"
        elif off:
            yield f"{off:+} none"


def _words_of(clauses: Sequence[Clause], place: int) -> Iterator[str]:
    """Runs of characters: of a clause, how it begins, how the one before it begins and ends, and how the next begins."""
    words = clauses[place].words.lower()
    yield from pieces("L", words[:_LOOKED_AT], (1, 2, 3))
    yield from (f"B^{words[:size]}" for size in (1, 2, 3, 4))
    if place:
        words = clauses[place - 1].words.lower()
        yield from (f"P{words[-size:]}" for size in (1, 2, 3, 4))
        yield from (f"Q{words[:size]}" for size in (1, 2, 3))
    if place + 1 < len(clauses):
        words = clauses[place + 1].words.lower()
        yield from (f"N{words[:size]}" for size in (1, 2, 3))


def _length(words: str) -> int:
    return sum(len(words) >= limit for limit in _LENGTHS)


@lru_cache(64)
def _cues(words: str) -> tuple[str, ...]:
    return tuple(cues_of(words))
