"""What time it is for the ledger: the clock's, held against the latest time that it ever saw.

A clock that is set back a day neither loses what the day has used nor counts it twice: the day that had begun goes on.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from agent.gemini.clock import next_reset, pacific_day


# Clocks of two processes are never quite one.
_JITTER = 1.0
# Set back by more than this, the clock is right now and was wrong before.
_SET_BACK = 36 * 3600.0
_KEPT_DAYS = 40


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, and the day that it counts to."""

    now: float
    """Seconds since 1970."""
    latest: float
    """The latest time ever seen: `now`, but where the clock was set back."""
    day: str
    """A Pacific date, `2026-11-24`."""
    reset: float
    """When that day ends."""


def read(db: sqlite3.Connection, clock_says: datetime) -> Moment:
    """The moment; the ledger's rows are put right where the clock has gone back."""
    now = clock_says.timestamp()
    row = db.execute("SELECT value FROM facts WHERE name = 'latest'").fetchone()
    latest = float(row[0]) if row else 0.0
    if now > latest + _JITTER or (now > latest and pacific_day(clock_says) != _day(latest)):
        _go_on(db, latest, now)
    elif now < latest - _JITTER:
        was_wrong = now < latest - _SET_BACK
        if was_wrong:
            db.execute("UPDATE facts SET value = ? WHERE name = 'latest'", (now,))
            latest = now
        _go_back(db, now, days_too=was_wrong)
    latest = max(now, latest)
    return Moment(now, latest, str(_day(latest)), next_reset(datetime.fromtimestamp(latest, UTC)).timestamp())


def _day(at: float) -> date:
    return pacific_day(datetime.fromtimestamp(at, UTC))


def _go_on(db: sqlite3.Connection, latest: float, now: float) -> None:
    db.execute("INSERT INTO facts VALUES ('latest', ?) ON CONFLICT DO UPDATE SET value = excluded.value", (now,))
    db.execute("DELETE FROM seconds WHERE second < ?", (int(now) - 300,))
    if now - latest > 3600:
        oldest = datetime.fromtimestamp(now, UTC) - timedelta(days=_KEPT_DAYS)
        db.execute("DELETE FROM days WHERE day < ?", (str(pacific_day(oldest)),))


def _go_back(db: sqlite3.Connection, now: float, *, days_too: bool) -> None:
    """What seems to have been in the future was a moment ago; no wait becomes longer than it was meant.

    A day's quota stays out as long as that day goes on.
    """
    gone = db.execute("DELETE FROM seconds WHERE second > ? RETURNING bucket, key, requests, tokens", (int(now) + 1,))
    for bucket, key, requests, tokens in gone.fetchall():
        db.execute(
            "INSERT INTO seconds VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE "
            "SET requests = requests + excluded.requests, tokens = tokens + excluded.tokens",
            (bucket, int(now), key, requests, tokens),
        )
    db.execute("UPDATE leases SET at = ? WHERE at > ?", (now, now))
    db.execute("UPDATE limits SET at = ? WHERE at > ?", (now, now))
    db.execute("UPDATE circuits SET until = ? + until - opened, opened = ? WHERE opened > ?", (now, now, now))
    db.execute(
        "UPDATE outs SET ends = ? + ends - since, until = ? + until - since, since = ? "
        "WHERE since > ? AND (? OR reason != 'quota_day')",
        (now, now, now, now, days_too),
    )
