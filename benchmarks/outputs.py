"""Report, bank and exports of 10,000 records, beside pandas doing the plain part of the same."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from agent.extraction.result import record_by_rules
from agent.extraction.rules import extract
from agent.outputs import export
from agent.outputs.bank import build
from agent.outputs.bank_exports import export_bank
from agent.records import Post, Record
from benchmarks.measures import Comparison, paired
from benchmarks.posts import posts


ROUNDS = 3
_COUNT = 10_000


def measures(rounds: int) -> Iterator[Comparison]:
    """Wall time. Pandas is given its table ready made: one row an item, no layout, nothing merged but equal texts."""
    records = [record_by_rules(given, extract(given)) for given in map(_post, posts(_COUNT))]
    table = pd.DataFrame(_rows(records))
    with tempfile.TemporaryDirectory(prefix="mianjing-bench-") as folder:
        home = Path(folder)
        for what, ours, beside, others in (
            ("report.html", _exporting(records, home / "a.html"), "to_html", partial(table.to_html, home / "b.html")),
            ("bank of questions, bank.md", partial(_bank, records, home / "a.md"), "groupby, to_csv", partial(_grouped, table, home / "b.csv")),
            ("records.jsonl", _exporting(records, home / "a.jsonl"), "to_json", partial(table.to_json, home / "b.jsonl", orient="records", lines=True, force_ascii=False)),
            ("records.json", _exporting(records, home / "a.json"), "to_json", partial(table.to_json, home / "b.json", orient="records", force_ascii=False)),
            ("records.csv", _exporting(records, home / "a.csv"), "to_csv", partial(table.to_csv, home / "b.csv")),
            ("records.md", _exporting(records, home / "c.md"), "to_csv", partial(table.to_csv, home / "b.csv")),
            ("records.xlsx", _exporting(records, home / "a.xlsx"), "to_excel", partial(table.to_excel, home / "b.xlsx", engine="xlsxwriter")),
            ("records.parquet", _exporting(records, home / "a.parquet"), "to_parquet", partial(table.to_parquet, home / "b.parquet")),
            ("deck.apkg", _exporting(records, home / "a.apkg"), "to_csv", partial(table.to_csv, home / "b.csv")),
        ):
            mine, theirs = paired(rounds, partial(_seconds, ours), partial(_seconds, others))
            yield Comparison(what=f"{_COUNT:,} records to {what}", unit="s", ours=mine, beside=f"pandas {beside}", others=theirs)


def _post(labelled: object) -> Post:
    return Post(id=labelled.id, text=labelled.text)


def _exporting(records: Sequence[Record], path: Path) -> Callable[[], None]:
    return partial(export, records, path)


def _bank(records: Sequence[Record], path: Path) -> None:
    export_bank(build(records), path)


def _grouped(table: pd.DataFrame, path: Path) -> None:
    questions = table[table["kind"] == "question"]
    questions.groupby("quote").agg({"post": "count", "topic": "first"}).sort_values("post").to_csv(path)


def _rows(records: Sequence[Record]) -> Iterator[dict[str, object]]:
    for record in records:
        for kind, items in (("method", record.methods), ("question", record.questions), ("advice", record.advice)):
            for item in items:
                yield {"post": record.post.id, "kind": kind, "topic": getattr(item, "topic", None), **item.model_dump(include={"text", "quote", "start", "end"})}


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
