"""Chooses the key for the next request, and enters its use: or says why none can serve, and until when.

One key is drained before the next is begun; what is known to be doomed is not sent; where nothing is known, one goes ahead.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.gemini import projects, uses
from agent.gemini.circuit import Circuit
from agent.gemini.leasing import Denial, Entry, Grant, PassedOver
from agent.gemini.moment import Moment
from agent.gemini.reading import Out, Owner, bucket_of, outs, owners, standings
from agent.gemini.standing import Room, Standing
from agent.gemini.uses import MINUTE


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
    if not circuit.is_closed and uses.is_open(db, trial):
        return Denial(circuit.reason, at.now + _TRIAL)
    case = _Case(model, bucket, tokens, found, out)
    chosen = _best(db, at, case)
    if isinstance(chosen, _Candidate) and chosen.room.state == "busy" and uses.bury_the_dead(db, at.now):
        chosen = _best(db, at, case)
    if isinstance(chosen, Denial):
        return chosen
    if chosen.room.state == "busy":
        return Denial("busy", at.now)
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
            until = told.until if told else back_at(db, at, theirs, case.bucket, reason, case.tokens)
            passed.append(PassedOver(owner.key, reason, until, told.message if told else ""))
        else:
            if is_probe or _is_untried(db, owner):
                room = Room("free") if not uses.has_open(db, owner.key) else Room("busy", "busy")
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
    return not owner.proven and uses.has_open(db, owner.key)


def back_at(db: sqlite3.Connection, at: Moment, standing: Standing, bucket: str, reason: str, tokens: int = 0) -> float:
    """When a quota that is used up, by our own count, has room again."""
    if reason == "quota_day":
        return at.reset
    requests, used = standing.minute_requests, standing.minute_tokens
    most = standing.limits.get("requests_minute", requests + 1), standing.limits.get("tokens_minute", used + tokens)
    rows = db.execute(
        "SELECT second, SUM(requests), SUM(tokens) FROM seconds JOIN keys USING (key) "
        "WHERE bucket = ? AND project = ? AND second > ? GROUP BY second ORDER BY second",
        (bucket, standing.project, int(at.now) - MINUTE),
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
    if chosen.is_probe:
        projects.probed(db, chosen.owner, at.now)
    key = chosen.owner.key
    lease = uses.enter(db, at, case.bucket, key, case.tokens)
    return Grant(lease, key, chosen.owner.project, case.model, at.now, at.day, case.tokens)
