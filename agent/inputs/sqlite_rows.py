"""SQLite databases, opened to read alone and never changed: the tables that crawlers fill, else every table with a text."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from agent.inputs.columns import columns_of, has_text, what_instead
from agent.inputs.encodings import has_bad_bytes
from agent.inputs.rows import Row, Rows
from agent.inputs.unreadable import NoPost, Unreadable


_CRAWLED = ("xhs_note", "explore_data")
_MAGIC = b"SQLite format 3\0"
# Seconds to wait for another program that is writing.
_BUSY = 1.0
_LONGEST_VALUE = 1 << 26


def sqlite_rows(path: Path, _encoding: str | None) -> Rows:
    """The rows of the tables of posts, counted from 1 in each."""
    with path.open("rb") as file:
        opening = file.read(20)
    if not opening.startswith(_MAGIC):
        raise Unreadable("is no SQLite database" if opening else "is empty")
    in_wal_mode = opening[18:20] == b"\2\2"
    try:
        with closing(_opened(path, in_wal_mode=in_wal_mode)) as database:
            yield from _all_rows(database)
    except sqlite3.Error as error:
        raise Unreadable(_why(error)) from None


def _opened(path: Path, *, in_wal_mode: bool) -> sqlite3.Connection:
    """Read-only. A database in WAL mode that nobody has open is opened as immutable: else files would appear beside it."""
    is_alone = in_wal_mode and not Path(f"{path}-wal").exists()
    address = f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if is_alone else ''}"
    database = sqlite3.connect(address, uri=True, timeout=_BUSY, check_same_thread=False)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    database.execute("PRAGMA trusted_schema = OFF")
    database.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    return database


def _all_rows(database: sqlite3.Connection) -> Rows:
    tables = {name: _columns(database, name) for name in _tables(database)}
    crawled = [name for name in tables if name in _CRAWLED]
    chosen = crawled or [name for name, columns in tables.items() if has_text(columns)]
    if not chosen:
        raise Unreadable(f"has no table with a column of text, only: {', '.join(tables) or 'none at all'}")
    for table in chosen:
        if instead := what_instead(tables[table]):
            yield NoPost(f"its table '{table}' holds {instead}, no posts; they are left out")
        else:
            yield from _table_rows(database, table, tables[table])


def _tables(database: sqlite3.Connection) -> list[str]:
    """Ordinary tables by name; a view could compute for ever."""
    found = database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' "
        "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    )
    return [str(name) for (name,) in found]


def _columns(database: sqlite3.Connection, table: str) -> list[str]:
    return [str(name) for (name,) in database.execute("SELECT name FROM pragma_table_info(?)", (table,))]


def _table_rows(database: sqlite3.Connection, table: str, columns: list[str]) -> Rows:
    named = columns_of(columns)
    if len(named.get("id", [])) > 1:  # beside `note_id`, `id` only counts the rows of the table
        named["id"].remove(named["id"][0])
    wanted = [name for found in named.values() for name in found]
    if not wanted:
        raise Unreadable(f"its table '{table}' has no column of a post")
    for number, values in enumerate(_selected(database, table, wanted), 1):
        if any(isinstance(value, str) and has_bad_bytes(value) for value in values):
            yield Unreadable(f"its text in table '{table}' is no UTF-8", number)
        else:
            yield Row(dict(zip(wanted, values, strict=True)), number)


def _selected(database: sqlite3.Connection, table: str, wanted: list[str]) -> Iterator[tuple[object, ...]]:
    return database.execute(f"SELECT {', '.join(map(_quoted, wanted))} FROM {_quoted(table)}")  # noqa: S608, both quoted


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _why(error: sqlite3.Error) -> str:
    if "locked" in str(error) or "busy" in str(error):
        return "is in use by another program: close that, or give a copy of the file"
    return f"is a SQLite database that cannot be read: {error}"
