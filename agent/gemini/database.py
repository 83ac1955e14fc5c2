"""The file under the ledger: opened, migrated, set aside where it cannot be used. Knows nothing of quotas.

One writer at a time, over threads and processes; a writer that dies leaves no half of its work.
"""

from __future__ import annotations

import logging
import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from agent.errors import StateError
from agent.gemini.schema import MIGRATIONS


log = logging.getLogger(__name__)

# SQLite's own waiting sleeps up to 100 ms at a time, which starves one writer of four.
_SHORTEST_NAP, _LONGEST_NAP = 0.0001, 0.001
_LONGEST_WAIT = 30.0
_LEFT_BEHIND: list[sqlite3.Connection] = []


class Database:
    """One SQLite file in WAL mode, and this process's connection to it."""

    def __init__(self, path: Path, *, patience: float = _LONGEST_WAIT) -> None:
        """Opened when first used. `path`'s folder is made where it is absent. `patience`: seconds that another program may hold it."""
        self.path, self._patience = path, patience
        self._forget()

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._pid = os.getpid()

    def _leave_behind(self) -> None:
        """After a fork the connection is the parent's: not to be used here, nor closed."""
        if self._connection is not None:
            _LEFT_BEHIND.append(self._connection)
        self._forget()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it, or, where an error comes out, nothing. Raises `StateError`."""
        if self._pid != os.getpid():
            self._leave_behind()
        with self._lock:
            try:
                connection = self._begin()
                try:
                    yield connection
                except BaseException:
                    with suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")
            except sqlite3.Error as error:
                if is_corrupt(error):
                    # It is looked through when it is opened again, and set aside if need be.
                    self._disconnect()
                raise self._state_error(error) from error

    def close(self) -> None:
        if self._pid != os.getpid():
            self._leave_behind()
        with self._lock:
            self._disconnect()

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _begin(self) -> sqlite3.Connection:
        connection = self._connection
        if connection is not None:
            try:
                self._begin_in(connection)
            except sqlite3.DatabaseError as error:
                if not is_corrupt(error):
                    raise
                self._disconnect()
            else:
                return connection
        try:
            connection = self._open()
        except sqlite3.DatabaseError as error:
            if not is_corrupt(error):
                raise
            set_aside(self.path, str(error))
            connection = self._open()
        self._begin_in(connection)
        return connection

    def _open(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StateError(
                f"{self.path.parent}: {error.strerror}; set MIANJING_HOME to a folder you can write to"
            ) from None
        connection = self._connect()
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > len(MIGRATIONS):
            connection.close()
            set_aside(self.path, f"it is of a newer version ({version}) than this program knows ({len(MIGRATIONS)})")
            connection = self._connect()
        self._patiently(lambda: _migrate(connection))
        self._connection = connection
        return connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            # What a commit writes is whole pages, and a lease changes a short row in each of several. It counts for a new file alone.
            connection.execute("PRAGMA page_size = 1024")
            self._patiently(lambda: connection.execute("PRAGMA journal_mode = WAL").fetchone())
            connection.execute("PRAGMA synchronous = NORMAL")
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.Error:
            connection.close()
            raise
        if found != "ok":
            connection.close()
            raise sqlite3.DatabaseError(f"malformed: {found}")
        return connection

    def _begin_in(self, connection: sqlite3.Connection) -> None:
        self._patiently(lambda: connection.execute("BEGIN IMMEDIATE"))

    def _patiently(self, act: Callable[[], object]) -> None:
        """Do it as soon as no other process is in the way."""
        nap, ends = _SHORTEST_NAP, time.monotonic() + self._patience
        while True:
            try:
                act()
            except sqlite3.OperationalError as error:
                is_held = error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
                if not is_held or time.monotonic() >= ends:
                    raise
            else:
                return
            time.sleep(random.uniform(nap / 2, nap))  # noqa: S311  # no secret: it keeps writers out of step
            nap = min(nap * 1.5, _LONGEST_NAP)

    def _state_error(self, error: sqlite3.Error) -> StateError:
        if "locked" in str(error) or "busy" in str(error):
            return StateError(f"{self.path} is held by another program: {error}")
        return StateError(f"{self.path}: {error}; free some space, or set MIANJING_HOME to a folder you can write to")


def set_aside(path: Path, why: str) -> None:
    """Rename a SQLite file, and what SQLite keeps beside it, out of the way, and tell it: nothing is deleted. Raises `StateError`."""
    suffix = f".unusable-{datetime.now().astimezone():%Y%m%dT%H%M%S}-{os.getpid()}"
    for tail in ("", "-wal", "-shm"):
        part = path.with_name(path.name + tail)
        try:
            part.rename(part.with_name(path.name + suffix + tail))
        except FileNotFoundError:
            continue
        except OSError as error:
            raise StateError(f"{part} could not be used, nor set aside: {why}; {error.strerror}") from None
    log.warning(
        "%s could not be used: %s. It was set aside as %s%s; what it knew is asked anew.", path, why, path.name, suffix
    )


def _migrate(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        for migration in MIGRATIONS[version:]:
            for statement in migration:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def is_corrupt(error: sqlite3.Error) -> bool:
    """Whether the file itself is at fault, not the disk or another program."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    return code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
