"""The question bank: the questions of many posts, those that mean the same merged, with how often and where each was asked.

The same records give the same bank in any order, whether they come at once or join an existing bank. Knows nothing of formats.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from agent.outputs.aliases import company_name, round_name
from agent.outputs.harmless import one_line
from agent.outputs.merging import merged, name_of
from agent.outputs.rows import text_of
from agent.records import Record, dump_json, text_digest


class BankSource(BaseModel):
    """One place where a question was asked: `quote` stands at `start` to `end` of the post whose text has this digest."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: str = ""
    url: str | None = None
    source: str | None = None
    sha256: str
    text: str
    quote: str
    start: int
    end: int
    company: str | None = None
    round: str | None = None
    topic: str | None = None
    at: str
    """When the record was made; a record does not know when its post was."""


class BankEntry(BaseModel):
    """One question, however it was worded."""

    model_config = ConfigDict(extra="forbid")

    id: str
    """Stays while the first of its sources stays, whatever joins later."""
    text: str
    """The wording met most often; of equals the shortest."""
    count: int
    variants: list[str] = Field(default_factory=list)
    """The other wordings, the frequent first."""
    topic: str | None = None
    """The topic met most often."""
    topics: list[str] = Field(default_factory=list)
    companies: list[str] = Field(default_factory=list)
    rounds: list[str] = Field(default_factory=list)
    first_seen: str | None = None
    last_seen: str | None = None
    posts: list[BankSource] = Field(default_factory=list)


class Bank(BaseModel):
    """Entries, the most frequent first, then by text."""

    model_config = ConfigDict(extra="forbid")

    schema_version: Annotated[Literal["1"], Field(description="the version of this schema")] = "1"
    posts: int = 0
    """How many posts the questions come from."""
    entries: list[BankEntry] = Field(default_factory=list)

    def by_topic(self) -> list[tuple[str | None, list[BankEntry]]]:
        """The entries of each topic, in their order; the topics asked most often first, those without one last."""
        groups: dict[str | None, list[BankEntry]] = {}
        for entry in self.entries:
            groups.setdefault(entry.topic, []).append(entry)
        return sorted(
            groups.items(),
            key=lambda group: (group[0] is None, -sum(entry.count for entry in group[1]), group[0] or ""),
        )

    def to_json(self, *, indent: int | None = None) -> str:
        return dump_json(self.model_dump(mode="json"), indent=indent)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        return cls.model_validate(json.loads(text))


def build(records: Iterable[Record], *, into: Bank | None = None) -> Bank:
    """The bank of all records' questions, and of those that `into` holds already.

    A post counts once, by the digest of its text: of several records of one text the newest speaks.
    """
    newest: dict[str, list[BankSource]] = {}
    for sources in (*_sources_by_post(into or Bank()), *map(_sources_of, records)):
        if sources and _rank(sources) > _rank(newest.get(sources[0].sha256, [])):
            newest[sources[0].sha256] = sources
    asked = [source for sources in newest.values() for source in sources]
    group_of = merged({source.text for source in asked})
    groups: dict[str, list[BankSource]] = {}
    for source in asked:
        groups.setdefault(group_of[source.text], []).append(source)
    entries = sorted(map(_entry, groups.values()), key=lambda entry: (-entry.count, entry.text, entry.id))
    return Bank(posts=len(newest), entries=entries)


def _sources_by_post(bank: Bank) -> Iterable[list[BankSource]]:
    posts: dict[str, list[BankSource]] = {}
    for entry in bank.entries:
        for source in entry.posts:
            posts.setdefault(source.sha256, []).append(source)
    return posts.values()


def _sources_of(record: Record) -> list[BankSource]:
    post, company = record.post, text_of(record.context.company)
    spans = {(question.start, question.end): question for question in record.questions}
    return [
        BankSource(
            id=post.id,
            title=post.title,
            url=post.url,
            source=post.source,
            sha256=post.sha256,
            text=question.text,
            quote=question.quote,
            start=question.start,
            end=question.end,
            company=company,
            round=question.round,
            topic=question.topic,
            at=record.provenance.at,
        )
        for question in spans.values()
    ]


def _rank(sources: list[BankSource]) -> tuple[str, int, list[str]]:
    if not sources:
        return "", 0, []
    return sources[0].at, len(sources), sorted(dump_json(source.model_dump(mode="json")) for source in sources)


def _entry(sources: list[BankSource]) -> BankEntry:
    posts = sorted(sources, key=lambda source: (source.at, source.id, source.sha256, source.start, source.end))
    first, *others = _frequent((one_line(source.text) for source in posts), shortest=True) or [""]
    topics = _frequent(source.topic for source in posts)
    return BankEntry(
        id=text_digest(name_of(posts[0].text))[:16],
        text=first,
        count=len(posts),
        variants=others,
        topic=next(iter(topics), None),
        topics=topics,
        companies=_frequent(company_name(source.company) for source in posts),
        rounds=_frequent(round_name(source.round) for source in posts),
        first_seen=posts[0].at,
        last_seen=posts[-1].at,
        posts=posts,
    )


def _frequent(values: Iterable[str | None], *, shortest: bool = False) -> list[str]:
    counts = Counter(value for value in values if value)
    return sorted(counts, key=lambda value: (-counts[value], len(value) if shortest else 0, value))
