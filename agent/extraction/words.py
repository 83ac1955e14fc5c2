"""Finds many given words in a text in one pass. What the words mean is their owners' business."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase


_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
_LATIN = frozenset(ascii_lowercase + "0123456789")


@dataclass(frozen=True, slots=True)
class Hit:
    """A word found, in lower case, from `start` to `end` in code points."""

    word: str
    start: int
    end: int


class Words:
    """A set of words to look for. Latin ones are found as whole words, in upper and lower case alike; the longest counts."""

    def __init__(self, words: Iterable[str]) -> None:
        tails: defaultdict[str, list[str]] = defaultdict(list)
        for word in sorted({lower(word) for word in words}, key=len, reverse=True):
            tails[word[0]].append(word[1:])
        # Written by first characters, so that a search skips what no word begins with.
        self._pattern = re.compile(
            "|".join(f"{re.escape(first)}(?:{'|'.join(map(re.escape, rest))})" for first, rest in tails.items())
        )

    def hits(self, text: str) -> Iterator[Hit]:
        """The words in reading order, none within another."""
        lowered = lower(text)
        for found in self._pattern.finditer(lowered):
            start, end = found.span()
            if not (_runs_on(lowered, start) or _runs_on(lowered, end)):
                yield Hit(found[0], start, end)


def lower(text: str) -> str:
    """In lower case as far as Latin letters go: of the same length, always."""
    return text.translate(_LOWER)


def _runs_on(text: str, place: int) -> bool:
    """Whether a Latin word goes on over a place: `Go` ends within `Google`."""
    return 0 < place < len(text) and text[place - 1] in _LATIN and text[place] in _LATIN
