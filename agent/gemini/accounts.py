"""Accounts to people and planners: how quotas, keys and models stand; and what looking at them, at no cost, has found."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from agent.gemini import booking, choosing, projects
from agent.gemini.leasing import Entry
from agent.gemini.moment import Moment
from agent.gemini.reading import Out, Owner, bucket_of, outs, standings
from agent.gemini.verdict import Scope, Verdict


@dataclass(frozen=True, slots=True)
class QuotaRow:
    """One project's quota of one model today."""

    project: str
    """The name its user gave it, `projects/N`, or its keys' last characters."""
    model: str
    used: int
    limit: int
    is_told: bool
    """Whether the service told the limit; otherwise it is a belief."""
    left: int
    back_at: datetime | None
    """When it serves again, where it is out and that is known."""
    reason: str
    """Why it is out; empty where it is not."""


@dataclass(frozen=True, slots=True)
class KeyState:
    """What is known of one key. `since` and `until` are null where it is not out, or nobody knows."""

    state: str
    """`ok`, `out`, or `untried`."""
    project: str
    reason: str = ""
    message: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ModelState:
    """Whether a model lives: null where nobody has told. `successor` is what the service or the list names in its place."""

    is_live: bool | None
    reason: str = ""
    successor: str | None = None
    counted_as: str = ""


def capacity(db: sqlite3.Connection, at: Moment, model: str, keys: Sequence[Entry]) -> int:
    found, bucket = _known(db, keys), bucket_of(db, model)
    out = outs(db, at, {model, bucket})
    if ("", model) in out:
        return 0
    standing = standings(db, at, bucket, {owner.project for owner in found})
    able = {owner.project for owner in found if _serves_today(choosing.why_out(owner, model, bucket, out), at)}
    return sum(standing[project].left_today for project in able)


def _serves_today(out: Out | None, at: Moment) -> bool:
    return out is None or (out.ends is not None and out.ends < at.reset)


def quotas(db: sqlite3.Connection, at: Moment, models: Iterable[str], keys: Sequence[Entry]) -> list[QuotaRow]:
    projects_of: dict[str, list[Owner]] = {}
    for owner in _known(db, keys):
        projects_of.setdefault(owner.project, []).append(owner)
    used = [row[0] for row in db.execute("SELECT DISTINCT bucket FROM days WHERE day = ?", (at.day,))]
    counted = {model: bucket_of(db, model) for model in models}
    wanted = dict.fromkeys([*counted, *(bucket for bucket in used if bucket not in counted.values())])
    return [row for model in wanted for row in _quotas(db, at, model, counted.get(model, model), projects_of)]


def _quotas(
    db: sqlite3.Connection, at: Moment, model: str, bucket: str, projects_of: Mapping[str, Sequence[Owner]]
) -> Iterator[QuotaRow]:
    """One model's rows, a project each."""
    out = outs(db, at, {model, bucket})
    for project, standing in standings(db, at, bucket, projects_of).items():
        whys = [choosing.why_out(owner, model, bucket, out) for owner in projects_of[project]]
        why = out.get(("", model)) or (whys[0] if all(whys) else None)
        spent = standing.room(0, at.now)
        reason = why.reason if why else spent.reason if spent.state == "out" else ""
        until = why.until if why else choosing.back_at(db, at, standing, bucket, reason) if reason else None
        yield QuotaRow(
            display_name(db, project),
            model,
            standing.day_requests,
            standing.day_limit,
            "requests_day" in standing.limits,
            0 if reason and reason != "quota_minute" else standing.left_today,
            _moment(until),
            reason,
        )


def key_states(db: sqlite3.Connection, at: Moment, keys: Sequence[Entry]) -> list[KeyState]:
    out = outs(db, at, ())
    return [_key_state(db, owner, choosing.why_out(owner, "", "", out)) for owner in _known(db, keys)]


def _key_state(db: sqlite3.Connection, owner: Owner, out: Out | None) -> KeyState:
    project = display_name(db, owner.project)
    if out is None:
        return KeyState("ok" if owner.proven else "untried", project)
    return KeyState("out", project, out.reason, out.message, _moment(out.since), _moment(out.until))


def model_state(db: sqlite3.Connection, at: Moment, model: str) -> ModelState:
    bucket = bucket_of(db, model)
    successor = _successor(db, model)
    if retired := outs(db, at, {model}).get(("", model)):
        return ModelState(False, retired.reason, successor, bucket)
    if db.execute("SELECT 1 FROM peaks WHERE bucket = ?", (bucket,)).fetchone():
        return ModelState(True, "", None, bucket)
    row = db.execute("SELECT generates FROM models WHERE model = ?", (model,)).fetchone()
    return ModelState(bool(row[0]) if row else None, "", successor, bucket)


def _successor(db: sqlite3.Connection, model: str) -> str | None:
    row = db.execute("SELECT successor FROM successors WHERE model = ?", (model,)).fetchone()
    return str(row[0]) if row else None


def listed(db: sqlite3.Connection, at: Moment, models: Mapping[str, bool]) -> None:
    """A model that was retired while it was not listed, and now is, lives again; the list holds dead ones too."""
    before = {row[0] for row in db.execute("SELECT model FROM models")}
    if before:
        back = [model for model, generates in models.items() if generates and model not in before]
        db.executemany(
            "DELETE FROM outs WHERE who = '' AND model = ? AND reason = 'model_not_found'", [(model,) for model in back]
        )
    db.execute("DELETE FROM models")
    db.executemany("INSERT INTO models VALUES (?, ?)", list(models.items()))
    db.execute("INSERT INTO facts VALUES ('listed', ?) ON CONFLICT DO UPDATE SET value = excluded.value", (at.now,))


def live_models(db: sqlite3.Connection, at: Moment) -> list[str]:
    rows = [row[0] for row in db.execute("SELECT model FROM models WHERE generates")]
    retired = {model for who, model in outs(db, at, rows) if not who}
    return [model for model in rows if model not in retired]


def list_age(db: sqlite3.Connection, at: Moment) -> float:
    row = db.execute("SELECT value FROM facts WHERE name = 'listed'").fetchone()
    return abs(at.now - row[0]) if row else float("inf")


def checked(db: sqlite3.Connection, at: Moment, entry: Entry, verdict: Verdict | None) -> None:
    owner = _introduce(db, entry)
    if verdict is None:
        db.execute("DELETE FROM outs WHERE who = ? AND model = ''", (owner.key,))
        db.execute("DELETE FROM outs WHERE who = ? AND model = '' AND reason LIKE 'project_%'", (owner.project,))
        return
    if verdict.project and owner.source != "named" and owner.project != verdict.project:
        projects.move(db, owner, verdict.project, "told")
        owner = _introduce(db, entry)
    if verdict.scope in {Scope.KEY, Scope.PROJECT}:
        who = owner.key if verdict.scope == Scope.KEY else owner.project
        booking.put_out(db, at, who, "", verdict, verdict.until.timestamp() if verdict.until else None)


def display_name(db: sqlite3.Connection, project: str) -> str:
    """A project as people know it."""
    kind, _, name = project.partition(":")
    if kind == "name":
        return name
    if kind != "key":
        return project
    tails = db.execute("SELECT tail FROM keys WHERE project = ? ORDER BY key != ?", (project, name))
    return ", ".join(row[0] for row in tails) or "…"


def _known(db: sqlite3.Connection, keys: Sequence[Entry]) -> list[Owner]:
    return [_introduce(db, entry) for entry in keys]


def _introduce(db: sqlite3.Connection, entry: Entry) -> Owner:
    return choosing.introduced(db, [entry])[0]


def _moment(at: float | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, UTC)
