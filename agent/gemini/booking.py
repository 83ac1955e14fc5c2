"""Books how a request went: its use kept or taken back, limits learned, what is out and until when. Judges nothing: the verdict is given."""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Sequence

from agent.gemini import projects, uses, way
from agent.gemini.choosing import circuit_of
from agent.gemini.circuit import feeds
from agent.gemini.leasing import Grant
from agent.gemini.moment import Moment
from agent.gemini.process import this_machine
from agent.gemini.reading import Owner, bucket_of, owners
from agent.gemini.verdict import Scope, Verdict


_DAY = 86_400.0
# What nobody says an end of is tried again after so long. What is not named, never: `keys check` finds out, at no cost.
_TRIED_AGAIN = {
    "quota_zero": 7 * _DAY,
    "model_closed": 7 * _DAY,
    "model_not_found": 7 * _DAY,
    "model_denied": _DAY,
    "spend_cap": _DAY,
    "credit_gone": 6 * 3600.0,
}


def serve(db: sqlite3.Connection, at: Moment, grant: Grant, tokens: int | None, version: str | None) -> None:
    """It was answered. `tokens` is the input's true size, `version` the model that answered, where they are told."""
    bucket = bucket_of(db, grant.model)
    uses.close(db, at, grant, bucket, tokens)
    db.execute("UPDATE keys SET proven = 1 WHERE key = ? AND NOT proven", (grant.key,))
    db.execute("DELETE FROM circuits WHERE model = ?", (grant.model,))
    owner = _owner(db, grant)
    if owner.source == "joined":
        projects.split(db, owner, bucket, grant.day)
        owner = _owner(db, grant)
    db.execute(
        "INSERT INTO peaks VALUES (?, ?, 1, ?, ?) ON CONFLICT DO UPDATE SET served = served + 1, "
        "day = max(day, excluded.day), minute = max(minute, excluded.minute)",
        # Not its place in the row: another that went before it may not have come there yet.
        (bucket, owner.project, *uses.let_in(db, at, bucket, owner.project, at.now - grant.at)),
    )
    if version and grant.model.endswith("-latest"):
        # `…-001` is the same model, as far as quotas go.
        resolved = re.sub(r"-\d{3}$", "", version)
        if resolved != bucket:
            _counted_under(db, grant.model, resolved)


def drop(db: sqlite3.Connection, at: Moment, grant: Grant) -> None:
    """It was given up half-way, by us: it counts as used."""
    uses.close(db, at, grant, bucket_of(db, grant.model), None)


def fail(db: sqlite3.Connection, at: Moment, grant: Grant, verdict: Verdict, chance: random.Random) -> float | None:
    """It failed. Returns when the same could go well again, as far as the failure tells (in seconds); null where nobody knows."""
    bucket = bucket_of(db, grant.model)
    if verdict.counted:
        uses.close(db, at, grant, bucket, None)
        uses.doubt(db, grant, bucket)
    else:
        uses.take_back(db, grant, bucket)
    _learn(db, at, grant, verdict)
    if feeds(verdict):
        return None if verdict.reason in way.REASONS else _open_circuit(db, at, grant, verdict, chance)
    until = verdict.until.timestamp() if verdict.until else None
    if verdict.reason == "quota_day":
        # The day that the ledger counts to, where the clock was set back in it.
        until = max(at.reset, until or 0.0)
    for who, model in _what_is_out(db, grant, verdict):
        put_out(db, at, who, model, verdict, until)
    return until


def _what_is_out(db: sqlite3.Connection, grant: Grant, verdict: Verdict) -> Sequence[tuple[str, str]]:
    """As `put_out` takes it: who, and of which model."""
    match verdict.scope:
        case Scope.KEY:
            return [(grant.key, "")]
        case Scope.PROJECT:
            return [(_owner(db, grant).project, "")]
        case Scope.PROJECT_MODEL:
            # A quota is the bucket's; a bucket that is told otherwise later must not bring the model back.
            models = {grant.model, bucket_of(db, grant.model)} if verdict.reason.startswith("quota_") else {grant.model}
            return [(_owner(db, grant).project, model) for model in models]
        case Scope.MODEL:
            return [("", grant.model)]
        case _:
            return []


def put_out(db: sqlite3.Connection, at: Moment, who: str, model: str, verdict: Verdict, until: float | None) -> None:
    """Enter that something is out: for a project, a key or everybody (no `who`); one model, or all (no `model`)."""
    again = _TRIED_AGAIN.get(verdict.reason)
    ends = until if until is not None else at.now + again if again else None
    machine = this_machine() if verdict.here_only else ""
    db.execute(
        "INSERT INTO outs VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET reason = excluded.reason, "
        "message = excluded.message, since = excluded.since, until = excluded.until, ends = excluded.ends",
        (who, model, machine, verdict.reason, verdict.message, at.now, until, ends),
    )


def _owner(db: sqlite3.Connection, grant: Grant) -> Owner:
    """Whose the key is by now; the grant's own word where the ledger was begun anew in between."""
    found = owners(db, [grant.key]).get(grant.key)
    return found or Owner(grant.key, "", grant.project, "guess", 0, None, None)


def _learn(db: sqlite3.Connection, at: Moment, grant: Grant, verdict: Verdict) -> None:
    """What the failure tells beside itself: whose the key is, its tier, its limits, the name the model is counted under."""
    owner = _owner(db, grant)
    if verdict.project and owner.source != "named" and owner.project != verdict.project:
        projects.move(db, owner, verdict.project, "told")
    if verdict.bucket and verdict.bucket != bucket_of(db, grant.model):
        _counted_under(db, grant.model, verdict.bucket)
    bucket = bucket_of(db, grant.model)
    for limit in verdict.limits:
        if limit.metric.startswith("requests"):
            projects.join(db, _owner(db, grant), bucket, limit.metric, limit.value, at.day, at.now)
    if verdict.successor:
        db.execute("INSERT OR REPLACE INTO successors VALUES (?, ?)", (grant.model, verdict.successor))
    project = _owner(db, grant).project
    holders = [project]
    if verdict.tier:
        db.execute("INSERT OR REPLACE INTO projects VALUES (?, ?)", (project, verdict.tier))
        holders.append(f"tier:{verdict.tier}")
    db.executemany(
        "INSERT OR REPLACE INTO limits VALUES (?, ?, ?, ?, ?)",
        [(bucket, holder, limit.metric, limit.value, at.now) for limit in verdict.limits for holder in holders],
    )
    db.executemany(
        "UPDATE peaks SET day = min(day, ?) WHERE bucket = ? AND project = ?",
        [(limit.value, bucket, project) for limit in verdict.limits if limit.metric == "requests_day"],
    )


def _open_circuit(db: sqlite3.Connection, at: Moment, grant: Grant, verdict: Verdict, chance: random.Random) -> float:
    circuit, _ = circuit_of(db, grant.model)
    circuit = circuit.after(verdict, sent=grant.at, now=at.now, chance=chance)
    db.execute(
        "INSERT OR REPLACE INTO circuits VALUES (?, ?, ?, ?, ?, 0)",
        (grant.model, circuit.failures, circuit.reason, circuit.opened, circuit.until),
    )
    return circuit.until


def _counted_under(db: sqlite3.Connection, model: str, bucket: str) -> None:
    """The model's use is counted under that name, what was used before too."""
    former = bucket_of(db, model)
    db.execute("INSERT OR REPLACE INTO buckets VALUES (?, ?)", (model, bucket))
    if former != model:
        # Its own part of what it was counted with is not known: it stays.
        return
    uses.recount(db, model, bucket)
    for table in ("limits", "peaks"):
        db.execute(f"UPDATE OR IGNORE {table} SET bucket = ? WHERE bucket = ?", (bucket, model))  # noqa: S608
