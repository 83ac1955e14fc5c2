"""From records and a bank to what the page shows: each post once, each question with the way to where it was asked. Writes no HTML."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from agent.outputs.aliases import company_name, round_name
from agent.outputs.bank import Bank, BankEntry, BankSource, build
from agent.outputs.harmless import one_line, web_url, without_controls
from agent.outputs.report.island import Island, ShownEntry, ShownItem, ShownPost
from agent.outputs.rows import kinds_of, text_of
from agent.records import Question, Record


_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


def island_of(records: Iterable[Record], bank: Bank | None) -> Island:
    """The records' posts, then those that only the bank knows, and the bank's entries; with no bank it is built.

    The records are taken one at a time, and let go.
    """
    shelf = _Shelf()
    taken = shelf.take(records)
    whole = build(taken) if bank is None else bank
    deque(taken, maxlen=0)
    shelf.remember(source for entry in whole.entries for source in entry.posts)
    return Island(posts=tuple(shelf.posts), entries=tuple(_entry(entry, shelf.place_of) for entry in whole.entries))


class _Shelf:
    """The posts in order, and where in them each source of a bank is."""

    def __init__(self) -> None:
        self.posts: list[ShownPost] = []
        self._numbers: dict[str, int] = {}
        self._spans: list[dict[tuple[int, int], int]] = []

    def take(self, records: Iterable[Record]) -> Iterator[Record]:
        """The records themselves, each put on the shelf on its way."""
        for record in records:
            # Questions come first among a post's items: see `kinds_of`.
            self._put(_post(record), record.post.id, record.post.sha256, record.questions)
            yield record

    def remember(self, sources: Iterable[BankSource]) -> None:
        """Put there the posts that are not yet, as far as a bank remembers them."""
        unknown: dict[str, list[BankSource]] = {}
        for source in sources:
            if source.sha256 not in self._numbers:
                unknown.setdefault(source.sha256, []).append(source)
        for digest, asked in unknown.items():
            self._put(_remembered_post(asked), asked[0].id, digest, asked)

    def place_of(self, source: BankSource) -> tuple[int, int | None]:
        number = self._numbers.get(source.id + source.sha256, self._numbers[source.sha256])
        return number, self._spans[number].get((source.start, source.end))

    def _put(self, post: ShownPost, name: str, digest: str, asked: Iterable[Question | BankSource]) -> None:
        self._numbers[digest] = self._numbers[name + digest] = len(self.posts)
        self._spans.append({(one.start, one.end): number for number, one in enumerate(asked)})
        self.posts.append(post)


def _post(record: Record) -> ShownPost:
    post, context, provenance = record.post, record.context, record.provenance
    return ShownPost(
        id=one_line(post.id),
        title=one_line(post.title),
        source=_line(post.source),
        url=web_url(post.url),
        tags=_lines(post.tags),
        company=_line(company_name(text_of(context.company))),
        role=_line(text_of(context.role)),
        outcome=_line(text_of(context.outcome)),
        summary=_line(record.summary),
        text=record.text,
        items=tuple(_items(record)),
        origin=provenance.origin,
        model=_line(provenance.model),
        at=provenance.at,
        warnings=_lines(provenance.warnings),
    )


def _items(record: Record) -> Iterator[ShownItem]:
    units = _utf16_offset(record.text or "")
    for kind, items in kinds_of(record):
        for item in items:
            asked = item if isinstance(item, Question) else None
            yield ShownItem(
                kind=kind,
                start=units(item.start),
                end=units(item.end),
                text=without_controls(item.text) if item.text != item.quote else None,
                quote=without_controls(item.quote) if record.text is None else None,
                grounding=item.grounding,
                number=asked.number if asked else None,
                topic=_line(asked.topic) if asked else None,
                round=_line(round_name(asked.round)) if asked else None,
            )


def _remembered_post(sources: list[BankSource]) -> ShownPost:
    first = sources[0]
    return ShownPost(
        id=one_line(first.id),
        title=one_line(first.title),
        source=_line(first.source),
        url=web_url(first.url),
        company=_line(company_name(first.company)),
        items=tuple(map(_remembered_item, sources)),
        at=first.at,
    )


def _remembered_item(source: BankSource) -> ShownItem:
    return ShownItem(
        kind="question",
        start=source.start,
        end=source.end,
        text=without_controls(source.text) if source.text != source.quote else None,
        quote=without_controls(source.quote),
        grounding=None,
        topic=_line(source.topic),
        round=_line(round_name(source.round)),
    )


def _entry(entry: BankEntry, place_of: Callable[[BankSource], tuple[int, int | None]]) -> ShownEntry:
    return ShownEntry(
        id=entry.id,
        text=one_line(entry.text),
        variants=_lines(entry.variants),
        topics=_lines(entry.topics),
        companies=_lines(entry.companies),
        rounds=_lines(entry.rounds),
        places=tuple(map(place_of, entry.posts)),
    )


def _lines(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(line for text in texts if (line := one_line(text)))


def _line(text: str | None) -> str | None:
    return one_line(text) or None if text else None


def _utf16_offset(text: str) -> Callable[[int], int]:
    """From an offset in code points to one in UTF-16 units, where what is beyond U+FFFF counts two."""
    astral = [found.start() for found in _ASTRAL.finditer(text)]
    return lambda offset: offset + bisect_left(astral, offset)
