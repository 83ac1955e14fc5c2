"""Finds many given words in a text in one pass. What the words mean is their owners' business."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from string import ascii_lowercase, ascii_uppercase
from typing import NamedTuple


_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
_LATIN = frozenset(ascii_lowercase + "0123456789")


class Hit(NamedTuple):
    """A word found, in lower case, from `start` to `end` in code points."""

    word: str
    start: int
    end: int


class Words:
    """A set of words to look for, of two characters at least. Latin ones are found as whole words, in either case; the longest counts."""

    def __init__(self, words: Iterable[str]) -> None:
        self._opened_by: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for word in sorted({lower(word) for word in words}, key=len, reverse=True):
            self._opened_by[word[0], word[1]].append(word)

    def hits(self, text: str) -> Iterator[Hit]:
        """The words in reading order, none within another."""
        opened_by, lowered, past = self._opened_by, lower(text), 0
        for start, opening in enumerate(pairwise(lowered)):
            if opening not in opened_by or start < past:
                continue
            for word in opened_by[opening]:
                if lowered.startswith(word, start):
                    past = start + len(word)
                    if not (_runs_on(lowered, start) or _runs_on(lowered, past)):
                        yield Hit(word, start, past)
                    break


def lower(text: str) -> str:
    """In lower case, of the same length always: where that is not so, as far as Latin letters go."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else text.translate(_LOWER)


def _runs_on(text: str, place: int) -> bool:
    """Whether a Latin word goes on over a place: `Go` ends within `Google`."""
    return 0 < place < len(text) and text[place - 1] in _LATIN and text[place] in _LATIN
