"""One flat row for each item of a record: what CSV, workbooks and data frames show. Texts are as they are in the record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from agent.language import words
from agent.records import Item, Kind, Question, Record


@dataclass(frozen=True, slots=True)
class Row:
    """An item with all that its post says about it. `start` and `end` are code points in the post's text."""

    kind: Kind
    text: str
    quote: str
    number: int | None
    round: str | None
    topic: str | None
    start: int
    end: int
    grounding: str
    post_id: str
    title: str
    url: str | None
    source: str | None
    company: str | None
    role: str | None
    model: str | None
    origin: str


_RULES = words(alone="by rules", beside="completed by rules")

COLUMNS = tuple(field.name for field in fields(Row))


def kinds_of(record: Record) -> Iterator[tuple[Kind, list[Question] | list[Item]]]:
    """Questions, methods, advice: the order in which they are shown everywhere."""
    yield "question", record.questions
    yield "method", record.methods
    yield "advice", record.advice


def text_of(item: Item | None) -> str | None:
    return item.text if item else None


def told_context(record: Record) -> list[str]:
    """Company, role and outcome, those that the post tells, in this order."""
    context = record.context
    return [item.text for item in (context.company, context.role, context.outcome) if item]


def told_maker(record: Record) -> list[str]:
    """Who made it: the model's name, and what the rules had to do with it, for `t` to translate."""
    model = record.provenance.model or ""
    by = {"model": [model], "rules": [_RULES["alone"]], "model+rules": [model, _RULES["beside"]]}
    return by[record.provenance.origin]


def rows_of(record: Record) -> Iterator[Row]:
    for kind, items in kinds_of(record):
        for item in items:
            yield _row(record, kind, item)


def _row(record: Record, kind: Kind, item: Item) -> Row:
    question = item if isinstance(item, Question) else None
    return Row(
        kind=kind,
        text=item.text,
        quote=item.quote,
        number=question.number if question else None,
        round=question.round if question else None,
        topic=question.topic if question else None,
        start=item.start,
        end=item.end,
        grounding=item.grounding,
        post_id=record.post.id,
        title=record.post.title,
        url=record.post.url,
        source=record.post.source,
        company=text_of(record.context.company),
        role=text_of(record.context.role),
        model=record.provenance.model,
        origin=record.provenance.origin,
    )
