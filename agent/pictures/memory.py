"""Remembers what was read in a picture, by the picture's digest: reading takes seconds, remembering none. It never fails a run."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from importlib.metadata import version
from pathlib import Path


_TABLE = """CREATE TABLE IF NOT EXISTS texts (
    sha256 TEXT NOT NULL, reader TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (sha256, reader)
) STRICT, WITHOUT ROWID"""
# Counts the ways in which this project has put what the reader finds into lines.
_ORDER = 1
# No run waits long for another one here.
_PATIENCE = 5.0


class Memory:
    """One SQLite file, `pictures.sqlite3` in the home folder, opened for each use."""

    def __init__(self, home: Path) -> None:
        self._path = home / "pictures.sqlite3"
        self._reader = f"rapidocr {version('rapidocr')}/{_ORDER}"

    def text(self, sha256: str) -> str | None:
        """What was read in this picture, by this version of the reader; null where nobody knows."""
        row = None
        with suppress(sqlite3.Error, OSError):
            if self._path.is_file():
                with closing(self._connected()) as db:
                    query = "SELECT text FROM texts WHERE sha256 = ? AND reader = ?"
                    row = db.execute(query, (sha256, self._reader)).fetchone()
        return row[0] if row else None

    def keep(self, sha256: str, text: str) -> None:
        with suppress(sqlite3.Error, OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._connected()) as db, db:
                db.execute(_TABLE)
                db.execute("INSERT OR REPLACE INTO texts VALUES (?, ?, ?)", (sha256, self._reader, text))

    def _connected(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=_PATIENCE)


def forget(home: Path) -> None:
    """Drop all that is remembered."""
    with suppress(OSError):
        (home / "pictures.sqlite3").unlink(missing_ok=True)
