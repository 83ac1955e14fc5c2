"""Finished work that outlives the run: models' results and refusals, by what was sent of a post. Rules' results are never kept."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Self

from agent.errors import StateError
from agent.extraction.rules import extract
from agent.gemini.database import is_corrupt, set_aside
from agent.pipeline.parts import parts_of
from agent.records import SCHEMA_VERSION, Post, Record


_VERSION = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS results (
    digest TEXT NOT NULL, schema TEXT NOT NULL, record TEXT NOT NULL, prompt TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (digest, schema)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refusals (
    digest TEXT NOT NULL, model TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (digest, model)
) STRICT, WITHOUT ROWID;
"""


class Store:
    """One SQLite file, `results.sqlite3` in the home folder, shared by threads and processes."""

    def __init__(self, home: Path) -> None:
        """Open or make the file. A damaged one is set aside; raises `StateError` where the folder cannot be used."""
        self.path = home / "results.sqlite3"
        self._lock = threading.Lock()
        try:
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._db = self._open()
        except (OSError, sqlite3.Error) as error:
            raise StateError(
                f"cannot use {self.path}: {error}; free or repair it, or name another folder by MIANJING_HOME"
            ) from error

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            if not is_corrupt(error):
                raise
            set_aside(self.path, str(error))
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA journal_mode = WAL")
        # A record is counted as finished only once it would survive a power cut.
        db.execute("PRAGMA synchronous = FULL")
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version > _VERSION:
            db.close()
            raise StateError(
                f"{self.path} was written by a newer mianjing; upgrade, or name another folder by MIANJING_HOME"
            )
        db.executescript(_TABLES)
        if version < _VERSION:
            db.execute(f"PRAGMA user_version = {_VERSION}")
        # A file that cannot be written to shows here, before anything is asked; to set the version again would wait for the disk.
        db.execute("DELETE FROM results WHERE digest = ''")
        return db

    def finished(self, post: Post) -> Record | None:
        """The result that a model gave for this very post, whatever prompt asked for it."""
        row = self._one("SELECT record FROM results WHERE digest = ? AND schema = ?", post.digest, SCHEMA_VERSION)
        return Record.from_json(row[0]) if row else None

    def refusals(self, post: Post) -> dict[str, str]:
        """Which models refused this post, and why."""
        with self._using() as db:
            rows = db.execute("SELECT model, reason FROM refusals WHERE digest = ?", (post.digest,))
            return dict(rows.fetchall())

    def keep(self, post: Post, record: Record) -> None:
        """Make a model's result durable. Raises `StateError` where the disk will not take it."""
        self.keep_all([(post, record)])

    def keep_all(self, results: Sequence[tuple[Post, Record]]) -> None:
        """The same for several, all of them or none: the disk is waited for once."""
        rows = [
            (post.digest, SCHEMA_VERSION, record.to_json(), record.provenance.prompt or "", record.provenance.at)
            for post, record in results
        ]
        places = ", ".join(["(?, ?, ?, ?, ?)"] * len(rows))
        self._write(f"INSERT OR REPLACE INTO results VALUES {places}", [*chain.from_iterable(rows)])  # noqa: S608

    def keep_refusals(self, digest: str, refusals: Mapping[str, str]) -> None:
        """Remember which models refused a post, and why."""
        for model, reason in refusals.items():
            self._write("INSERT OR REPLACE INTO refusals VALUES (?, ?, ?)", (digest, model, reason))

    def forget(self, posts: Iterable[Post] | None = None) -> int:
        """Drop the finished work of these posts and of their parts, or all of it. Returns how many results went."""
        with self._using() as db:
            if posts is None:
                db.execute("DELETE FROM refusals")
                return db.execute("DELETE FROM results").rowcount
            digests = ((one.digest,) for post in posts for one in (post, *_pieces(post)))
            return sum(_forget(db, digest) for digest in digests)

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _one(self, sql: str, *values: str) -> tuple[str, ...] | None:
        with self._using() as db:
            row: tuple[str, ...] | None = db.execute(sql, values).fetchone()
            return row

    def _write(self, sql: str, values: Sequence[str]) -> None:
        with self._using() as db:
            db.execute(sql, values)

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        """The connection, for one thread at a time. Raises `StateError`; a file found to be damaged is set aside for the next run."""
        with self._lock:
            try:
                yield self._db
            except sqlite3.Error as error:
                if is_corrupt(error):
                    self._db.close()
                    set_aside(self.path, str(error))
                raise StateError(f"cannot use {self.path}: {error}; finished work up to here is kept") from error


def _forget(db: sqlite3.Connection, digest: tuple[str]) -> int:
    db.execute("DELETE FROM refusals WHERE digest = ?", digest)
    return db.execute("DELETE FROM results WHERE digest = ?", digest).rowcount


def _pieces(post: Post) -> Iterator[Post]:
    """What was asked for in its place, where no single answer has room for it."""
    return (part.post for part in parts_of(post, lambda: extract(post)))
