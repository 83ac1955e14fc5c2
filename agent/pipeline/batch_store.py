"""The store, with the batch jobs that are under way: which posts went with each, whole, so that answers can be read without the input.

A post is in one job at most. It leaves when the job is closed, after what came of it was kept.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from agent.gemini.process import Process, is_alive
from agent.pipeline.store import Store
from agent.records import Post, dump_json


_TABLES = """
CREATE TABLE IF NOT EXISTS batches (
    label TEXT PRIMARY KEY, name TEXT NOT NULL, key TEXT NOT NULL, tail TEXT NOT NULL, model TEXT NOT NULL,
    prompt TEXT NOT NULL, at TEXT NOT NULL, machine TEXT NOT NULL, pid INTEGER NOT NULL, born TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batch_posts (
    digest TEXT PRIMARY KEY, label TEXT NOT NULL, line INTEGER NOT NULL, place INTEGER NOT NULL, post TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS batch_lines ON batch_posts (label, line, place);
"""
# A program of another machine cannot be asked whether it lives.
_LONGEST_SENDING = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class BatchEntry:
    """One job that was submitted, or was about to be."""

    label: str
    """Our own name for it, which the service keeps: known before it is submitted."""
    name: str
    """The service's name for it; empty where the program ended before it was told."""
    key: str
    """The fingerprint of the key that submitted it."""
    tail: str
    """How that key is named to people: `…A1b2`."""
    model: str
    prompt: str
    """The label of the prompt that asks in it."""
    at: str
    """When it was submitted, in UTC."""
    machine: str
    pid: int
    born: str

    def is_being_sent(self, now: datetime) -> bool:
        """Whether a living program is about to submit it."""
        is_young = now - datetime.fromisoformat(self.at) < _LONGEST_SENDING
        return not self.name and is_young and is_alive(Process(self.machine, self.pid, self.born))


class BatchStore(Store):
    """The same file, and two tables more."""

    def __init__(self, home: Path) -> None:
        """Raises `StateError` where the folder cannot be used."""
        super().__init__(home)
        with self._using() as db:
            db.executescript(_TABLES)

    def enter(self, entry: BatchEntry, lines: Sequence[Sequence[Post]]) -> bool:
        """Remember a job before it is submitted. False, and nothing is done, where another has one of its posts."""
        posts = [
            (post.digest, entry.label, number, place, dump_json(post.model_dump(mode="json")))
            for number, line in enumerate(lines)
            for place, post in enumerate(line)
        ]
        with self._using() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                db.executemany("INSERT INTO batch_posts VALUES (?, ?, ?, ?, ?)", posts)
                db.execute("INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", astuple(entry))
                db.execute("COMMIT")
            except BaseException as error:
                with suppress(sqlite3.Error):  # a full disk has done so already
                    db.execute("ROLLBACK")
                if isinstance(error, sqlite3.IntegrityError):
                    return False
                raise
        return True

    def name(self, label: str, name: str) -> None:
        """The service has taken it, under this name."""
        self._write("UPDATE batches SET name = ? WHERE label = ?", (name, label))

    def close_job(self, label: str) -> None:
        """Forget a job: what came of it is kept, or nothing will."""
        with self._using() as db:
            db.execute("BEGIN IMMEDIATE")
            db.execute("DELETE FROM batch_posts WHERE label = ?", (label,))
            db.execute("DELETE FROM batches WHERE label = ?", (label,))
            db.execute("COMMIT")

    def jobs(self) -> list[BatchEntry]:
        """All that are under way, the oldest first."""
        with self._using() as db:
            rows = db.execute("SELECT * FROM batches ORDER BY at, label").fetchall()
        return [BatchEntry(*row) for row in rows]

    def job_of(self, post: Post) -> str | None:
        """The label of the job that this post is in."""
        row = self._one("SELECT label FROM batch_posts WHERE digest = ?", post.digest)
        return row[0] if row else None

    def size(self, label: str) -> int:
        """How many posts a job has."""
        with self._using() as db:
            (count,) = db.execute("SELECT count(*) FROM batch_posts WHERE label = ?", (label,)).fetchone()
        return int(count)

    def lines(self, label: str) -> dict[int, tuple[Post, ...]]:
        """The posts of each line of a job, as they were sent."""
        with self._using() as db:
            rows = db.execute(
                "SELECT line, post FROM batch_posts WHERE label = ? ORDER BY line, place", (label,)
            ).fetchall()
        lines: dict[int, tuple[Post, ...]] = {}
        for number, post in rows:
            lines[number] = (*lines.get(number, ()), Post.model_validate(json.loads(post)))
        return lines
