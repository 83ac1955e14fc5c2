"""Finds the lists that stand below an item and answer it by naming ways to do something. An answer told in sentences is none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, groupby

from agent.extraction.rules.cues import answers, asks_firmly, recounts, says_asked, tells
from agent.extraction.rules.lexicon import announces_methods, holds, speaks_of_asking
from agent.extraction.rules.lines import Line, share
from agent.extraction.rules.marks import SPOKEN
from agent.extraction.rules.places import Place
from agent.extraction.rules.teaching import are_names


_WAYS = re.compile(
    r"(?:有|知道|了解|用过|介绍)[^，。？?]{0,6}(?:哪些|几种)|方法|手段|做法|(?:怎么|怎样|如何|咋)(?:优化|降低|减少|提高|提升|解决|缓解|压缩|加速|改进|处理|保证|做)|\bhow (?:do|would|can|to|did)\b|\bways\b|techniques",
    re.IGNORECASE,
)


def answering(lines: Sequence[Line], places: Sequence[Place]) -> frozenset[int]:
    """Which of the lines answer the item above them by a list of names: where it asks for ways, or a line says that they answer."""
    styles = [line.style if line.mark and line.style not in SPOKEN else None for line in lines]
    asked = [(begin, end) for begin, end in _lists(styles) if _asks_for_them(lines[begin - 1])]
    below = [style if place in ("sub", "nested") else None for style, place in zip(styles, places, strict=True)]
    items = [*accumulate((at if place == "main" else -1 for at, place in enumerate(places)), max)]
    return frozenset(
        at
        for begin, end in (*_lists(below), *asked)
        if _are_given(lines[begin - 1], lines[begin:end])
        and ((begin, end) in asked or _says_answers(lines[begin - 1]) or _asks_for_ways(lines, items[begin - 1]))
        for at in range(begin, end)
    )


def _lists(styles: Iterable[str | None]) -> Iterator[tuple[int, int]]:
    """Where two lines or more with one mark stand together below another line."""
    at = 0
    for style, run in groupby(styles):
        begin, at = at, at + len([*run])
        if style and begin and at - begin > 1:
            yield begin, at


def _asks_for_them(lead: Line) -> bool:
    """Whether an unmarked line asks for ways to do something, which the list right below it gives then."""
    return lead.mark is None and asks_firmly(lead.words.rstrip("：:👇")) and _WAYS.search(lead.words) is not None


def _are_given(lead: Line, lines: Sequence[Line]) -> bool:
    """Whether lines but name things, and none tells what somebody said."""
    told = any(_recounts(line.words) for line in lines) or share(tells, lines) > 0.34
    return are_names(lines) and not (told or speaks_of_asking(lead.words))


def _recounts(words: str) -> bool:
    return words.startswith("我") or "追问" in words or recounts(words) or says_asked(words)


def _says_answers(line: Line) -> bool:
    return line.mark is None and (answers(line.words) or holds(line.words) == "answer" or announces_methods(line.words))


def _asks_for_ways(lines: Sequence[Line], item: int) -> bool:
    """Whether the nearest item above, at that place, asks for ways to do something; -1 for none."""
    return item >= 0 and _WAYS.search(lines[item].words) is not None
