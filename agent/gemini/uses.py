"""The books of uses: entered before a request goes, corrected when it has come back. Knows nothing of limits.

A use stands twice: under its Pacific day, and under its second, for the minute's limits.
"""

from __future__ import annotations

import sqlite3

from agent.gemini.leasing import Grant
from agent.gemini.moment import Moment
from agent.gemini.process import Process, is_alive, this_process


# Seconds are counted whole, and what was sent is counted by the service a little later.
MINUTE = 62
# How much later at most: by this much the use is moved on when the request has come back.
_LATER = 10.0
# A lease that nobody ends, its process being of another machine or having forgotten it, ends by itself.
_LONGEST_LEASE = 900.0
# The service refuses at once, and answers later: what is on its way for so many seconds, and for half as long as an
# answer took, was let in.
_REFUSED_WITHIN, _OF_AN_ANSWER = 0.5, 0.5


def enter(db: sqlite3.Connection, at: Moment, bucket: str, key: str, tokens: int) -> int:
    """One request is about to go. Returns the number of its lease."""
    me = this_process()
    db.execute(
        "INSERT INTO days VALUES (?, ?, ?, 1, ?, 0) ON CONFLICT DO UPDATE "
        "SET requests = requests + 1, tokens = tokens + excluded.tokens",
        (bucket, at.day, key, tokens),
    )
    _add_second(db, bucket, int(at.now), key, 1, tokens)
    cursor = db.execute(
        "INSERT INTO leases (bucket, key, day, at, machine, pid, born) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (bucket, key, at.day, at.now, me.machine, me.pid, me.born),
    )
    return cursor.lastrowid or 0


def close(db: sqlite3.Connection, at: Moment, grant: Grant, bucket: str, tokens: int | None) -> None:
    """It has come back, and counts: for so many tokens, where that is told."""
    _end(db, grant)
    change = 0 if tokens is None else tokens - grant.tokens
    if change:
        _add_day(db, grant, bucket, 0, change)
    second, arrived = int(grant.at), int(min(max(grant.at, at.now), grant.at + _LATER))
    if change or arrived != second:
        _add_second(db, bucket, second, grant.key, -1, -grant.tokens)
        _add_second(db, bucket, arrived, grant.key, 1, grant.tokens + change)


def take_back(db: sqlite3.Connection, grant: Grant, bucket: str) -> None:
    """It has come back, and the service did not count it."""
    _end(db, grant)
    _add_day(db, grant, bucket, -1, -grant.tokens)
    _add_second(db, bucket, int(grant.at), grant.key, -1, -grant.tokens)


def doubt(db: sqlite3.Connection, grant: Grant, bucket: str) -> None:
    """The service may not have counted it after all."""
    db.execute(
        "UPDATE days SET unsure = unsure + 1 WHERE bucket = ? AND day = ? AND key = ?", (bucket, grant.day, grant.key)
    )


def let_in(db: sqlite3.Connection, at: Moment, bucket: str, project: str, took: float) -> tuple[int, int]:
    """What the service has let in of a project's uses of a model, as an answer that took so many seconds shows: today, and in the last minute."""
    day, minute, unsure = db.execute(
        "SELECT (SELECT TOTAL(requests) FROM days JOIN keys USING (key) WHERE bucket = ?1 AND day = ?2 AND project = ?3), "
        "(SELECT TOTAL(requests) FROM seconds JOIN keys USING (key) WHERE bucket = ?1 AND second > ?4 AND project = ?3), "
        "(SELECT COUNT(*) FROM leases JOIN keys USING (key) WHERE bucket = ?1 AND project = ?3 AND at > ?5)",
        (bucket, at.day, project, int(at.now) - MINUTE, at.now - max(_REFUSED_WITHIN, _OF_AN_ANSWER * took)),
    ).fetchone()
    return max(0, int(day) - unsure), max(0, int(minute) - unsure)


def bury_the_dead(db: sqlite3.Connection, now: float) -> bool:
    """Leases of processes that are gone count as used, and hold up nobody. True where there were any."""
    holders = db.execute("SELECT DISTINCT machine, pid, born FROM leases").fetchall()
    gone = []
    for holder in [holder for holder in holders if not is_alive(Process(*holder))]:
        gone += db.execute(
            "DELETE FROM leases WHERE (machine, pid, born) = (?, ?, ?) RETURNING bucket, key, day", holder
        ).fetchall()
    gone += db.execute("DELETE FROM leases WHERE at < ? RETURNING bucket, key, day", (now - _LONGEST_LEASE,)).fetchall()
    db.executemany("UPDATE days SET unsure = unsure + 1 WHERE bucket = ? AND key = ? AND day = ?", gone)
    return bool(gone)


def has_open(db: sqlite3.Connection, key: str) -> bool:
    """Whether a request of this key is in flight."""
    return db.execute("SELECT 1 FROM leases WHERE key = ? LIMIT 1", (key,)).fetchone() is not None


def is_open(db: sqlite3.Connection, lease: int) -> bool:
    """Whether this request is in flight, and its sender lives."""
    row = db.execute("SELECT machine, pid, born FROM leases WHERE id = ?", (lease,)).fetchone()
    return row is not None and is_alive(Process(*row))


def recount(db: sqlite3.Connection, model: str, bucket: str) -> None:
    """What was counted under the one name is counted under the other."""
    db.execute(
        "INSERT INTO days SELECT ?, day, key, requests, tokens, unsure FROM days WHERE bucket = ? ON CONFLICT DO UPDATE "
        "SET requests = requests + excluded.requests, tokens = tokens + excluded.tokens, unsure = unsure + excluded.unsure",
        (bucket, model),
    )
    db.execute(
        "INSERT INTO seconds SELECT ?, second, key, requests, tokens FROM seconds WHERE bucket = ? ON CONFLICT DO UPDATE "
        "SET requests = requests + excluded.requests, tokens = tokens + excluded.tokens",
        (bucket, model),
    )
    db.execute("DELETE FROM days WHERE bucket = ?", (model,))
    db.execute("DELETE FROM seconds WHERE bucket = ?", (model,))
    db.execute("UPDATE leases SET bucket = ? WHERE bucket = ?", (bucket, model))


def _end(db: sqlite3.Connection, grant: Grant) -> None:
    db.execute("DELETE FROM leases WHERE id = ?", (grant.id,))


def _add_day(db: sqlite3.Connection, grant: Grant, bucket: str, requests: int, tokens: int) -> None:
    db.execute(
        "UPDATE days SET requests = max(0, requests + ?), tokens = max(0, tokens + ?) WHERE bucket = ? AND day = ? AND key = ?",
        (requests, tokens, bucket, grant.day, grant.key),
    )


def _add_second(db: sqlite3.Connection, bucket: str, second: int, key: str, requests: int, tokens: int) -> None:
    db.execute(
        "INSERT INTO seconds VALUES (?, ?, ?, max(0, ?), max(0, ?)) ON CONFLICT DO UPDATE "
        "SET requests = max(0, requests + ?), tokens = max(0, tokens + ?)",
        (bucket, second, key, requests, tokens, requests, tokens),
    )
