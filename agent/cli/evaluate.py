"""`mianjing eval`: records, or what ladders make now, held against labels; a table for people, JSON for programs. It counts nothing itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.cli.tables import print_table
from agent.cli.tell import harmless, say, tell
from agent.errors import UsageError
from agent.evaluation import Gold, Place, Report, Row, evaluate, read_gold
from agent.extractor import Extractor
from agent.inputs.results import json_rows, read_records
from agent.language import t
from agent.records import Post, Record, dump_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """What is to be scored, as given."""

    gold: Path
    records: Path | None
    models: list[str]
    base_url: str | None
    offline: bool
    show: bool
    as_json: bool


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the table."""

    what: str
    score: Row


def run(scoring: Scoring) -> None:
    gold = [read_gold(row, str(scoring.gold), number=number) for number, row in json_rows(scoring.gold)]
    if not gold:
        raise UsageError(f"{scoring.gold} holds no labelled post")
    reports = {what: evaluate(gold, records) for what, records in _contenders(scoring, gold)}
    if scoring.as_json:
        told = {what: report.to_json(listed=scoring.show) for what, report in reports.items()}
        print(dump_json(told, indent=2))  # noqa: T201
        return
    _print_scores(reports)
    if scoring.show:
        for what, report in reports.items():
            _print_places(f"{what}: missed", report.misses)
            _print_places(f"{what}: false", report.false)


def _contenders(scoring: Scoring, gold: list[Gold]) -> Iterator[tuple[str, dict[str, Record]]]:
    """Whose records are scored, by name: those of a file, of the rules, of each ladder."""
    if scoring.records:
        yield scoring.records.name, {record.post.id: record for record in read_records(scoring.records)}
        return
    ladders: list[str | None] = ["rules"] if scoring.offline else [*scoring.models] or [None]
    posts = [Post(text=one.text, id=one.id, title=one.title or "") for one in gold]
    for models in ladders:
        with Extractor(models=models, base_url=scoring.base_url, fresh=True) as extractor:
            name = models or ",".join(map(str, extractor.names))
            records = {record.post.id: record for record in extractor.stream(posts)}
        by_rules = sum(record.provenance.origin == "rules" for record in records.values())
        if by_rules and not extractor.offline:
            tell(
                "mianjing: {count} of {posts} posts have a result from the rules: {ladder} could not serve them",
                count=by_rules,
                posts=len(records),
                ladder=name,
            )
        yield name, records


def _print_scores(reports: dict[str, Report]) -> None:
    lines = [_Line(what, row) for what, report in reports.items() for row in report.rows()]
    print_table(
        lines,
        {
            "of": lambda line: line.what,
            "kind": lambda line: line.score.kind,
            "precision": lambda line: f"{line.score.precision:.3f}",
            "recall": lambda line: f"{line.score.recall:.3f}",
            "F1": lambda line: f"{line.score.f1:.3f}",
            "right": lambda line: line.score.right,
            "false": lambda line: line.score.false,
            "missed": lambda line: line.score.missed,
        },
    )
    for what, report in reports.items():
        shares = ", ".join(f"{name} {share:.1%}" for name, share in report.grounding_shares.items())
        say(t("{what}: {count} posts; grounding: {shares}", what=what, count=report.posts, shares=shares))


def _print_places(title: str, places: tuple[Place, ...]) -> None:
    print(f"\n{title} ({len(places)})")  # noqa: T201
    for place in places:
        where = f"{place.post} {place.kind} {place.start}-{place.end}"
        print(harmless(f"  {where} {json.dumps(place.quote, ensure_ascii=False)}"))  # noqa: T201
