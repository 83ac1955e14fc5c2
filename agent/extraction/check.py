"""Holds a model's answer against its post and against what the rules saw there: `settle`, then `fill`, or ask again and `merge`. Asks no model itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from agent.extraction.findings import Finding, Findings, Place
from agent.extraction.folding import fold
from agent.extraction.grounding import TextIndex, ground
from agent.extraction.overlap import Spans, iou, is_within, without_doubles
from agent.extraction.said import PostAnswer, RawItem
from agent.extraction.topics import topic_of
from agent.records import Kind, Post


# Two spans are of one item where they share so much of what they cover together.
_SAME = 0.5


@dataclass(frozen=True, slots=True)
class Settled:
    """One post's answer after the check."""

    findings: Findings
    missing: tuple[Finding, ...]
    """What the rules saw and the model left out: to be asked for once more, or filled in."""
    warnings: tuple[str, ...]


def settle(post: Post, said: PostAnswer, seen: Findings) -> Settled:
    """Grounds what a model said of a post, puts it right where the rules are sure, and tells what is missing.

    `seen` is what the rules found. All of it counts where the answer broke off or holds less than half of what they are
    sure of, else only what is sure: so a bad answer never makes less of a post than they do.
    """
    index = TextIndex(post.text)
    sorting = _Sorting(index, seen)
    found = sorting.grounded(said)
    items, doubles = without_doubles([sorting.with_topic(right) for one in found for right in sorting.put_right(one)])
    sorting.doubles += doubles
    findings = Findings(
        items=items,
        company=_context(index, said.company) or seen.company,
        role=_context(index, said.role) or seen.role,
        outcome=_context(index, said.outcome) or seen.outcome,
        tags=seen.tags,
        summary=said.summary if items else None,
    )
    return Settled(findings, _missing(items, seen, cut=said.cut), (*seen.warnings, *sorting.warnings()))


def fill(settled: Settled) -> Findings:
    """The findings with what is missing put in by the rules."""
    return replace(settled.findings, items=_in_reading_order((*settled.findings.items, *settled.missing)))


def merge(post: Post, settled: Settled, second: PostAnswer) -> Settled:
    """The same after a second answer about what was missing. What else it tells is left out: it was not asked for."""
    sorting = _Sorting(TextIndex(post.text), Findings(tuple(replace(one, sure=True) for one in settled.missing)))
    right = [one for found in sorting.grounded(second) for one in sorting.put_right(found) if one.sure]
    items, _ = without_doubles(right)
    told = {(one.start, one.end) for one in items}
    return replace(
        settled,
        findings=replace(settled.findings, items=_in_reading_order((*settled.findings.items, *items))),
        missing=tuple(one for one in settled.missing if (one.start, one.end) not in told),
    )


class _Sorting:
    """Sorts the items of one answer, and counts what it could not keep as it was."""

    def __init__(self, index: TextIndex, seen: Findings) -> None:
        self._index = index
        self._seen = Spans(seen.items)
        self.nowhere = self.doubles = self.moved = self.mentions = 0

    def grounded(self, said: PostAnswer) -> list[Finding]:
        """The items that stand in the post. Of one that is told under two kinds the question counts, then the advice."""
        kinds: tuple[Kind, ...] = ("question", "advice", "method")
        lists = [[item for item in said.items if item.kind == kind] for kind in kinds]
        placed = ground(self._index, *[[item.quote for item in items] for items in lists])
        found: list[Finding] = []
        for item, place in zip(chain(*lists), chain(*placed), strict=True):
            if place:
                found.append(self._finding(item, place))
            elif self._index.find(item.quote):
                self.doubles += 1
            else:
                self.nowhere += 1
        return found

    def put_right(self, found: Finding) -> Iterable[Finding]:
        """What the rules make of a finding: itself, the line they are sure of, several lines, or nothing."""
        near = self._seen.touching(found.start, found.end)
        sure = [one for one in near if one.sure]
        closest = max(sure, key=lambda one: iou(found, one), default=None)
        if closest and (iou(found, closest) >= _SAME or _is_part_of_question(found, closest)):
            return [self._as(found, closest)]
        swallowed = [one for one in sure if is_within(one, found)]
        if len(swallowed) > 1:
            return swallowed
        if found.kind == "method" and any(one.kind == "question" and is_within(found, one) for one in sure):
            self.mentions += 1
            return []
        like = next((one for one in near if one.kind == found.kind and iou(found, one) >= _SAME), None)
        return [_told_more(found, like) if like else found]

    def with_topic(self, found: Finding) -> Finding:
        """A question with the topic that its words tell, where the model told none."""
        if found.kind != "question" or found.topic:
            return found
        return replace(found, topic=topic_of(self._index.text[found.start : found.end]))

    def warnings(self) -> list[str]:
        told = (
            (self.nowhere, "dropped {}: not found in the post"),
            (self.mentions, "dropped {}: only mentioned inside a question"),
            (self.doubles, "merged {}: told twice"),
            (self.moved, "moved {} to another kind, as the post's form tells"),
        )
        return [words.format(f"{count} item{'s' * (count > 1)}") for count, words in told if count]

    def _finding(self, item: RawItem, place: Place) -> Finding:
        quote = self._index.text[place.start : place.end]
        text = item.text or place.text
        finding = Finding(item.kind, place.start, place.end, text if text != quote else None, place.grounding)
        if item.kind != "question":
            return finding
        return replace(
            finding,
            number=item.number if _is_written_before(self._index.text, place.start, item.number) else None,
            topic=item.topic,
            round=item.round if item.round and self._index.verbatim(item.round) else None,
        )

    def _as(self, found: Finding, sure: Finding) -> Finding:
        self.moved += found.kind != sure.kind
        told = replace(found, kind=sure.kind, start=sure.start, end=sure.end, sure=True)
        return _told_more(told, sure)


def _told_more(found: Finding, seen: Finding) -> Finding:
    """What the model told, and what it left open as the rules saw it."""
    return replace(
        found,
        text=found.text or seen.text,
        number=found.number if found.number is not None else seen.number,
        topic=found.topic or seen.topic,
        round=found.round or seen.round,
    )


def _is_part_of_question(found: Finding, sure: Finding) -> bool:
    """One numbered line is one question, however many a model makes of it."""
    return found.kind == sure.kind == "question" and is_within(found, sure)


def _missing(items: Sequence[Finding], seen: Findings, *, cut: bool) -> tuple[Finding, ...]:
    told = Spans(items)
    missing = [one for one in seen.items if not any(_meets(item, one) for item in told.touching(one.start, one.end))]
    surely_seen = sum(one.sure for one in seen.items)
    surely_missing = [one for one in missing if one.sure]
    is_poor = cut or not items or 2 * len(surely_missing) > surely_seen
    return tuple(missing if is_poor else surely_missing)


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
    head = fold(re.split(r"[\r\n]", text[max(0, start - 16) : start])[-1])
    figures = re.findall(r"\d+|[一二三四五六七八九十]+", head)
    return bool(figures) and figures[-1] in {str(number), _in_chinese(number)}


def _in_chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    digits = " 一二三四五六七八九"
    return f"{digits[tens] if 1 < tens < 10 else ''}{'十' * (tens > 0)}{digits[ones]}".strip()


def _in_reading_order(items: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(items, key=lambda one: (one.start, -one.end)))
