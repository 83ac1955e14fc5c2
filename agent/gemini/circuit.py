"""Pauses that grow while something fails for everybody, and one trial before it is trusted again. Pure; times are in seconds."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from agent.gemini.verdict import Scope, Verdict


_LONGEST_PAUSE = 300.0


@dataclass(frozen=True, slots=True)
class _Habit:
    """After how many failures in a row a circuit opens, and for how long at first."""

    failures: int
    pause: float


_OF_THE_SERVICE = _Habit(2, 1.0)
# What may be one request's own fault takes more of them to say something of the model.
_OF_REQUESTS = _Habit(3, 60.0)
_HABITS: Mapping[str, _Habit] = {
    "location": _Habit(1, 60.0),
    "redirected": _Habit(1, 60.0),
    "untrusted": _Habit(1, 60.0),
}


def feeds(verdict: Verdict) -> bool:
    """Whether a failure of this kind, again and again, says something of the model or the service."""
    return verdict.scope == Scope.SERVICE or verdict.reason in {"forbidden", "bad_request"}


@dataclass(frozen=True, slots=True)
class Circuit:
    """Failures in a row. It is open, and nothing is sent, until `until`; then one trial may go."""

    failures: int = 0
    reason: str = ""
    opened: float = 0.0
    """When it opened; 0 where it is closed, however many failures there were."""
    until: float = 0.0

    def after(self, verdict: Verdict, *, sent: float, now: float, chance: random.Random) -> Circuit:
        """Itself after one more failure, of a request that was sent at `sent`."""
        if sent < self.opened:
            # It was under way when the circuit opened: no news.
            return self
        habit = _HABITS.get(verdict.reason) or (_OF_REQUESTS if verdict.scope == Scope.REQUEST else _OF_THE_SERVICE)
        failures = self.failures + 1
        told = verdict.until.timestamp() if verdict.until else 0.0
        opens = failures >= habit.failures or told > now
        growth = 2.0 ** min(failures - habit.failures + 1, 16) if opens and not told else 1.0
        pause = min(_LONGEST_PAUSE, habit.pause * growth) * chance.uniform(0.8, 1.2)
        return Circuit(failures, verdict.reason, now if opens else 0.0, max(told, now + pause))

    @property
    def is_closed(self) -> bool:
        return not self.opened

    def is_open(self, now: float) -> bool:
        """Whether nothing may be sent now. Not closed and not open, it waits for a trial."""
        return bool(self.opened) and now < self.until
