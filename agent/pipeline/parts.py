"""A post too long for one answer, as parts that are asked for like posts; and the one record that comes of theirs. Asks nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeVar

from agent.extraction.findings import Finding, Findings, Place
from agent.extraction.result import post_info, record_by_rules
from agent.pipeline.room import ROOM, cumulative_tokens, may_be_long
from agent.pipeline.windows import Window, windows
from agent.records import Attempt, Context, Item, Origin, Post, Provenance, Record


# Code points that two parts share: some lines, so that none stands without what was just said.
_OVERLAP = 300

T = TypeVar("T", bound=Finding | Place)
AnItem = TypeVar("AnItem", bound=Item)
Number = TypeVar("Number", int, float)


@dataclass(frozen=True, slots=True)
class Part:
    """A window of a post, as a post of its own. Pictures go along with the first."""

    window: Window
    post: Post

    def seen(self, whole: Findings) -> Findings:
        """What the rules see in the whole post, as far as it stands here and in no part before; their heads know the headings above."""
        return Findings(
            tuple(moved for one in whole.items if one.start >= self.window.fresh and (moved := self._here(one))),
            company=self._here(whole.company),
            role=self._here(whole.role),
            outcome=self._here(whole.outcome),
        )

    def _here(self, found: T | None) -> T | None:
        start, end = self.window.start, self.window.end
        if found is None or not start <= found.start <= found.end <= end:
            return None
        return replace(found, start=found.start - start, end=found.end - start)


def parts_of(post: Post, see: Callable[[], Findings]) -> list[Part]:
    """The parts of a post that no single answer has room for; none where one has. `see` tells what the rules see in it."""
    if not may_be_long(post.text):
        return []
    seen = see()
    taken = cumulative_tokens(post.text, seen)
    if taken[-1] <= ROOM:
        return []
    spans = [(one.start, one.end) for one in seen.items]
    cut = windows(post.text, taken, room=ROOM, overlap=_OVERLAP, unbroken=spans)
    parts = [Part(one, _post_in(one, post)) for one in cut]
    return [part for part in parts if not part.post.is_blank]


def record_of_parts(post: Post, seen: Findings, parts: Sequence[tuple[Part, Record]]) -> Record:
    """One record of all: spans are the whole post's, and what two parts share counts once."""
    record = record_by_rules(post, seen)
    warnings = [*record.provenance.warnings, *_warnings(parts)]
    by_models = [one for _, one in parts if one.provenance.origin != "rules"]
    if not by_models:
        record.provenance = _joined([one.provenance for _, one in parts], record.provenance, "rules", warnings)
        return record
    lead = _lead(by_models)
    is_completed = any(one.provenance.origin != "model" for _, one in parts)
    provenance = _joined(
        [one.provenance for _, one in parts], lead, "model+rules" if is_completed else "model", warnings
    )
    return Record(
        post=post_info(post, seen.tags),
        summary=" ".join(one.summary for one in by_models if one.summary) or None,
        context=_context(parts),
        methods=list(_told_once(parts, lambda one: one.methods)),
        questions=list(_told_once(parts, lambda one: one.questions)),
        advice=list(_told_once(parts, lambda one: one.advice)),
        provenance=provenance,
    ).with_text(post.text)


def _post_in(window: Window, post: Post) -> Post:
    pictures = () if window.start else post.pictures
    return Post(text=post.text[window.start : window.end], id=post.id, title=post.title, pictures=pictures)


def _told_once(
    parts: Sequence[tuple[Part, Record]], items_of: Callable[[Record], Sequence[AnItem]]
) -> Iterator[AnItem]:
    """The items of all parts. Of what two of them share, those of the first count, and the second's where it told nothing there."""
    before: list[tuple[int, int]] = []
    for part, record in parts:
        told = [(one.start + part.window.start, one.end + part.window.start) for one in _items(record)]
        shared = [span for span in before if span[1] > part.window.start]
        for one in items_of(record):
            item = _moved(one, part)
            if item.start >= part.window.fresh or not any(s < item.end and item.start < e for s, e in shared):
                yield item
        before = told


def _items(record: Record) -> Iterator[Item]:
    return chain(record.methods, record.questions, record.advice)


def _moved(item: AnItem, part: Part) -> AnItem:
    by = part.window.start
    return item.model_copy(update={"start": item.start + by, "end": item.end + by})


def _context(parts: Sequence[tuple[Part, Record]]) -> Context:
    """Each thing from the first part that tells it."""
    found: dict[str, Item] = {}
    for part, record in parts:
        for name, item in record.context:
            if item and name not in found:
                found[name] = _moved(item, part)
    return Context(**found)


def _lead(by_models: Sequence[Record]) -> Provenance:
    """How the model that answered most of the parts came to answer."""
    most, _ = Counter(one.provenance.model for one in by_models).most_common(1)[0]
    return next(one.provenance for one in by_models if one.provenance.model == most)


def _warnings(parts: Sequence[tuple[Part, Record]]) -> Iterator[str]:
    by_model = {one.provenance.model for _, one in parts}
    for number, (_, record) in enumerate(parts, 1):
        place = f"part {number} of {len(parts)}"
        if len(by_model) > 1:
            yield f"{place} is by {record.provenance.model}"
        yield from (f"{place}: {warning}" for warning in record.provenance.warnings)


def _joined(parts: Sequence[Provenance], lead: Provenance, origin: Origin, warnings: Sequence[str]) -> Provenance:
    # Parts that went in one request share what was tried for it: it is told once.
    attempts: dict[int, Attempt] = {id(one): one for part in parts for one in part.attempts}
    is_priced = all(part.cost_usd is not None for part in parts if part.input_tokens is not None)
    return lead.model_copy(
        update={
            "at": max(part.at for part in parts),
            "origin": origin,
            "packed_with": max(part.packed_with for part in parts),
            "input_tokens": _sum([part.input_tokens for part in parts]),
            "output_tokens": _sum([part.output_tokens for part in parts]),
            "cost_usd": _sum([part.cost_usd for part in parts]) if is_priced else None,
            "attempts": list(attempts.values()),
            "warnings": list(warnings),
        }
    )


def _sum(amounts: Sequence[Number | None]) -> Number | None:
    """Of those that are known; null where none is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None
