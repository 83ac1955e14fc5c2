"""Questions as an Anki deck: the question in front; topic, rounds, companies, posts and room for an answer behind.

A note keeps its identity and its age from deck to deck: importing again adds what is new and updates what changed, and an
answer typed after the last change of its note stays.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile

from agent.errors import MissingExtra
from agent.outputs.bank import Bank, BankEntry, build
from agent.outputs.harmless import one_line, web_url, without_controls
from agent.records import Record


if TYPE_CHECKING:
    import genanki


_DECK_ID, _MODEL_ID = 1_763_500_417, 1_763_500_418  # Anki knows deck and note type again by these
_FIELDS = ("Question", "Answer", "Topic", "Rounds", "Companies", "Asked", "Variants", "Posts")
_FRONT = '<div class="topic">{{Topic}}</div><div class="question">{{Question}}</div>'
_BACK = """{{FrontSide}}<hr id="answer">
<div class="answer">{{#Answer}}{{Answer}}{{/Answer}}{{^Answer}}<span class="aside">…</span>{{/Answer}}</div>
<div class="aside">{{Asked}} {{Rounds}} {{Companies}}</div>
<div class="aside">{{Variants}}</div><div class="aside">{{Posts}}</div>"""
_CSS = """.card { font: 20px/1.6 sans-serif; max-width: 40em; margin: 0 auto; padding: 1em; }
.question { font-weight: 600; } .topic, .aside { font-size: 14px; opacity: .7; } .answer { min-height: 4em; }"""


def write_anki(records: Iterable[Record], path: Path) -> None:
    """A deck of all records' questions, those that mean the same on one note."""
    _genanki()
    write_bank_anki(build(records), path)


def write_bank_anki(bank: Bank, path: Path) -> None:
    """A deck of the bank's questions.

    Raises:
        MissingExtra: genanki is not installed.

    """
    anki = _genanki()
    note_type, note_class = _note_type(anki), _aging_note(anki)
    deck = anki.Deck(_DECK_ID, "面经")
    for entry in bank.entries:
        guid = anki.guid_for("mianjing", entry.id)
        note = note_class(model=note_type, fields=_fields(entry), tags=_tags(entry), guid=guid)
        note.age = _seconds(entry.last_seen)
        deck.add_note(note)
    newest = max((note.age for note in deck.notes), default=1)
    _pack(anki.Package(deck), path, newest)


def _pack(package: genanki.Package, path: Path, newest: int) -> None:
    """What `write_to_file` does, without the file that it leaves behind in the temporary folder."""
    with TemporaryDirectory(prefix="mianjing-") as folder:
        collection = Path(folder) / "collection.anki2"
        try:
            with closing(sqlite3.connect(collection)) as database:
                package.write_to_db(database.cursor(), newest, itertools.count(newest * 1000))
                database.commit()
        except sqlite3.OperationalError as error:
            raise OSError(f"{folder}: {error}") from None
        with ZipFile(path, "w", ZIP_DEFLATED) as archive:
            archive.write(collection, collection.name)
            archive.writestr("media", "{}")


def _genanki() -> Any:
    try:
        import genanki
    except ImportError:
        raise MissingExtra("an Anki deck (.apkg)", "anki") from None
    return genanki


def _note_type(anki: Any) -> genanki.Model:
    templates = [{"name": "Card", "qfmt": _FRONT, "afmt": _BACK}]
    return anki.Model(_MODEL_ID, "面经", fields=[{"name": name} for name in _FIELDS], templates=templates, css=_CSS)


def _aging_note(anki: Any) -> Any:
    class AgingNote(anki.Note):  # type: ignore[misc]
        """A note as old as its newest source, not as its file: Anki lets the newer side win."""

        age = 1

        def write_to_db(self, cursor: Any, _timestamp: float, deck_id: int, id_gen: Any) -> None:
            super().write_to_db(cursor, self.age, deck_id, id_gen)

    return AgingNote


def _fields(entry: BankEntry) -> list[str]:
    return [
        _shown(entry.text),
        "",
        _shown(entry.topic or ""),
        _shown(" ".join(entry.rounds)),
        _shown(" ".join(entry.companies)),
        f"×{entry.count}",
        "<br>".join(map(_shown, entry.variants)),
        "<br>".join(dict.fromkeys(_page(post.title or post.id, post.url) for post in entry.posts)),
    ]


def _page(label: str, url: str | None) -> str:
    address = web_url(url)
    return f'<a href="{_shown(address)}">{_shown(label)}</a>' if address else _shown(label)


def _shown(text: str) -> str:
    # Anki plays [sound:…] and runs [latex] wherever it meets them.
    return escape(without_controls(text)).replace("[", "&#91;").replace("\n", "<br>")


def _tags(entry: BankEntry) -> list[str]:
    named = (("topic", entry.topics), ("round", entry.rounds), ("company", entry.companies))
    return ["mianjing", *(f"{kind}::{one_line(value).replace(' ', '_')}" for kind, values in named for value in values)]


def _seconds(moment: str | None) -> int:
    """Seconds since 1970; 1 for a moment that is none."""
    try:
        told = datetime.fromisoformat(moment or "")
    except ValueError:
        return 1
    return int((told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp())
