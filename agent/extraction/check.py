"""Holds a model's answer against its post and against what the rules saw there: `settle`, then `filled_in`, or ask again and `merge` or `read_again`.

Asks no model itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Literal

from agent.extraction.findings import Finding, Findings, Place
from agent.extraction.folding import fold
from agent.extraction.grounding import TextIndex, ground
from agent.extraction.overlap import Spans, in_reading_order, iou, is_within, without_doubles
from agent.extraction.rules.cues import advises, asks_firmly
from agent.extraction.said import PostAnswer, RawItem
from agent.extraction.topics import is_topic, topic_of
from agent.records import Kind, Post


# Two spans are of one item where they share so much of what they cover together.
_SAME = 0.5
# So much of an answer may be wrong, and so much of what the rules saw left out, where it is to be believed that nothing
# else is there. Measured with the noisy oracle of tests/twin on the corpus, between a good model and a useless one.
FAULTS, _LEFT_OUT = 0.2, 0.67
_LINE_END = re.compile(r"[\r\n]")
_FIGURES = re.compile(r"\d+|[一二三四五六七八九十]+")
# Of one item that is told under two kinds the first of these counts.
_KINDS: tuple[Kind, ...] = ("question", "advice", "method")


Trust = Literal["full", "some", "none"]
"""How far an answer is to be believed about what it leaves out."""


@dataclass(frozen=True, slots=True)
class Settled:
    """One post's answer after the check."""

    findings: Findings
    missing: tuple[Finding, ...]
    """What the rules saw and the model left out: to be asked for once more, or filled in."""
    warnings: tuple[str, ...]
    trust: Trust = "full"
    faults: int = 0
    """How much of the answer was wrong, or left out though the rules are sure of it."""
    told: int = 0
    """How many items it has, with those left out."""
    readings: tuple[Findings, ...] = ()
    """What each reading found, where the post was read more than once."""


def settle(post: Post, said: PostAnswer, seen: Findings) -> Settled:
    """Grounds what a model said of a post, puts it right where the rules know better, and tells what is missing.

    `seen` is what the rules found. What they are sure of is missing where the model left it out; all of it, where the
    answer is empty, broke off or has many faults: so a bad answer never makes less of a post than the rules do.
    """
    index = TextIndex(post.text)
    desk = _Desk(index, seen)
    right = [right for found in desk.grounded(said) for right in desk.put_right(found)]
    items, doubles = without_doubles(right)
    desk.doubles += doubles
    findings = Findings(
        items=tuple(desk.with_topic(one) for one in items),
        company=_context(index, said.company) or seen.company,
        role=_context(index, said.role) or seen.role,
        outcome=_context(index, said.outcome) or seen.outcome,
        tags=seen.tags,
        summary=said.summary if items else None,
    )
    missing = _missing(items, seen)
    faults, told = desk.faults(missing), len(items) + sum(one.sure for one in missing)
    trust = "none" if said.cut else desk.trust(missing, faults, told)
    if trust == "full":
        missing = [one for one in missing if one.sure]
    return Settled(findings, tuple(missing), (*seen.warnings, *desk.warnings()), trust, faults, told)


def filled_in(settled: Settled) -> Findings:
    """The findings with what is missing put in by the rules."""
    return replace(settled.findings, items=in_reading_order((*settled.findings.items, *settled.missing)))


def merge(post: Post, settled: Settled, second: PostAnswer) -> Settled:
    """The same after a second answer about what was missing. What else it tells is left out: it was not asked for."""
    desk = _Desk(TextIndex(post.text), Findings(tuple(replace(one, sure=True) for one in settled.missing)))
    right = [one for found in desk.grounded(second) for one in desk.put_right(found) if one.sure]
    items, _ = without_doubles(right)
    told = {(one.start, one.end) for one in items}
    return replace(
        settled,
        findings=replace(settled.findings, items=in_reading_order((*settled.findings.items, *items))),
        missing=tuple(one for one in settled.missing if (one.start, one.end) not in told),
    )


def read_again(before: Settled, again: Settled, seen: Findings) -> Settled:
    """One more reading of a whole post, put to those before it: what any of them found, each of the kind that most say.

    What all left out is missing where the rules are sure of it, or where all are useless. There is no doubt left where
    this reading told nothing new.
    """
    readings = (*(before.readings or (before.findings,)), again.findings)
    items = in_reading_order(map(_agreed, _told_alike(readings)))
    is_useless = before.trust == again.trust == "none"
    missing = [one for one in _missing(items, seen) if one.sure or is_useless]
    is_settled = {(one.kind, one.start, one.end) for one in items} == {
        (one.kind, one.start, one.end) for one in before.findings.items
    }
    trust: Trust = "none" if is_useless else "full" if is_settled else "some"
    findings = replace(before.findings, items=items)
    return replace(before, findings=findings, missing=tuple(missing), trust=trust, readings=readings)


def _told_alike(readings: Sequence[Findings]) -> list[list[Finding]]:
    """The items of several readings, those together that are of one place."""
    groups: list[list[Finding]] = []
    for reading in readings:
        of = {group[0]: group for group in groups}
        known = Spans(list(of))
        for one in reading.items:
            near = [other for other in known.touching(one.start, one.end) if iou(one, other) >= _SAME]
            if near:
                of[max(near, key=lambda other: iou(one, other))].append(one)
            else:
                groups.append([one])
    return groups


def _agreed(told: Sequence[Finding]) -> Finding:
    """Of one item as several readings tell it the surest, then the literal one, then the first; of the kind that most tell."""
    best = min(told, key=lambda one: (not one.sure, one.grounding != "exact"))
    often = Counter(one.kind for one in told)
    return best if best.sure else replace(best, kind=max(_KINDS, key=often.__getitem__))


class _Desk:
    """Where the items of one answer are sorted; it counts what could not stay as it was."""

    def __init__(self, index: TextIndex, seen: Findings) -> None:
        self._index = index
        self._seen = Spans(seen.items)
        self.nowhere = self.doubles = self.moved = self.mentions = self.reworded = 0

    def grounded(self, said: PostAnswer) -> list[Finding]:
        """The items that stand in the post. Of one that is told under two kinds the question counts, then the advice."""
        lists = [[item for item in said.items if item.kind == kind] for kind in _KINDS]
        placed = ground(self._index, *[[item.quote for item in items] for items in lists])
        found: list[Finding] = []
        for item, place in zip(chain(*lists), chain(*placed), strict=True):
            if place:
                self.reworded += place.grounding == "fuzzy"
                found.append(self._finding(item, place))
            elif self._index.find(item.quote):
                self.doubles += 1
            else:
                self.nowhere += 1
        return found

    def put_right(self, found: Finding) -> Iterable[Finding]:
        """What the rules make of a finding: itself, the line that it is of, the lines that it swallowed, or nothing."""
        near = self._seen.touching(found.start, found.end)
        closest = max(near, key=lambda one: iou(found, one), default=None)
        if closest and (iou(found, closest) >= _SAME or _is_part_of_question(found, closest)):
            return [self._as(found, closest)]
        sure = [one for one in near if one.sure]
        swallowed = [one for one in sure if is_within(one, found)]
        if len(swallowed) > 1:
            return swallowed
        if found.kind == "method" and any(one.kind == "question" and is_within(found, one) for one in sure):
            self.mentions += 1
            return []
        return [self._moved(found, _kind_by_words(found.kind, self._words(found)))]

    def with_topic(self, found: Finding) -> Finding:
        """A question with the topic that its words tell, where the model told none."""
        if found.kind != "question" or found.topic:
            return found
        return replace(found, topic=topic_of(self._words(found)))

    def faults(self, missing: Sequence[Finding]) -> int:
        """How much of the answer was wrong, or left out though the rules are sure of it."""
        return self.nowhere + self.doubles + self.moved + self.reworded + sum(one.sure for one in missing)

    def trust(self, missing: Sequence[Finding], faults: int, told: int) -> Trust:
        """None where it leaves out most, or more of it was wrong than right; some where much of it was."""
        if len(missing) > _LEFT_OUT * len(self._seen) or faults > told:
            return "none"
        return "some" if faults > FAULTS * told else "full"

    def warnings(self) -> list[str]:
        told = (
            (self.nowhere, "dropped {}: not found in the post"),
            (self.mentions, "dropped {}: only mentioned inside a question"),
            (self.doubles, "merged {}: told twice"),
            (self.moved, "moved {} to another kind"),
        )
        return [words.format(f"{count} item{'s' * (count > 1)}") for count, words in told if count]

    def _finding(self, item: RawItem, place: Place) -> Finding:
        own = item.text if item.text and self._index.says(item.text, place) else None
        text = own or place.text
        other = text if text != self._index.text[place.start : place.end] else None
        if item.kind != "question":
            return Finding(item.kind, place.start, place.end, other, place.grounding)
        return Finding(
            item.kind,
            place.start,
            place.end,
            other,
            place.grounding,
            number=item.number if _is_written_before(self._index.text, place.start, item.number) else None,
            topic=self._topic(item.topic),
            round=item.round if item.round and self._index.verbatim(item.round) else None,
        )

    def _topic(self, told: str | None) -> str | None:
        """A model's topic, where it is a known one or the post's own word."""
        return told if told and (is_topic(told) or self._index.verbatim(told)) else None

    def _as(self, found: Finding, seen: Finding) -> Finding:
        """A finding as the rules saw it. Where they are not sure of its ends, or no rule told its kind, the model's own are as good."""
        span = seen if seen.sure or found.grounding == "fuzzy" else found
        kind = _kind_by_words(found.kind, self._words(found)) if seen.learned else seen.kind
        self.moved += found.kind != kind
        return Finding(
            kind,
            span.start,
            span.end,
            found.text or seen.text,
            found.grounding,
            number=seen.number if found.number is None else found.number,
            topic=found.topic or seen.topic,
            round=found.round or seen.round,
            sure=seen.sure,
        )

    def _moved(self, found: Finding, kind: Kind) -> Finding:
        if found.kind == kind:
            return found
        self.moved += 1
        return replace(found, kind=kind)

    def _words(self, found: Finding) -> str:
        return self._index.text[found.start : found.end]


def _kind_by_words(kind: Kind, words: str) -> Kind:
    """What words alone tell of a kind: no technique is built as a question, nothing that only advises was asked."""
    if kind == "method" and asks_firmly(words):
        return "question"
    if kind == "question" and advises(words) and not asks_firmly(words):
        return "advice"
    return kind


def _is_part_of_question(found: Finding, seen: Finding) -> bool:
    """One numbered line is one question, however many a model makes of it."""
    return seen.sure and found.kind == seen.kind == "question" and is_within(found, seen)


def _missing(items: Sequence[Finding], seen: Findings) -> list[Finding]:
    told = Spans(items)
    return [one for one in seen.items if not any(_meets(item, one) for item in told.touching(one.start, one.end))]


def _meets(item: Finding, seen: Finding) -> bool:
    """Whether an item is the one that the rules saw. Advice may be cut shorter or longer; a single tool is not its list."""
    if iou(item, seen) >= _SAME:
        return True
    nested = is_within(item, seen) or is_within(seen, item)
    return nested and item.kind == seen.kind and (item.kind == "advice" or not seen.sure)


def _context(index: TextIndex, quote: str | None) -> Place | None:
    groups = index.verbatim(quote) if quote else ()
    return groups[0][0] if groups else None


def _is_written_before(text: str, start: int, number: int | None) -> bool:
    """Whether the number stands right before an item, in figures of any kind."""
    if number is None:
        return False
    head = fold(_LINE_END.split(text[max(0, start - 16) : start])[-1])
    figures = _FIGURES.findall(head)
    return bool(figures) and figures[-1] in {str(number), _in_chinese(number)}


def _in_chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    digits = " 一二三四五六七八九"
    return f"{digits[tens] if 1 < tens < 10 else ''}{'十' * (tens > 0)}{digits[ones]}".strip()
