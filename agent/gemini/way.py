"""The way to the service, as this program finds it: unreachable, a proxy's page, a location not served. Kept in memory alone.

Another machine may fare better, and so may this one after a change of proxy: nothing of it is written down.
"""

from __future__ import annotations

import random
import threading

from agent.gemini.circuit import Circuit
from agent.gemini.leasing import Denial
from agent.gemini.verdict import Verdict


REASONS = frozenset({"location", "unreachable", "untrusted", "proxy_page", "redirected"})
# Waiting does not mend these: somebody has to do something.
_NOT_BY_WAITING = frozenset({"location", "untrusted", "redirected"})
# How soon to ask again where somebody's trial is under way, and after how long it holds up the next no more; in seconds.
_SOON, _LONGEST_TRIAL = 2.0, 30.0


class Way:
    """A circuit over all models and keys of one program."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._lock = threading.Lock()
        self._circuit = Circuit()
        self._trial_until = 0.0

    def closed(self, now: float) -> Denial | None:
        """Why nothing may be sent now; null where something may: after a failure, one trial at a time."""
        with self._lock:
            circuit = self._circuit
            if circuit.is_closed:
                return None
            if circuit.is_open(now):
                return Denial(circuit.reason, self._until(circuit.until))
            if now < self._trial_until:
                return Denial(circuit.reason, self._until(now + _SOON))
            self._trial_until = now + _LONGEST_TRIAL
            return None

    def given_up(self) -> None:
        """A request was given up half-way: if it was a trial, the next one may go."""
        self._trial_until = 0.0

    def passed(self) -> None:
        """An answer of the service came through."""
        if not self._circuit.failures:
            return
        with self._lock:
            self._circuit, self._trial_until = Circuit(), 0.0

    def failed(self, verdict: Verdict, *, sent: float, now: float) -> float | None:
        """Something of `REASONS` happened. When to try again; null where waiting does not mend it."""
        with self._lock:
            self._circuit = self._circuit.after(verdict, sent=sent, now=now, chance=self._chance)
            self._trial_until = 0.0
            return self._until(self._circuit.until)

    def _until(self, until: float) -> float | None:
        return None if self._circuit.reason in _NOT_BY_WAITING else until
