"""Finds in running text what the writer tells the reader to do, avoid or expect."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agent.extraction.rules.cues import advises, asks_firmly, commands, is_english, tells, urges, wonders
from agent.extraction.rules.prose import Span


_OWN = re.compile(
    r"我(?!的?建议|的体会|觉得|认为|推荐|们|更愿意|感觉)|自己(?:没|不)|面试官(?:让|问|说我|建议我)|[给提](?:出|我)?了?[^，。]{0,4}建议"
)
_CONDITION = re.compile(
    r"^\s*(?:[^，]{0,6}(?:如果|要是|对于|与其|当|面试前|即使|任何|无论|不管|首先|写在|关于|大家|另外|所以|而且)|[^，]{2,20}(?:的话|时候?|之前|前|中|方面|的内容)$)"
)
_SUPPOSED = re.compile(r"\s*(?:如果|要是)|[^，]{2,20}的话$")
_GOING_ON = re.compile(
    r"^\s*(?:特别是|尤其|做到|可以|不会就|不懂就|每天|想|去|给|从而|以便|让|把|包装|能够?|熟记|埋下|方便|并|还|再|同时|甚至|比如|包括|否则|不然|这样|而不是|更要|讲|突出|吸引|就|那么|不如|快速|最|避免)"
)
_ADVERB = re.compile(r"^\s*(?:多|别|不要|一定|尽量|先|提前|记得|最好|千万|切忌|务必)")
_OTHER = re.compile(r"或者?|另外|同样|同时|其次|还有|再有|至于|而(?!不)")
_CLOSING = " \t\r\n\u3000。！!～~…；;"


_WHOLE = 40
"""Up to so many characters a piece of advice is told together with the clauses beside it: its case, its reason."""


def advice(sentence: Span, *, announced: bool) -> Iterator[Span]:
    """The advice of a sentence: in English all of it, in Chinese runs of clauses.

    Where advice is `announced`, by a heading, a bare command is enough.
    """
    words = sentence.words.strip()
    if words.endswith(("?", "？")):
        return
    if not is_english(words):
        yield from (span for span in _runs(sentence, announced=announced) if len(span.words) > 2)
    elif advises(words):
        yield sentence.part(0, len(sentence.words))


def _runs(sentence: Span, *, announced: bool) -> Iterator[Span]:
    """Each clause that advises, with the conditions before it and what goes on with it."""
    clauses = list(sentence.clauses())
    place = begun = 0
    while place < len(clauses):
        if not _is_advice(clauses[place][0].strip(), announced=announced):
            place += 1
            continue
        first, last = _reach(clauses, place, begun)
        words = sentence.words[: clauses[last].end()].rstrip(_CLOSING)
        yield sentence.part(clauses[first].start(), len(words))
        place = begun = last + 1


def _reach(clauses: Sequence[re.Match[str]], place: int, begun: int) -> tuple[int, int]:
    """The first and last of the clauses that belong to the advice in one of them, none before `begun`."""
    first = last = place
    while first > begun and _is_condition(clauses[first - 1][0]):
        first -= 1
    while last + 1 < len(clauses) and _goes_on(clauses[last + 1][0]):
        last += 1
    while last + 1 < len(clauses) and _is_beside(clauses[last + 1], clauses[first].start(), clauses[last + 1].end()):
        last += 1
    while first > begun and _is_beside(clauses[first - 1], clauses[first - 1].start(), clauses[last].end()):
        first -= 1
    return first, last


def _is_beside(clause: re.Match[str], start: int, end: int) -> bool:
    """Whether a clause is told in one breath with advice, from `start` to `end`, and tells no story."""
    words = clause[0].strip()
    return end - start <= _WHOLE and not (tells(words) or asks_firmly(words) or _OTHER.match(words))


def _is_advice(words: str, *, announced: bool) -> bool:
    told = advises(words) or (announced and commands(words) and not tells(words))
    return told and not _OWN.search(words) and (not asks_firmly(words) or (urges(words) and not wonders(words)))


def _is_condition(words: str) -> bool:
    return _SUPPOSED.match(words) is not None or (_CONDITION.match(words) is not None and not tells(words))


def _goes_on(words: str) -> bool:
    return _GOING_ON.match(words) is not None or (_ADVERB.match(words) is not None and advises(words))
