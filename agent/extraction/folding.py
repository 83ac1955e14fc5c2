"""Folds a text to what counts when quotes are compared: no width, case, space or form of punctuation; every character keeps its place."""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Iterable, Sequence
from itertools import chain, compress, groupby, pairwise, repeat


ZERO_WIDTH_JOINER = "\u200d"
_UNSEEN = {"Cc", "Cf", "Zs", "Zl", "Zp"}
# Fillers and selectors that Unicode does not file under format characters.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_ALIKE = {
    "'": '‘’‚‛“”„‟«»‹›「」『』〝〞〟′″´`"',
    ",": "、､،",
    ".": "。｡",
    "-": "‐‑‒–—―−﹣",
    "~": "～〜∼˜",
    "·": "・•‧∙⋅",
    "[": "【〔〖",
    "]": "】〕〗",
    "<": "《〈",
    ">": "》〉",
    "/": "\u2044\u2215",
}
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_FORM = {ord(char): form for form, chars in _ALIKE.items() for char in chars}


def fold(text: str) -> str:
    """What is compared of a quote."""
    return in_canonical_order("".join(map(_FORMS.__getitem__, text)))


def stripped(text: str) -> str:
    """The text without what nobody sees at either end: white space, control and zero-width characters."""
    start, end = 0, len(text)
    while start < end and not _FORMS[text[start]]:
        start += 1
    while start < end and not _FORMS[text[end - 1]]:
        end -= 1
    return text[start:end]


def in_canonical_order(decomposed: str) -> str:
    """The same characters, the marks of each letter in one order. Not by `normalize`, which takes quadratic time over a long run of marks."""
    if unicodedata.is_normalized("NFD", decomposed):
        return decomposed
    runs = groupby(decomposed, lambda char: unicodedata.combining(char) > 0)
    return "".join("".join(sorted(run, key=unicodedata.combining)) if marks else "".join(run) for marks, run in runs)


class Folded:
    """A text folded once, in linear time. `chars` is what is compared; spans of it are turned back by `span`."""

    def __init__(self, text: str) -> None:
        forms = [*map(_FORMS.__getitem__, text)]
        folded = "".join(forms)
        self._bounds = _bounds(text)
        self._of = array("L", _places_of(forms, _places(self._bounds), len(folded)))
        self.chars = in_canonical_order(folded)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the text that `chars[start:end]` comes from, in whole characters as people see them."""
        return self._bounds[self._of[start]], self._bounds[self._of[end - 1] + 1]


def _bounds(text: str) -> Sequence[int]:
    """Where the characters, as people see them, begin, and where the last ends. Of most texts each is one code point."""
    if not (any(map(_EXTENDS.__getitem__, set(text))) or _PAIR.search(text)):
        return range(len(text) + 1)
    inner = (at for at, (before, char) in enumerate(pairwise(text), 1) if not are_one_character(before, char))
    return array("L", (0, *inner, len(text)))


def _places(bounds: Sequence[int]) -> Iterable[int]:
    """Which of the characters each code point belongs to."""
    if bounds[-1] == len(bounds) - 1:
        return range(len(bounds))
    return chain.from_iterable(repeat(place, end - start) for place, (start, end) in enumerate(pairwise(bounds)))


def _places_of(forms: Sequence[str], places: Iterable[int], count: int) -> Iterable[int]:
    """Which character each of the folded ones, `count` in all, comes from: in most texts no code point becomes several."""
    if count == len(forms) - forms.count(""):
        return compress(places, forms)
    return chain.from_iterable(map(repeat, places, map(len, forms)))


def are_one_character(before: str, char: str) -> bool:
    """Whether a code point is one character with what stands before it: a mark, the tail of an emoji, half of a pair."""
    if not before:
        return False
    if before == ZERO_WIDTH_JOINER:
        return unicodedata.category(char) == "So"
    return _EXTENDS[char] or ("\ud800" <= before <= "\udbff" and "\udc00" <= char <= "\udfff")


class _Forms(dict[str, str]):
    """What becomes of each character, worked out when it is first met."""

    def __missing__(self, char: str) -> str:
        form = self[char] = _form(char)
        return form


class _Extends(dict[str, bool]):
    """Whether a character always belongs to the one before it, worked out when it is first met."""

    def __missing__(self, char: str) -> bool:
        extends = self[char] = (
            char == ZERO_WIDTH_JOINER
            or unicodedata.category(char) in {"Mn", "Mc", "Me"}
            or any(map(unicodedata.combining, _FORMS[char][:1]))
            or "\U0001f3fb" <= char <= "\U0001f3ff"
        )
        return extends


def _form(char: str) -> str:
    if "\ud800" <= char <= "\udfff":
        return "\ufffd"  # as it is sent to a model
    if unicodedata.category(char) in _UNSEEN or char in _BLANK or _is_selector(char):
        return ""
    decomposed = unicodedata.normalize("NFKD", char.translate(_FORM)).casefold()
    seen = unicodedata.normalize("NFKD", decomposed).translate(_FORM)
    return "".join(one for one in seen if not one.isspace())


def _is_selector(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef" or "\u180b" <= char <= "\u180d"


_FORMS, _EXTENDS = _Forms(), _Extends()
