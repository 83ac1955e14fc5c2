"""What the ledger is asked with, and what it answers: an entry for each key, then a grant or a denial. Values alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A key as the ledger is told of it."""

    key: str
    """Its fingerprint."""
    tail: str
    """How it is named to people: `…A1b2`."""
    project: str | None = None
    """The name that the user gave its project."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One request may go: its use is entered."""

    id: int
    key: str
    project: str
    model: str
    at: float
    """When, in seconds since 1970."""
    day: str
    tokens: int


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Why a key cannot serve now. `until` in seconds since 1970; null where waiting does not help, or nobody knows."""

    key: str
    reason: str
    until: float | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Denial:
    """No request may go now. `reason` is `busy` where one that is in flight must come back first, which takes a moment."""

    reason: str
    until: float | None = None
    message: str = ""
    passed_over: tuple[PassedOver, ...] = ()
