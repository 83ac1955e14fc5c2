"""What the rules and the grounding cost in CPU, beside a JSON round trip of the same record, and whether 100 kB stay linear."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

from agent.extraction.check import settle
from agent.extraction.result import record_by_rules
from agent.extraction.rules import extract
from agent.extraction.said import PostAnswer, RawItem
from agent.records import Post, Record
from benchmarks.measures import Comparison, paired
from benchmarks.posts import LabelledPost, posts


ROUNDS = 7
_KINDS = {"methods": "method", "questions": "question", "advice": "advice"}
_LARGE = 100_000


def measures(rounds: int) -> Iterator[Comparison]:
    """Milliseconds for each of 100 posts, then for texts of 10 and 100 kB."""
    labelled = posts(100)
    given = [Post(id=one.id, text=one.text) for one in labelled]
    said = [_said(one) for one in labelled]
    seen = [extract(one) for one in given]
    records = [record_by_rules(*pair) for pair in zip(given, seen, strict=True)]
    plain = [record.model_dump(mode="json") for record in records]

    def ruled() -> None:
        for one in given:
            record_by_rules(one, extract(one))

    def grounded() -> None:
        for one, answer, known in zip(given, said, seen, strict=True):
            settle(one, answer, known)

    def both() -> None:
        ruled()
        grounded()

    def round_trips() -> None:
        for record in records:
            Record.from_json(record.to_json())

    def plain_trips() -> None:
        for one in plain:
            json.loads(json.dumps(one, ensure_ascii=False))

    for what, ours, beside, others, target in (
        ("rules, a record made", ruled, "the record to JSON and back", round_trips, None),
        ("grounding and check of an answer", grounded, "the record to JSON and back", round_trips, None),
        ("rules and grounding", both, "the record to JSON and back", round_trips, 10.0),
        ("rules and grounding", both, "json.loads(json.dumps(…)) of its dict", plain_trips, None),
    ):
        mine, theirs = paired(rounds, lambda act=ours: _cpu_ms(act, 100), lambda act=others: _cpu_ms(act, 100))
        yield Comparison(what=what, unit="ms", ours=mine, beside=beside, others=theirs, target=target)
    yield from _linearity(rounds)


def _linearity(rounds: int) -> Iterator[Comparison]:
    """CPU for a thousand characters, of a text of 100 kB beside one of 10 kB."""
    whole = "\n".join(one.text for one in posts(400))
    large, small = Post(text=whole[:_LARGE]), Post(text=whole[: _LARGE // 10])
    items = tuple(item for one in posts(400) for item in _said(one).items)
    for what, act in (
        ("rules on 100 kB, per kB", lambda post: extract(post)),
        ("grounding on 100 kB, per kB", _grounder(items)),
    ):
        mine, theirs = paired(
            rounds,
            lambda act=act: _cpu_ms(lambda: act(large), _LARGE // 1000),
            lambda act=act: _cpu_ms(lambda: act(small), _LARGE // 10_000),
        )
        yield Comparison(what=what, unit="ms", ours=mine, beside="on 10 kB, per kB", others=theirs, target=1.5)


def _grounder(items: tuple[RawItem, ...]) -> Callable[[Post], object]:
    def ground(post: Post) -> object:
        inside = PostAnswer(tuple(item for item in items if item.quote in post.text[: len(post.text)]))
        return settle(post, inside, extract(post))

    return ground


def _said(labelled: LabelledPost) -> PostAnswer:
    return PostAnswer(tuple(RawItem(_KINDS[kind], quote) for kind, quotes in labelled.quotes.items() for quote in quotes))


def _cpu_ms(act: Callable[[], object], parts: int) -> float:
    began = time.process_time()
    act()
    return 1000 * (time.process_time() - began) / parts
