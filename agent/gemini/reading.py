"""Reads out of the ledger's tables how projects stand with one model. Changes nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agent.gemini.beliefs import believed
from agent.gemini.moment import Moment
from agent.gemini.process import this_machine
from agent.gemini.standing import Standing
from agent.gemini.uses import MINUTE
from agent.gemini.verdict import Metric


# A limit that was told longer ago is a belief again: the service changes them now and then.
_FRESH = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Owner:
    """A key, and whose it is."""

    key: str
    tail: str
    project: str
    source: str
    proven: int
    probe_at: float | None
    probe_wait: float | None


@dataclass(frozen=True, slots=True)
class Out:
    """What is out: for a project, a key or everybody (no `who`); one model, or all (no `model`)."""

    who: str
    model: str
    reason: str
    message: str
    since: float
    until: float | None
    ends: float | None


def owners(db: sqlite3.Connection, keys: Iterable[str]) -> dict[str, Owner]:
    """Those of the keys that the ledger knows, by key."""
    rows = db.execute(
        "SELECT key, tail, project, source, proven, probe_at, probe_wait FROM keys WHERE key IN (SELECT value FROM json_each(?))",
        (json.dumps(list(keys)),),
    )
    return {row[0]: Owner(*row) for row in rows}


def bucket_of(db: sqlite3.Connection, model: str) -> str:
    """The name that a model is counted under."""
    row = db.execute("SELECT bucket FROM buckets WHERE model = ?", (model,)).fetchone()
    return str(row[0]) if row else model


def outs(db: sqlite3.Connection, at: Moment, models: Iterable[str]) -> dict[tuple[str, str], Out]:
    """By (who, model): all that is out now and touches one of the models."""
    rows = db.execute(
        "SELECT who, model, reason, message, since, until, ends FROM outs "
        "WHERE model IN (SELECT value FROM json_each(?)) AND machine IN ('', ?) "
        "AND (ends IS NULL OR ends > CASE reason WHEN 'quota_day' THEN ? ELSE ? END)",
        (json.dumps(["", *models]), this_machine(), at.latest, at.now),
    )
    return {(row[0], row[1]): Out(*row) for row in rows}


def standings(db: sqlite3.Connection, at: Moment, bucket: str, projects: Iterable[str]) -> dict[str, Standing]:
    """How each project stands with a model bucket."""
    found = {project: Standing(project) for project in projects}
    for project, requests, tokens in db.execute(
        "SELECT project, SUM(requests), SUM(tokens) FROM days JOIN keys USING (key) WHERE bucket = ? AND day = ? GROUP BY project",
        (bucket, at.day),
    ):
        if standing := found.get(project):
            standing.day_requests, standing.day_tokens = requests, tokens
    for project, requests, tokens in db.execute(
        "SELECT project, SUM(requests), SUM(tokens) FROM seconds JOIN keys USING (key) WHERE bucket = ? AND second > ? GROUP BY project",
        (bucket, int(at.now) - MINUTE),
    ):
        if standing := found.get(project):
            standing.minute_requests, standing.minute_tokens = requests, tokens
    for project, count, oldest in db.execute(
        "SELECT project, COUNT(*), MIN(at) FROM leases JOIN keys USING (key) WHERE bucket = ? GROUP BY project",
        (bucket,),
    ):
        if standing := found.get(project):
            standing.open, standing.oldest = count, oldest
    for project, served, in_day, in_minute in db.execute(
        "SELECT project, served, day, minute FROM peaks WHERE bucket = ?", (bucket,)
    ):
        if standing := found.get(project):
            standing.served, standing.day_peak, standing.minute_peak = served, in_day, in_minute
    _add_limits(db, bucket, found, at.now)
    return found


def _add_limits(db: sqlite3.Connection, bucket: str, found: Mapping[str, Standing], now: float) -> None:
    """Limits that the service told of the project itself or of its tier; older ones, and the free tier's where the tier is unknown, are beliefs."""
    told: dict[str, dict[Metric, tuple[int, float]]] = {}
    for holder, metric, value, at in db.execute(
        "SELECT holder, metric, value, at FROM limits WHERE bucket = ?", (bucket,)
    ):
        told.setdefault(holder, {})[metric] = (value, at)
    tiers = dict(db.execute("SELECT project, tier FROM projects"))
    for project, standing in found.items():
        beliefs: dict[Metric, Sequence[int]] = dict(believed(bucket))
        limits: dict[Metric, int] = {}
        tier = tiers.get(project)
        for holder, is_known in ((f"tier:{tier or 'free'}", tier is not None), (project, True)):
            for metric, (value, at) in told.get(holder, {}).items():
                beliefs[metric] = (value,)
                limits.pop(metric, None)
                if is_known and now - at < _FRESH and not _is_refuted(standing, metric, value):
                    limits[metric] = value
        standing.beliefs, standing.limits = beliefs, limits


def _is_refuted(standing: Standing, metric: Metric, value: int) -> bool:
    """Whether more than that was served already."""
    return metric == "requests_day" and standing.day_peak > value
