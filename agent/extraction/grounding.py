"""Finds where quotes stand in a post: verbatim, but for their form, or reworded. What stands nowhere gets no place; no two quotes get the same one."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from rapidfuzz.distance import Levenshtein

from agent.extraction.findings import Place
from agent.extraction.folding import Folded, fold
from agent.extraction.rules.marks import mark_at


Groups = tuple[tuple[Place, ...], ...]
"""Places that are equally good for a quote, in reading order; the first group before the second."""

# Measured on the corpus: test_grounding.py holds what they must tell apart.
_CLOSE_ENOUGH = 0.75
_SHORTEST_REWORDED, _LONGEST_REWORDED = 4, 600
_MOST_SEEDS, _MOST_WINDOWS, _MOST_SLACK = 48, 6, 24
# Characters that may be searched for the reworded quotes of one post: a few seconds.
_MOST_SEARCHED = 2_000_000_000

_EDGE = " ,.;:!?~'-·"
_LINE_END = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_NOTHING_BEHIND = re.compile(rf"[ \t\u3000]*[?？!！。.;；,，]?[ \t\u3000]*(?:[{_LINE_END}]|\Z)")
_LAST_LINE = re.compile(rf"[^{_LINE_END}]*\Z")
# Marks that open words as well: `-1`, `*args`, `3 个`.
_OPENS_WORD = re.compile(r"[-+~*](?=\d)|[*+](?=\w)")
_DOUBTFUL_MARKS = {"bare", "decimal"}


class TextIndex:
    """One post's text, made ready to be searched."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._folded = Folded(text)
        self._verbatim: dict[str, Groups] = {}
        self._reworded: dict[str, Groups] = {}
        self._searched = 0

    def find(self, quote: str) -> Place | None:
        """The best place of a quote, the first of equal ones; whether another quote has it is not asked."""
        groups = self.verbatim(quote) or self.reworded(quote)
        return groups[0][0] if groups else None

    def verbatim(self, quote: str) -> Groups:
        """Where the quote stands to the letter, then where it stands but for its form; a mark before it is left out."""
        if quote not in self._verbatim:
            self._verbatim[quote] = self._find_verbatim(quote)
        return self._verbatim[quote]

    def reworded(self, quote: str) -> Groups:
        """Where words close to the quote's stand. A quote too short to tell has no such place."""
        if quote not in self._reworded:
            self._reworded[quote] = self._find_reworded(quote)
        return self._reworded[quote]

    def _find_verbatim(self, quote: str) -> Groups:
        unmarked = fold(without_mark(quote))
        for chars in dict.fromkeys((fold(quote), unmarked)):
            if groups := self._equal_to(chars, quote):
                return groups
        return self._equal_to(unmarked.strip(_EDGE), "")

    def _equal_to(self, chars: str, quote: str) -> Groups:
        """The places of folded characters that fit best; those are exact that are part of the quote as well."""
        if not chars:
            return ()
        exact, formed = _Best(), _Best()
        for at in _occurrences(chars, self._folded.chars):
            if not (span := self._span(at, at + len(chars))):
                continue
            fit = self._fit(*span)
            if self.text[span[0] : span[1]] in quote:
                exact.add(fit, Place(*span))
            elif fit or len(chars) >= _SHORTEST_REWORDED:
                formed.add(fit, Place(*span, grounding="normalized"))
        if formed.fit < exact.fit:
            formed = _Best()
        return tuple(tuple(best.places) for best in (exact, formed) if best.places)

    def _find_reworded(self, quote: str) -> Groups:
        words = without_mark(quote)
        wanted = fold(words[:_LONGEST_REWORDED]).strip(_EDGE)
        if not _SHORTEST_REWORDED <= len(wanted) <= len(self._folded.chars):
            return ()
        close: dict[tuple[int, int], float] = {}
        for start, end in self._windows(wanted):
            if span := self._span(start, end):
                close[span] = Levenshtein.normalized_similarity(wanted, self._folded.chars[start:end])
        best = max(close.values(), default=0.0)
        if best < _CLOSE_ENOUGH:
            return ()
        return (tuple(Place(*span, words, "fuzzy") for span in sorted(close) if close[span] == best),)

    def _span(self, start: int, end: int) -> tuple[int, int] | None:
        """The span in the text, its mark left outside; None where it was nothing but a mark."""
        first, last = self._folded.span(start, end)
        first = _past_mark(self.text, first, last)
        last = first + len(self.text[first:last].rstrip())
        return (first, last) if first < last else None

    def _fit(self, start: int, end: int) -> int:
        """2: a whole line but for its mark; 1: whole words; 0: cut out of a word."""
        if self._is_inside_word(start) or self._is_inside_word(end):
            return 0
        before = _LAST_LINE.search(self.text, max(0, start - 24), start)
        head = before[0] if before else ""
        is_head = (len(head) < 24 or start == 24) and _past_mark(head, 0, len(head)) == len(head)
        return 2 if is_head and _NOTHING_BEHIND.match(self.text, end) else 1

    def _is_inside_word(self, at: int) -> bool:
        around = self.text[max(0, at - 1) : at + 1]
        return len(around) == 2 and around.isascii() and around.isalnum()

    def _windows(self, wanted: str) -> Iterator[tuple[int, int]]:
        """Spans of the folded text that could be the wanted words, each with its best ends."""
        edits = int(len(wanted) * (1 - _CLOSE_ENOUGH))
        slack = min(edits, _MOST_SLACK)
        for origin in self._origins(wanted, edits + 1, slack + 1):
            yield _with_best_ends(wanted, self._folded.chars, origin, slack)

    def _origins(self, wanted: str, parts: int, width: int) -> list[int]:
        """Where the wanted words could begin. With fewer edits than parts, one part at least stands there as it was."""
        size = max(2, len(wanted) // parts)
        votes: Counter[int] = Counter()
        for offset in range(0, len(wanted) - size + 1, size):
            self._searched += len(self._folded.chars)
            if self._searched > _MOST_SEARCHED:
                break
            found = _occurrences(wanted[offset : offset + size], self._folded.chars)
            votes.update(at - offset for at in islice(found, _MOST_SEEDS))
        near: Counter[int] = Counter()
        for origin, count in votes.items():
            near[origin // width] += count
        best = {bucket for bucket, _ in near.most_common(_MOST_WINDOWS)}
        ahead = {origin // width: origin for origin, _ in reversed(votes.most_common()) if origin // width in best}
        return list(ahead.values())


def ground(index: TextIndex, *lists: Sequence[str]) -> list[list[Place | None]]:
    """A place for each quote of each list, or None. Equal quotes take equal places in turn, in reading order; what stands to the letter goes first."""
    claims = _Claims(index)
    verbatim = [claims.verbatim(quotes) for quotes in lists]
    return [claims.reworded(quotes, places) for quotes, places in zip(lists, verbatim, strict=True)]


def without_mark(words: str) -> str:
    """Words without white space around them and the number or bullet before them."""
    return words[_past_mark(words, 0, len(words)) :].strip()


class _Best:
    """The places that fit best so far."""

    def __init__(self) -> None:
        self.fit = 0
        self.places: list[Place] = []

    def add(self, fit: int, place: Place) -> None:
        if fit > self.fit:
            self.fit, self.places = fit, []
        if fit == self.fit:
            self.places.append(place)


class _Claims:
    """Which places of a text are taken, and which are left for each quote."""

    def __init__(self, index: TextIndex) -> None:
        self._index = index
        self._taken: set[tuple[int, int]] = set()
        self._left: dict[str, list[list[Place]]] = {}

    def verbatim(self, quotes: Sequence[str]) -> list[Place | None]:
        places: list[Place | None] = []
        after = 0
        for quote in quotes:
            place = self._claim(quote, self._index.verbatim(quote), after)
            places.append(place)
            after = place.end if place else after
        return places

    def reworded(self, quotes: Sequence[str], places: Sequence[Place | None]) -> list[Place | None]:
        """The places as they are, and for what stands nowhere to the letter, one that is close."""
        return [
            place if place or self._index.verbatim(quote) else self._claim(quote, self._index.reworded(quote), 0)
            for quote, place in zip(quotes, places, strict=True)
        ]

    def _claim(self, quote: str, groups: Groups, after: int) -> Place | None:
        for group in self._left.setdefault(quote, [list(group) for group in groups]):
            if place := self._next_free(group, after):
                self._taken.add((place.start, place.end))
                return place
        return None

    def _next_free(self, group: list[Place], after: int) -> Place | None:
        """Out of a group the first free place from `after` on, else the first at all. What was looked at does not come again."""
        while group:
            at = bisect_left(group, after, key=lambda place: place.start)
            place = group.pop(at % len(group))
            if (place.start, place.end) not in self._taken:
                return place
        return None


def _occurrences(chars: str, text: str) -> Iterator[int]:
    """Where the characters stand in the text, one after the other."""
    at = text.find(chars)
    while at >= 0:
        yield at
        at = text.find(chars, at + len(chars))


def _with_best_ends(wanted: str, text: str, origin: int, slack: int) -> tuple[int, int]:
    """The span about `origin` that is closest to the wanted words: its end sought first, then its start, then the end again."""

    def closeness(span: tuple[int, int]) -> float:
        return Levenshtein.normalized_similarity(wanted, text[span[0] : span[1]])

    start = min(max(0, origin), len(text) - 1)
    for _ in range(2):
        middle = origin + len(wanted)
        ends = range(max(start + 1, middle - slack), max(start + 2, min(len(text), middle + slack) + 1))
        _, end = max(((start, end) for end in ends), key=closeness)
        starts = range(max(0, origin - slack), min(end - 1, origin + slack) + 1)
        start, _ = max(((start, end) for start in starts), key=closeness)
    return start, end


def _past_mark(text: str, start: int, end: int) -> int:
    """Past the white space, the number and the bullet that an item begins with."""
    start = end - len(text[start:end].lstrip())
    while mark := mark_at(text, start, end):
        if mark.style in _DOUBTFUL_MARKS or _OPENS_WORD.match(text, mark.start):
            break
        start = mark.end
    return start
