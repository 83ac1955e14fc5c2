"""Chooses the key for the next request, and enters its use: or says why none can serve, and until when.

One key is drained before the next is begun; what is known to be doomed is not sent; where nothing is known, one goes ahead.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.gemini import projects
from agent.gemini.circuit import Circuit
from agent.gemini.leasing import Denial, Entry, Grant, PassedOver
from agent.gemini.moment import Moment
from agent.gemini.process import Process, is_alive, this_process
from agent.gemini.reading import MINUTE, Out, Owner, bucket_of, outs, owners, standings
from agent.gemini.standing import Room, Standing


# A lease of a process that cannot be asked after, being another machine's, ends by itself.
_LONGEST_LEASE = 900.0
# How soon to ask again where somebody else's trial is under way.
_TRIAL = 2.0


@dataclass(frozen=True, slots=True)
class _Case:
    """What is asked, and what the ledger holds on it."""

    model: str
    bucket: str
    tokens: int
    owners: Sequence[Owner]
    out: Mapping[tuple[str, str], Out]


@dataclass(frozen=True, slots=True)
class _Candidate:
    owner: Owner
    standing: Standing
    room: Room
    is_probe: bool


def choose(db: sqlite3.Connection, at: Moment, model: str, entries: Sequence[Entry], tokens: int) -> Grant | Denial:
    """A grant, whose use is entered, or a denial. `tokens` is a guess of the input's size."""
    bucket = bucket_of(db, model)
    found = introduced(db, entries)
    out = outs(db, at, {model, bucket})
    if retired := out.get(("", model)):
        return Denial(retired.reason, retired.until, message=retired.message)
    circuit, trial = circuit_of(db, model)
    if circuit.is_open(at.now):
        return Denial(circuit.reason, circuit.until)
    if not circuit.is_closed and _is_open(db, trial):
        return Denial(circuit.reason, at.now + _TRIAL)
    case = _Case(model, bucket, tokens, found, out)
    chosen = _best(db, at, case)
    if isinstance(chosen, _Candidate) and chosen.room.state == "busy" and bury_the_dead(db, at.now):
        chosen = _best(db, at, case)
    if isinstance(chosen, Denial):
        return chosen
    if chosen.room.state == "busy":
        return Denial("busy", at.now, busy=True)
    grant = _enter(db, at, chosen, case)
    if not circuit.is_closed:
        db.execute("UPDATE circuits SET trial = ? WHERE model = ?", (grant.id, model))
    return grant


def _best(db: sqlite3.Connection, at: Moment, case: _Case) -> _Candidate | Denial:
    standing = standings(db, at, case.bucket, {owner.project for owner in case.owners})
    candidates, passed = _sorted_out(db, at, case, standing)
    return min(candidates, key=_rank) if candidates else _denial(passed)


def circuit_of(db: sqlite3.Connection, model: str) -> tuple[Circuit, int]:
    """A model's circuit, and the lease that tries it."""
    row = db.execute("SELECT failures, reason, opened, until, trial FROM circuits WHERE model = ?", (model,)).fetchone()
    return (Circuit(*row[:4]), row[4]) if row else (Circuit(), 0)


def bury_the_dead(db: sqlite3.Connection, now: float) -> bool:
    """Leases of processes that are gone count as used, and hold up nobody. True where there were any."""
    holders = db.execute("SELECT DISTINCT machine, pid, born FROM leases").fetchall()
    dead = [holder for holder in holders if not is_alive(Process(*holder))]
    gone = []
    for holder in dead:
        gone += db.execute(
            "DELETE FROM leases WHERE (machine, pid, born) = (?, ?, ?) RETURNING bucket, key, day", holder
        ).fetchall()
    here = this_process().machine
    gone += db.execute(
        "DELETE FROM leases WHERE machine != ? AND at < ? RETURNING bucket, key, day", (here, now - _LONGEST_LEASE)
    ).fetchall()
    db.executemany("UPDATE days SET unsure = unsure + 1 WHERE bucket = ? AND key = ? AND day = ?", gone)
    return bool(gone)


def introduced(db: sqlite3.Connection, entries: Sequence[Entry]) -> list[Owner]:
    """Each entry's owner, in the order given; what the ledger does not know yet of them is entered."""
    found = owners(db, [entry.key for entry in entries])
    for entry in entries:
        owner = found.get(entry.key)
        named = projects.named(entry.project) if entry.project else None
        if owner is None:
            owner = Owner(
                entry.key, entry.tail, named or projects.own(entry.key), "named" if named else "guess", 0, None, None
            )
            db.execute(
                "INSERT INTO keys (key, tail, project, source) VALUES (?, ?, ?, ?)",
                (owner.key, owner.tail, owner.project, owner.source),
            )
        elif named and owner.project != named:
            projects.move(db, owner, named, "named")
            owner = owners(db, [entry.key])[entry.key]
        found[entry.key] = owner
    return [found[entry.key] for entry in entries]


def _sorted_out(
    db: sqlite3.Connection, at: Moment, case: _Case, standing: Mapping[str, Standing]
) -> tuple[list[_Candidate], list[PassedOver]]:
    """Who could serve, now or in a moment, and why the others cannot."""
    candidates, passed = [], []
    for owner in case.owners:
        theirs = standing[owner.project]
        told = why_out(owner, case.model, case.bucket, case.out)
        room = theirs.room(case.tokens, at.now)
        reason = told.reason if told else room.reason if room.state == "out" else ""
        is_probe = reason == "quota_day" and owner.probe_at is not None and owner.probe_at <= at.now
        if reason and not is_probe:
            until = told.until if told else _back(db, at, theirs, case, reason)
            passed.append(PassedOver(owner.key, reason, until, told.message if told else ""))
        else:
            if is_probe or _is_untried(db, owner):
                room = Room("free") if not _has_open(db, owner) else Room("busy", "busy")
            candidates.append(_Candidate(owner, theirs, room, is_probe))
    return candidates, passed


def why_out(owner: Owner, model: str, bucket: str, out: Mapping[tuple[str, str], Out]) -> Out | None:
    """What keeps this key from this model; the longest, where there are several."""
    places = ((owner.key, ""), (owner.project, ""), (owner.project, model), (owner.project, bucket))
    found = [out[place] for place in places if place in out]
    return max(found, key=lambda one: float("inf") if one.ends is None else one.ends, default=None)


def _rank(candidate: _Candidate) -> tuple[bool, bool, int, int, bool]:
    """The one in use first, until its known or believed limit; then the one with most left; a proven key before another."""
    standing = candidate.standing
    return (
        candidate.is_probe,
        standing.left_today == 0,
        -standing.day_requests,
        -standing.left_today,
        not candidate.owner.proven,
    )


def _is_untried(db: sqlite3.Connection, owner: Owner) -> bool:
    return not owner.proven and _has_open(db, owner)


def _has_open(db: sqlite3.Connection, owner: Owner) -> bool:
    return db.execute("SELECT 1 FROM leases WHERE key = ? LIMIT 1", (owner.key,)).fetchone() is not None


def _is_open(db: sqlite3.Connection, lease: int) -> bool:
    row = db.execute("SELECT machine, pid, born FROM leases WHERE id = ?", (lease,)).fetchone()
    return row is not None and is_alive(Process(*row))


def _back(db: sqlite3.Connection, at: Moment, standing: Standing, case: _Case, reason: str) -> float:
    """When a quota that is used up, by our own count, has room again."""
    if reason == "quota_day":
        return at.reset
    tokens = case.tokens
    requests, used = standing.minute_requests, standing.minute_tokens
    most = standing.limits.get("requests_minute", requests + 1), standing.limits.get("tokens_minute", used + tokens)
    rows = db.execute(
        "SELECT second, SUM(requests), SUM(tokens) FROM seconds JOIN keys USING (key) "
        "WHERE bucket = ? AND project = ? AND second > ? GROUP BY second ORDER BY second",
        (case.bucket, standing.project, int(at.now) - MINUTE),
    )
    back = at.now
    for second, freed_requests, freed_tokens in rows:
        back = float(second + MINUTE)
        requests, used = requests - freed_requests, used - freed_tokens
        if requests + 1 <= most[0] and used + tokens <= most[1]:
            break
    return back


def _denial(passed: Sequence[PassedOver]) -> Denial:
    """Named after the key that is back first."""
    if not passed:
        return Denial("no_key")
    first = min(passed, key=lambda one: float("inf") if one.until is None else one.until)
    return Denial(first.reason, first.until, message=first.message, passed_over=tuple(passed))


def _enter(db: sqlite3.Connection, at: Moment, chosen: _Candidate, case: _Case) -> Grant:
    key, bucket, tokens, me = chosen.owner.key, case.bucket, case.tokens, this_process()
    if chosen.is_probe:
        projects.probed(db, chosen.owner, at.now)
    db.execute(
        "INSERT INTO days VALUES (?, ?, ?, 1, ?, 0) ON CONFLICT DO UPDATE SET requests = requests + 1, tokens = tokens + excluded.tokens",
        (bucket, at.day, key, tokens),
    )
    db.execute(
        "INSERT INTO seconds VALUES (?, ?, ?, 1, ?) ON CONFLICT DO UPDATE SET requests = requests + 1, tokens = tokens + excluded.tokens",
        (bucket, int(at.now), key, tokens),
    )
    cursor = db.execute(
        "INSERT INTO leases (bucket, key, day, at, machine, pid, born) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (bucket, key, at.day, at.now, me.machine, me.pid, me.born),
    )
    standing = chosen.standing
    return Grant(
        cursor.lastrowid or 0,
        key,
        chosen.owner.project,
        case.model,
        bucket,
        at.now,
        at.day,
        tokens,
        standing.day_requests + 1,
        standing.minute_requests + 1,
    )
