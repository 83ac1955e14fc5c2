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
from benchmarks.posts import LabelledPost, posts


ROUNDS = 3
_COUNT = 10_000


def measures(rounds: int) -> Iterator[Comparison]:
    """CPU seconds. Pandas is given its table ready made: one row an item, no layout, nothing merged but equal texts."""
    records = [record_by_rules(given, extract(given)) for given in map(_post, posts(_COUNT))]
    table = pd.DataFrame(_rows(records))
    with tempfile.TemporaryDirectory(prefix="mianjing-bench-") as folder:
        home = Path(folder)
        plain = _plain(table, home / "plain")
        for what, ours, beside in (
            ("report.html", partial(export, records, home / "ours.html"), "to_html"),
            ("bank of questions, bank.md", partial(_bank, records, home / "bank.md"), "groupby, to_csv"),
            ("records.jsonl", partial(export, records, home / "ours.jsonl"), "to_json"),
            ("records.csv", partial(export, records, home / "ours.csv"), "to_csv"),
            ("records.md", partial(export, records, home / "ours.md"), "to_csv"),
            ("records.xlsx", partial(export, records, home / "ours.xlsx"), "to_excel"),
            ("records.parquet", partial(export, records, home / "ours.parquet"), "to_parquet"),
            ("deck.apkg", partial(export, records, home / "ours.apkg"), "to_csv"),
        ):
            mine, theirs = paired(rounds, partial(_seconds, ours), partial(_seconds, plain[beside]))
            name = f"{_COUNT:,} records to {what}"
            yield Comparison(what=name, unit="s", ours=mine, beside=f"pandas {beside}", others=theirs)


def _plain(table: pd.DataFrame, path: Path) -> dict[str, Callable[[], object]]:
    return {
        "to_html": partial(table.to_html, path),
        "groupby, to_csv": partial(_grouped, table, path),
        "to_json": partial(table.to_json, path, orient="records", lines=True, force_ascii=False),
        "to_csv": partial(table.to_csv, path),
        "to_excel": partial(table.to_excel, path.with_suffix(".xlsx"), engine="xlsxwriter"),
        "to_parquet": partial(table.to_parquet, path),
    }


def _post(labelled: LabelledPost) -> Post:
    return Post(id=labelled.id, text=labelled.text)


def _bank(records: Sequence[Record], path: Path) -> None:
    export_bank(build(records), path)


def _grouped(table: pd.DataFrame, path: Path) -> None:
    questions = table[table["kind"] == "question"]
    questions.groupby("quote").agg({"post": "count", "topic": "first"}).sort_values("post").to_csv(path)


def _rows(records: Sequence[Record]) -> Iterator[dict[str, object]]:
    for record in records:
        for kind, items in (("method", record.methods), ("question", record.questions), ("advice", record.advice)):
            for item in items:
                told = item.model_dump(include={"text", "quote", "start", "end"})
                yield {"post": record.post.id, "kind": kind, "topic": getattr(item, "topic", None), **told}


def _seconds(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began
