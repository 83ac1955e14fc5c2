"""What the page's script is given: posts, their items and the bank's entries, as JSON that can stand inside an HTML script element.

Offsets count UTF-16 units here, as JavaScript does; everywhere else they count code points. Knows nothing of how it is shown.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator

from pydantic import BaseModel, ConfigDict

from agent.outputs.bank import Bank, BankEntry, BankSource
from agent.outputs.harmless import one_line, web_url, without_controls
from agent.outputs.rows import kinds_of, text_of
from agent.records import Grounding, Item, Kind, Origin, Question, Record, dump_json


_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_MARKUP = str.maketrans({"<": r"\u003c", ">": r"\u003e", "&": r"\u0026"})


class _Shown(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ShownItem(_Shown):
    """`quote` is null where the post's text is at hand to cut it from, `text` where it is the quote."""

    kind: Kind
    start: int
    end: int
    text: str | None = None
    quote: str | None = None
    grounding: Grounding | None = "exact"
    number: int | None = None
    topic: str | None = None
    round: str | None = None


class ShownPost(_Shown):
    """A post with its items. `origin` and the items' `grounding` are null where only a bank remembers the post."""

    id: str
    title: str = ""
    source: str | None = None
    url: str | None = None
    tags: tuple[str, ...] = ()
    company: str | None = None
    role: str | None = None
    outcome: str | None = None
    summary: str | None = None
    text: str | None = None
    items: tuple[ShownItem, ...] = ()
    origin: Origin | None = None
    model: str | None = None
    at: str | None = None
    warnings: tuple[str, ...] = ()


class ShownEntry(_Shown):
    """A question of the bank; `places` are the numbers of posts, each with that of its item, null where it is not among them."""

    id: str
    text: str
    variants: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()
    rounds: tuple[str, ...] = ()
    places: tuple[tuple[int, int | None], ...] = ()


class Island(_Shown):
    """All that the page shows."""

    posts: tuple[ShownPost, ...] = ()
    entries: tuple[ShownEntry, ...] = ()

    def to_json(self) -> str:
        """JSON without anything that HTML could take for markup, on one line."""
        return as_island(self.model_dump(exclude_defaults=True))


def as_island(value: object) -> str:
    """JSON that means the same to a JSON parser and nothing to an HTML parser."""
    return dump_json(value).translate(_MARKUP)


def island_of(records: Iterable[Record], bank: Bank) -> Island:
    """The records' posts, then those that only the bank knows, and the bank's entries with the way to both."""
    known = list(records)
    numbers = {record.post.sha256: number for number, record in enumerate(known)}
    numbers |= {record.post.id + record.post.sha256: number for number, record in enumerate(known)}
    remembered: dict[str, list[BankSource]] = {}
    for source in (source for entry in bank.entries for source in entry.posts):
        if source.sha256 not in numbers:
            remembered.setdefault(source.sha256, []).append(source)
    numbers |= {digest: number for number, digest in enumerate(remembered, len(known))}
    posts = (*map(_post, known), *map(_remembered_post, remembered.values()))
    spans = [*map(_question_spans, known), *map(_source_spans, remembered.values())]

    def place_of(source: BankSource) -> tuple[int, int | None]:
        number = numbers.get(source.id + source.sha256, numbers[source.sha256])
        return number, spans[number].get((source.start, source.end))

    return Island(posts=posts, entries=tuple(_entry(entry, place_of) for entry in bank.entries))


def _question_spans(record: Record) -> dict[tuple[int, int], int]:
    # Questions come first among a post's items: see `kinds_of`.
    return {(question.start, question.end): number for number, question in enumerate(record.questions)}


def _source_spans(sources: list[BankSource]) -> dict[tuple[int, int], int]:
    return {(source.start, source.end): number for number, source in enumerate(sources)}


def _post(record: Record) -> ShownPost:
    post, context, provenance = record.post, record.context, record.provenance
    return ShownPost(
        id=one_line(post.id),
        title=one_line(post.title),
        source=_line(post.source),
        url=web_url(post.url),
        tags=tuple(map(one_line, post.tags)),
        company=_line(text_of(context.company)),
        role=_line(text_of(context.role)),
        outcome=_line(text_of(context.outcome)),
        summary=_line(record.summary),
        text=record.text,
        items=tuple(_items(record)),
        origin=provenance.origin,
        model=_line(provenance.model),
        at=provenance.at,
        warnings=tuple(map(one_line, provenance.warnings)),
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
                quote=_quote(item) if record.text is None else None,
                grounding=item.grounding,
                number=asked.number if asked else None,
                topic=_line(asked.topic) if asked else None,
                round=_line(asked.round) if asked else None,
            )


def _remembered_post(sources: list[BankSource]) -> ShownPost:
    first = sources[0]
    return ShownPost(
        id=one_line(first.id),
        title=one_line(first.title),
        source=_line(first.source),
        url=web_url(first.url),
        company=_line(first.company),
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
        round=_line(source.round),
    )


def _entry(entry: BankEntry, place_of: Callable[[BankSource], tuple[int, int | None]]) -> ShownEntry:
    return ShownEntry(
        id=entry.id,
        text=one_line(entry.text),
        variants=tuple(map(one_line, entry.variants)),
        topics=tuple(map(one_line, entry.topics)),
        companies=tuple(map(one_line, entry.companies)),
        rounds=tuple(map(one_line, entry.rounds)),
        places=tuple(map(place_of, entry.posts)),
    )


def _quote(item: Item) -> str:
    return without_controls(item.quote)


def _line(text: str | None) -> str | None:
    return one_line(text) or None if text else None


def _utf16_offset(text: str) -> Callable[[int], int]:
    """From an offset in code points to one in UTF-16 units, where what is beyond U+FFFF counts two."""
    astral = [found.start() for found in _ASTRAL.finditer(text)]
    return lambda offset: offset + bisect_left(astral, offset)
