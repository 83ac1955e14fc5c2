"""Holds a model's answer against its post and against what the rules saw there: `settle`, then `fill`, or ask again and `merge` or `read_twice`.

Asks no model itself.
"""

from __future__ import annotations

import re
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
_FAULTS, _LEFT_OUT = 0.2, 0.67
_LINE_END = re.compile(r"[\r\n]")
_FIGURES = re.compile(r"\d+|[一二三四五六七八九十]+")


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

    @property
    def is_worth_a_second_reading(self) -> bool:
        return self.trust != "full"


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
    trust = "none" if said.cut else desk.trust(items, missing)
    if trust == "full":
        missing = [one for one in missing if one.sure]
    return Settled(findings, tuple(missing), (*seen.warnings, *desk.warnings()), trust)


def fill(settled: Settled) -> Findings:
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


def read_twice(first: Settled, second: Settled, seen: Findings) -> Settled:
    """Two readings of one whole post: what either found. What both left out is missing where the rules are sure of it, or both are useless."""
    told = Spans(first.findings.items)
    items = {one: one for one in first.findings.items}
    for one in second.findings.items:
        near = told.touching(one.start, one.end)
        same = max(
            (other for other in near if iou(one, other) >= _SAME), key=lambda other: iou(one, other), default=None
        )
        if same is None or (one.grounding == "exact" and same.grounding == "fuzzy" and not same.sure):
            items[same or one] = one
    both = in_reading_order(items.values())
    missing = _missing(both, seen)
    if first.trust != "none" or second.trust != "none":
        missing = [one for one in missing if one.sure]
    return replace(first, findings=replace(first.findings, items=both), missing=tuple(missing))


class _Desk:
    """Where the items of one answer are sorted; it counts what could not stay as it was."""

    def __init__(self, index: TextIndex, seen: Findings) -> None:
        self._index = index
        self._seen = Spans(seen.items)
        self.nowhere = self.doubles = self.moved = self.mentions = self.reworded = 0

    def grounded(self, said: PostAnswer) -> list[Finding]:
        """The items that stand in the post. Of one that is told under two kinds the question counts, then the advice."""
        kinds: tuple[Kind, ...] = ("question", "advice", "method")
        lists = [[item for item in said.items if item.kind == kind] for kind in kinds]
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

    def trust(self, items: Sequence[Finding], missing: Sequence[Finding]) -> Trust:
        """None where it leaves out most, or more of it was wrong than right; some where much of it was."""
        left_out = sum(one.sure for one in missing)
        faults = self.nowhere + self.doubles + self.moved + self.reworded + left_out
        told = len(items) + left_out
        if len(missing) > _LEFT_OUT * len(self._seen) or faults > told:
            return "none"
        return "some" if faults > _FAULTS * told else "full"

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
        """A finding as the rules saw it. Where they are not sure of its ends, the model's own are as good."""
        span = seen if seen.sure or found.grounding == "fuzzy" else found
        self.moved += found.kind != seen.kind
        return Finding(
            seen.kind,
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
