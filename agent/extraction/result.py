"""Turns findings into records: quotes cut from the post's own text, and how the record came to be. Finds and drops nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from agent.extraction.findings import Finding, Findings, Place
from agent.ladder import RULES
from agent.records import Attempt, Context, Item, Origin, Post, PostInfo, Provenance, Question, Record


if TYPE_CHECKING:
    from agent.extraction.ask import Answered, Spent

# Of a dollar, behind the point: no price is finer.
_DIGITS = 12


def record_by_rules(post: Post, seen: Findings, spent: Spent | None = None, *, warnings: Sequence[str] = ()) -> Record:
    """The record that the rules make of a post; `spent` tells of the models that were asked in vain."""
    provenance = _provenance(RULES, "rules", spent)
    provenance.warnings = [*post.warnings, *seen.warnings, *warnings]
    return _record(post, seen, provenance)


def record_of_answer(answered: Answered, place: int, spent: Spent) -> Record:
    """The record of one post of a model's answer, completed by what the rules are sure of."""
    from agent.extraction.check import filled_in

    post, settled = answered.ask.posts[place], answered.settled[place]
    provenance = _provenance(answered.model, "model+rules" if settled.missing else "model", spent)
    provenance.model_version = answered.model_version
    provenance.prompt = answered.prompt
    provenance.packed_with = len(answered.ask.posts) - 1
    provenance.warnings = [*post.warnings, *settled.warnings]
    return _record(post, filled_in(settled), provenance)


def post_info(post: Post, tags_in_text: Sequence[str] = ()) -> PostInfo:
    return PostInfo(
        id=post.id,
        title=post.title,
        source=post.source,
        url=post.url,
        tags=list(dict.fromkeys((*post.tags, *tags_in_text))),
        chars=len(post.text),
        sha256=post.sha256,
    )


def money_shares(total: Decimal | None, parts: int) -> Iterator[Decimal | None]:
    """An amount shared out evenly, to the millionth of a millionth, so that the parts sum to it again."""
    for share in shares(None if total is None else int(total.scaleb(_DIGITS)), parts):
        yield None if share is None else Decimal(share).scaleb(-_DIGITS)


def shares(total: int | None, parts: int) -> Iterator[int | None]:
    """A total shared out evenly, so that the parts sum to it again. Example: 7 over 3 -> 3, 2, 2."""
    for place in range(parts):
        yield None if total is None else total // parts + (place < total % parts)


def _provenance(model: str, origin: Origin, spent: Spent | None) -> Provenance:
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    provenance = Provenance(model=model, at=at, origin=origin)
    if spent:
        provenance.attempts = list[Attempt](spent.attempts)
        provenance.input_tokens, provenance.output_tokens = spent.input_tokens, spent.output_tokens
        if spent.input_tokens is not None and spent.cost is not None:
            provenance.cost_usd = float(spent.cost)
    return provenance


def _record(post: Post, findings: Findings, provenance: Provenance) -> Record:
    of_kind = {kind: [one for one in findings.items if one.kind == kind] for kind in ("method", "question", "advice")}
    record = Record(
        post=post_info(post, findings.tags),
        summary=findings.summary,
        context=Context(
            company=_placed(post, findings.company),
            role=_placed(post, findings.role),
            outcome=_placed(post, findings.outcome),
        ),
        methods=[_item(post, one) for one in of_kind["method"]],
        questions=[_question(post, one) for one in of_kind["question"]],
        advice=[_item(post, one) for one in of_kind["advice"]],
        provenance=provenance,
    )
    return record.with_text(post.text)


def _item(post: Post, found: Finding | Place) -> Item:
    return Item(**_parts(post, found))


def _parts(post: Post, found: Finding | Place) -> dict[str, Any]:
    quote = post.text[found.start : found.end]
    return {
        "text": found.text or quote,
        "quote": quote,
        "start": found.start,
        "end": found.end,
        "grounding": found.grounding,
    }


def _question(post: Post, found: Finding) -> Question:
    return Question(**_parts(post, found), number=found.number, topic=found.topic, round=found.round)


def _placed(post: Post, place: Place | None) -> Item | None:
    return _item(post, place) if place else None
