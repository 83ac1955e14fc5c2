"""The Anki deck as Anki's database sees it."""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from agent.outputs import export
from agent.outputs.bank import build
from agent.outputs.bank_exports import export_bank
from agent.records import Record
from tests.outputs.samples import NASTY_LINES, asked, nasty_record


@dataclass(frozen=True)
class Note:
    guid: str
    age: int
    tags: str
    fields: tuple[str, ...]
    model: int
    deck: int


def notes_of(path: Path) -> list[Note]:
    with zipfile.ZipFile(path) as archive:
        database = Path(archive.extract("collection.anki2", path.parent))
        assert archive.read("media") == b"{}"
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute(
            "SELECT guid, n.mod, tags, flds, mid, did FROM notes n JOIN cards c ON c.nid = n.id"
        ).fetchall()
    return [
        Note(guid, age, tags, tuple(fields.split("\x1f")), model, deck) for guid, age, tags, fields, model, deck in rows
    ]


def exported(records: Iterable[Record], path: Path) -> list[Note]:
    export(records, path)
    return notes_of(path)


def test_one_note_a_question_with_room_for_the_answer(tmp_path: Path) -> None:
    records = [
        asked("什么是 LoRA", post="a", company="什么是", topic="大模型 微调", round="一面"),
        asked("请问LoRA是什么？", "讲讲索引", post="b", round="二面"),
    ]
    lora, index = exported(records, tmp_path / "x.apkg")
    assert lora.fields == (
        "什么是 LoRA", "", "大模型 微调", "一面 二面", "什么是", "×2", "请问LoRA是什么？",
        '<a href="https://example.com/a">帖子 a</a><br><a href="https://example.com/b">帖子 b</a>',
    )  # fmt: skip
    assert lora.tags.split() == ["mianjing", "topic::大模型_微调", "round::一面", "round::二面", "company::什么是"]
    assert index.fields[0] == "讲讲索引"


def test_importing_again_updates_and_adds(tmp_path: Path) -> None:
    early = asked("什么是 LoRA", "讲讲索引", post="a", at="2026-11-01T00:00:00Z")
    late = asked("LoRA 是什么呢？", "死锁怎么避免", post="b", at="2026-11-02T00:00:00Z")
    before = {note.fields[0]: note for note in exported([early], tmp_path / "before.apkg")}
    after = {note.guid: note for note in exported([late, early], tmp_path / "after.apkg")}
    assert len(after) == 3
    assert {note.guid for note in before.values()} < set(after)
    changed, same = before["什么是 LoRA"], before["讲讲索引"]
    assert after[changed.guid].age - changed.age == 24 * 60 * 60
    assert after[same.guid] == same  # so Anki leaves an answer typed in meanwhile alone


def test_the_same_records_make_the_same_notes_in_any_order(tmp_path: Path) -> None:
    records = [asked("什么是 LoRA", "讲讲索引", post="a"), asked("LoRA 是什么", post="b"), nasty_record()]
    assert exported(records, tmp_path / "one.apkg") == exported(records[::-1], tmp_path / "two.apkg")


def test_a_deck_of_records_is_the_deck_of_their_bank(tmp_path: Path) -> None:
    records = [asked("什么是 LoRA", post="a"), asked("LoRA 是什么", post="b")]
    export_bank(build(records), tmp_path / "bank.apkg")
    assert notes_of(tmp_path / "bank.apkg") == exported(records, tmp_path / "records.apkg")


def test_the_worst_post_is_text_and_nothing_is_lost(tmp_path: Path) -> None:
    notes = exported([nasty_record()], tmp_path / "x.apkg")
    tags: list[str] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: tags.append(tag)  # type: ignore[method-assign]
    for note in notes:
        assert len(note.fields) == 8
        assert not [field for field in note.fields if "[sound:" in field or "[latex]" in field]
        for field in note.fields:
            parser.feed(field)
    assert set(tags) <= {"br"}
    assert sum(int(note.fields[5].removeprefix("×")) for note in notes) == len(NASTY_LINES)
    assert not [tag for note in notes for tag in note.tags.split() if "\x1b" in tag]
