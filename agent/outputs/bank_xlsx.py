"""The bank as a workbook: a sheet of questions, most asked first, and a sheet of the places where each was asked."""

from __future__ import annotations

from pathlib import Path

from agent.outputs.bank import Bank, BankEntry, BankSource
from agent.outputs.workbook import Cell, Column, Link, opened


_QUESTIONS = (
    Column("Question", 60), Column("Asked", 8), Column("Topic", 16), Column("Companies", 24), Column("Rounds", 14),
    Column("First seen", 22), Column("Last seen", 22), Column("A post", 30), Column("Other wordings", 60), Column("Id", 18),
)  # fmt: skip
_PLACES = (
    Column("Question", 50), Column("Post", 30), Column("Company", 14), Column("Round", 10), Column("Topic", 16),
    Column("Quote", 50), Column("Start", 8), Column("End", 8), Column("Source", 24), Column("Post id", 26), Column("Made at", 22),
)  # fmt: skip


def write_bank_xlsx(bank: Bank, path: Path) -> None:
    with opened(path) as book:
        questions, places = book.sheet("Questions", _QUESTIONS), book.sheet("Posts", _PLACES)
        for entry in bank.entries:
            questions.add(_question_cells(entry))
            for source in entry.posts:
                places.add(_place_cells(entry, source))


def _question_cells(entry: BankEntry) -> list[Cell]:
    lists = [", ".join(entry.companies), ", ".join(entry.rounds)]
    return [
        entry.text, entry.count, entry.topic, *lists, entry.first_seen, entry.last_seen,
        _page(entry.posts[-1]), "\n".join(entry.variants), entry.id,
    ]  # fmt: skip


def _place_cells(entry: BankEntry, source: BankSource) -> list[Cell]:
    place: list[Cell] = [source.quote, source.start, source.end, source.source, source.id, source.at]
    return [entry.text, _page(source), source.company, source.round, source.topic, *place]


def _page(source: BankSource) -> Link:
    return Link(source.title or source.id, source.url)
