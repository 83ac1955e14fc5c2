"""What the rules and the grounding cost in CPU, beside a JSON round trip of the same record, and whether 100 kB stay linear."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self, TypeVar

from agent.extraction.check import settle
from agent.extraction.findings import Findings
from agent.extraction.result import record_by_rules
from agent.extraction.rules import extract
from agent.extraction.said import PostAnswer, RawItem
from agent.records import Kind, Post, Record
from benchmarks.measures import Comparison, paired
from benchmarks.posts import LabelledPost, posts


One = TypeVar("One")

ROUNDS = 7
_KINDS: Mapping[str, Kind] = {"methods": "method", "questions": "question", "advice": "advice"}
_COUNT = 100
_SMALL, _LARGE = 10_000, 100_000
_ROUND_TRIP = "the record to JSON and back"


@dataclass(frozen=True, slots=True)
class Case:
    """One post, what a model said of it, and what the rules see in it."""

    post: Post
    said: PostAnswer
    seen: Findings

    @classmethod
    def of(cls, labelled: Sequence[LabelledPost]) -> Self:
        """All of them as one text."""
        text = Post(text="\n".join(one.text for one in labelled))
        return cls(text, PostAnswer(tuple(item for one in labelled for item in _items(one))), extract(text))

    def rule(self) -> Record:
        return record_by_rules(self.post, extract(self.post))

    def ground(self) -> object:
        return settle(self.post, self.said, self.seen)

    def both(self) -> None:
        self.rule()
        self.ground()


def measures(rounds: int) -> Iterator[Comparison]:
    """Milliseconds of CPU for a post, then for a kilobyte of long texts."""
    cases = [Case.of([one]) for one in posts(_COUNT)]
    records = [case.rule() for case in cases]
    plain = [record.model_dump(mode="json") for record in records]
    compare = partial(_compared, rounds)
    trips = partial(_each, _round_trip, records)
    ruled, grounded, both = (partial(_each, act, cases) for act in (Case.rule, Case.ground, Case.both))
    yield compare("rules, a record made", ruled, _ROUND_TRIP, trips)
    yield compare("grounding and check of an answer", grounded, _ROUND_TRIP, trips)
    yield compare("rules and grounding", both, _ROUND_TRIP, trips, target=10.0)
    yield compare("rules and grounding", both, "json.dumps and loads of its dict", partial(_each, _plain_trip, plain))
    small, large = _long(_SMALL), _long(_LARGE)
    for what, act in (("rules", Case.rule), ("grounding", Case.ground)):
        sides = partial(_each, act, [large], _LARGE // 1000), partial(_each, act, [small], _SMALL // 1000)
        yield compare(f"{what} on 100 kB, for each kB", sides[0], "on 10 kB, for each kB", sides[1], target=1.5)


def _compared(
    rounds: int,
    what: str,
    ours: Callable[[], float],
    beside: str,
    others: Callable[[], float],
    target: float | None = None,
) -> Comparison:
    mine, theirs = paired(rounds, ours, others)
    return Comparison(what=what, unit="ms", ours=mine, beside=beside, others=theirs, target=target)


def _each(act: Callable[[One], object], ones: Sequence[One], parts: int = _COUNT) -> float:
    """Milliseconds of CPU for each part."""
    began = time.process_time()
    for one in ones:
        act(one)
    return 1000 * (time.process_time() - began) / parts


def _round_trip(record: Record) -> Record:
    return Record.from_json(record.to_json())


def _plain_trip(plain: dict[str, object]) -> object:
    return json.loads(json.dumps(plain, ensure_ascii=False))


def _long(chars: int) -> Case:
    """Posts put together to a text of about so many characters."""
    return Case.of(posts(round(chars / len(Case.of(posts(100)).post.text) * 100)))


def _items(labelled: LabelledPost) -> Iterator[RawItem]:
    for kind, quotes in labelled.quotes.items():
        yield from (RawItem(_KINDS[kind], quote) for quote in quotes)
