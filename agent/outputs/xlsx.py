"""Records as a workbook: a sheet each for questions, methods, advice and posts, with links to the posts' pages. What Excel forbids is `workbook`'s to know."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from agent.outputs.rows import Row, rows_of, text_of
from agent.outputs.workbook import Cell, Column, Link, Sheet, opened
from agent.records import Kind, Record


_ABOUT_POST = (
    Column("Post", 30), Column("Company", 14), Column("Role", 14), Column("Quote", 40), Column("Grounding", 11),
    Column("Start", 8), Column("End", 8), Column("Origin", 12), Column("Model", 22), Column("Source", 24), Column("Post id", 26),
)  # fmt: skip
_QUESTIONS = (Column("Question", 60), Column("Topic", 16), Column("Round", 10), Column("Number", 8), *_ABOUT_POST)
_OTHERS = (Column("Text", 60), *_ABOUT_POST)
_POSTS = (
    Column("Post", 40), Column("Company", 14), Column("Role", 14), Column("Outcome", 14), Column("Summary", 50),
    Column("Questions", 10), Column("Methods", 10), Column("Advice", 10), Column("Characters", 11), Column("Tags", 30),
    Column("Origin", 12), Column("Model", 22), Column("Made at", 22), Column("Input tokens", 12), Column("Output tokens", 13),
    Column("Cost USD", 10), Column("Warnings", 40), Column("Source", 24), Column("Post id", 26),
)  # fmt: skip


def write_xlsx(records: Iterable[Record], path: Path) -> None:
    """Write the workbook; every record has a row among the posts, every item one in its kind's sheet."""
    with opened(path) as book:
        sheets: dict[Kind, Sheet] = {
            "question": book.sheet("Questions", _QUESTIONS),
            "method": book.sheet("Methods", _OTHERS),
            "advice": book.sheet("Advice", _OTHERS),
        }
        posts = book.sheet("Posts", _POSTS)
        for record in records:
            for row in rows_of(record):
                sheets[row.kind].add(_item_cells(row))
            posts.add(_post_cells(record))


def _item_cells(row: Row) -> list[Cell]:
    own: list[Cell] = [row.text, row.topic, row.round, row.number] if row.kind == "question" else [row.text]
    page = Link(row.title or row.post_id, row.url)
    quoted: list[Cell] = [row.quote, row.grounding, row.start, row.end]
    return [*own, page, row.company, row.role, *quoted, row.origin, row.model, row.source, row.post_id]


def _post_cells(record: Record) -> list[Cell]:
    post, context, made = record.post, record.context, record.provenance
    page = Link(post.title or post.id, post.url)
    told: list[Cell] = [text_of(context.company), text_of(context.role), text_of(context.outcome), record.summary]
    counts: list[Cell] = [len(record.questions), len(record.methods), len(record.advice), post.chars]
    spent: list[Cell] = [made.at, made.input_tokens, made.output_tokens, made.cost_usd]
    tags, warnings = " ".join(post.tags), "\n".join(made.warnings)
    return [page, *told, *counts, tags, made.origin, made.model, *spent, warnings, post.source, post.id]
