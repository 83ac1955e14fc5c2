"""Whose project a key is of: named by the user, told by the service, joined by a 429 that fits, else a guess: each its own."""

from __future__ import annotations

import sqlite3

from agent.gemini.reading import Owner
from agent.gemini.uses import MINUTE
from agent.gemini.verdict import Metric


_DAY = 86_400.0
# A join that rests on another key's count alone may be wrong: one request finds out, a few days on, then ever more seldom.
_DOUBTFUL, _SURE, _RAREST = 2 * _DAY, 28 * _DAY, 28 * _DAY
_TABLES = (("outs", "who"), ("limits", "holder"), ("peaks", "project"), ("projects", "project"))


def own(key: str) -> str:
    """The project of a key that shares with nobody, as far as is known."""
    return f"key:{key}"


def named(name: str) -> str:
    return f"name:{name}"


def move(db: sqlite3.Connection, owner: Owner, project: str, source: str) -> None:
    """The key is another project's. What was known of a project of its own goes along."""
    if owner.project == own(owner.key):
        for table, column in _TABLES:
            db.execute(f"UPDATE OR IGNORE {table} SET {column} = ? WHERE {column} = ?", (project, owner.project))  # noqa: S608
    db.execute(
        "UPDATE keys SET project = ?, source = ?, probe_at = NULL, probe_wait = NULL WHERE key = ?",
        (project, source, owner.key),
    )


def join(db: sqlite3.Connection, owner: Owner, bucket: str, metric: Metric, limit: int, day: str, now: float) -> str:
    """The key's project, in view of a 429 that came to it at this limit.

    Where its own count is below the limit and another project's makes up the rest, the two are one.
    """
    if owner.source not in {"guess", "joined"}:
        return owner.project
    counts = _counts(db, bucket, metric, day, now)
    mine, unsure = counts.pop(owner.project, (0, 0))
    if mine >= limit:
        return owner.project
    for project, (used, doubt) in counts.items():
        if used and limit <= mine + used <= limit + unsure + doubt:
            wait = _SURE if mine else _DOUBTFUL
            move(db, owner, project, "joined")
            db.execute("UPDATE keys SET probe_at = ?, probe_wait = ? WHERE key = ?", (now + wait, wait, owner.key))
            return project
    return owner.project


def split(db: sqlite3.Connection, owner: Owner, bucket: str, day: str) -> None:
    """Part a key from the project it was joined to, if that was served more than one project can be."""
    row = db.execute(
        "SELECT value FROM limits WHERE bucket = ? AND holder = ? AND metric = 'requests_day'", (bucket, owner.project)
    ).fetchone()
    used, unsure = _counts(db, bucket, "requests_day", day, 0.0).get(owner.project, (0, 0))
    if row and used - unsure > row[0]:
        db.execute(
            "INSERT OR IGNORE INTO projects SELECT ?, tier FROM projects WHERE project = ?",
            (own(owner.key), owner.project),
        )
        move(db, owner, own(owner.key), "guess")


def probed(db: sqlite3.Connection, owner: Owner, now: float) -> None:
    """A doubtful join is put to the test now; if it holds, the next test is later by twice the time."""
    wait = min(_RAREST, 2 * (owner.probe_wait or _DOUBTFUL))
    db.execute("UPDATE keys SET probe_at = ?, probe_wait = ? WHERE key = ?", (now + wait, wait, owner.key))


def _counts(db: sqlite3.Connection, bucket: str, metric: Metric, day: str, now: float) -> dict[str, tuple[int, int]]:
    """By project: requests in the window, and how many of them the service may not have counted, or not yet."""
    if metric.endswith("_day"):
        rows = db.execute(
            "SELECT project, SUM(requests), SUM(unsure) FROM days JOIN keys USING (key) WHERE bucket = ? AND day = ? GROUP BY project",
            (bucket, day),
        )
    else:
        rows = db.execute(
            "SELECT project, SUM(requests), 0 FROM seconds JOIN keys USING (key) WHERE bucket = ? AND second > ? GROUP BY project",
            (bucket, int(now) - MINUTE),
        )
    found = {project: (used, unsure) for project, used, unsure in rows}
    flying = db.execute(
        "SELECT project, COUNT(*) FROM leases JOIN keys USING (key) WHERE bucket = ? GROUP BY project", (bucket,)
    )
    for project, count in flying:
        used, unsure = found.get(project, (0, 0))
        found[project] = used, unsure + count
    return found
