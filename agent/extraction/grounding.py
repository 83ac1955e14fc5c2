"""Finds where quotes stand in a post: verbatim, but for their form, or reworded. What stands nowhere gets no place; no two quotes get the same one."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain

from rapidfuzz.distance import Levenshtein

from agent.extraction.findings import Place
from agent.extraction.folding import Folded, are_one_character, fold, stripped
from agent.extraction.rewording import EDGE, Rewordings, occurrences
from agent.extraction.rules.marks import mark_at


Span = tuple[int, int]
Groups = tuple[tuple[Place, ...], ...]
"""Places that are equally good for a quote, each group in reading order; those of the first go before those of the second."""

_LINE_END = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_LAST_LINE = re.compile(rf"[^{_LINE_END}]*\Z")
_NOTHING_BEHIND = re.compile(rf"[ \t\u3000]*+[?？!！。.;；,，]?[ \t\u3000]*+(?:[{_LINE_END}]|\Z)")
_LONGEST_MARK = 24
# Shorter ones stand within words by chance.
_SHORTEST_WITHIN_WORD = 4
# So much of a model's own words must be the post's.
_OWN_WORDS = 0.5
# What looks like a mark but opens words as well: `3 个`, `1.5 倍`; `-1`, `*args`.
_DOUBTFUL_MARKS = {"bare", "decimal"}
_OPENS_WORD = re.compile(r"[-+~*](?=\d)|[*+](?=\w)")


class TextIndex:
    """One post's text, made ready to be searched."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._folded = Folded(text)
        self._rewordings = Rewordings(self._folded.chars)
        self._verbatim: dict[str, Groups] = {}
        self._reworded: dict[str, Groups] = {}

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
            words = without_mark(quote)
            closest = self._rewordings.closest(fold(words).strip(EDGE))
            spans = self._unmarked(self._folded.span(*span) for span in closest)
            places = tuple(Place(*span, words, "fuzzy") for span in spans)
            self._reworded[quote] = (places,) if places else ()
        return self._reworded[quote]

    def says(self, words: str, place: Place) -> bool:
        """Whether a model's own words say what stands at the place: close to it, or made of the post's own words by half."""
        chars = fold(words)
        here = fold(self.text[place.start : place.end])
        if Levenshtein.normalized_similarity(chars, here, score_cutoff=_OWN_WORDS):
            return True
        pairs = [*map(str.__add__, chars, chars[1:])]
        return bool(pairs) and sum(map(self._pairs.__contains__, pairs)) >= _OWN_WORDS * len(pairs)

    @cached_property
    def _pairs(self) -> frozenset[str]:
        """The folded characters that stand side by side."""
        return frozenset(map(str.__add__, self._folded.chars, self._folded.chars[1:]))

    def _find_verbatim(self, quote: str) -> Groups:
        bare = without_mark(quote)
        if not any(map(str.isalnum, bare)):
            return ()
        for words in dict.fromkeys((stripped(quote), bare)):
            if groups := self._standing(words, {words, bare}):
                return groups
        return self._best(self._unmarked(self._equal_to(fold(bare).strip(EDGE))), set())

    def _standing(self, words: str, verbatim: set[str]) -> Groups:
        """Where words stand. Looked for as they are too: among overlapping places of the folded text the one to the letter may go unseen."""
        as_is = ((at, at + len(words)) for at in occurrences(words, self.text))
        whole = (span for span in as_is if self._is_edge(span[0]) and self._is_edge(span[1]))
        equal = self._equal_to(fold(words))
        return self._best(self._unmarked(dict.fromkeys(chain(whole, equal))), verbatim)

    def _equal_to(self, chars: str) -> Iterator[Span]:
        """The spans of the text that are so folded."""
        return (self._folded.span(at, at + len(chars)) for at in occurrences(chars, self._folded.chars))

    def _best(self, spans: Iterable[Span], verbatim: set[str]) -> Groups:
        """The spans that fit best, first those whose words are verbatim, then those of another form that fit as well."""
        found = list(dict.fromkeys(spans))
        exact = {span for span in found if self.text[span[0] : span[1]] in verbatim}
        if len(found) == len(exact) == 1:
            return ((Place(*found[0]),),)
        fits = {span: self._fit(*span) for span in found}
        best = max((fits[span] for span in exact or fits), default=0)
        chosen = sorted(
            span for span, fit in fits.items() if fit >= best and (fit or span in exact or _is_telling(span))
        )
        groups = (
            tuple(Place(*span) for span in chosen if span in exact),
            tuple(Place(*span, grounding="normalized") for span in chosen if span not in exact),
        )
        return tuple(group for group in groups if group)

    def _unmarked(self, spans: Iterable[Span]) -> Iterator[Span]:
        """The spans with the marks of their items left outside; one that is all mark is no span."""
        for start, end in spans:
            past = _past_mark(self.text, start, end)
            if past < end:
                yield (past if self._is_edge(past) else start), end

    def _fit(self, start: int, end: int) -> int:
        """2: a whole line but for its mark; 1: whole words; 0: cut out of a word."""
        if self._is_inside_word(start) or self._is_inside_word(end):
            return 0
        before = _LAST_LINE.search(self.text, max(0, start - _LONGEST_MARK), start)
        head = before[0] if before else ""
        is_head = (len(head) < _LONGEST_MARK or start == len(head)) and _past_mark(head, 0, len(head)) == len(head)
        return 2 if is_head and _NOTHING_BEHIND.match(self.text, end) else 1

    def _is_inside_word(self, at: int) -> bool:
        around = self.text[max(0, at - 1) : at + 1]
        return len(around) == 2 and around.isascii() and around.isalnum()

    def _is_edge(self, at: int) -> bool:
        """Whether no character, as people see it, would be cut in two here."""
        return at in {0, len(self.text)} or not are_one_character(self.text[at - 1], self.text[at])


def ground(index: TextIndex, *lists: Sequence[str]) -> list[list[Place | None]]:
    """A place for each quote of each list, or None. Equal quotes take equal places in turn, in reading order; what stands to the letter goes first."""
    claims = _Claims(index)
    verbatim = [claims.verbatim(quotes) for quotes in lists]
    return [claims.reworded(quotes, places) for quotes, places in zip(lists, verbatim, strict=True)]


def without_mark(words: str) -> str:
    """Words without white space around them and the number or bullet before them."""
    words = stripped(words)
    return stripped(words[_past_mark(words, 0, len(words)) :])


class _Claims:
    """Which places of a text are taken, and which are left for each quote."""

    def __init__(self, index: TextIndex) -> None:
        self._index = index
        self._taken: set[Span] = set()
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
        """The places as they are, and one that is close for what stands nowhere to the letter."""
        return [
            place if place or self._index.verbatim(quote) else self._claim(quote, self._index.reworded(quote), 0)
            for quote, place in zip(quotes, places, strict=True)
        ]

    def _claim(self, quote: str, groups: Groups, after: int) -> Place | None:
        if not groups:
            return None
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


def _is_telling(span: Span) -> bool:
    return span[1] - span[0] >= _SHORTEST_WITHIN_WORD


def _past_mark(text: str, start: int, end: int) -> int:
    """Past the white space, the number and the bullet that an item begins with."""
    start = end - len(text[start:end].lstrip())
    while mark := mark_at(text, start, end):
        if mark.style in _DOUBTFUL_MARKS or _OPENS_WORD.match(text, mark.start):
            return mark.start
        start = mark.end
    return start
