"""The way to the service, as this program finds it: unreachable, a proxy's page, a location not served. Kept in memory alone.

Another machine may fare better, and so may this one after a change of proxy: nothing of it is written down.
"""

from __future__ import annotations

import random
import threading

from agent.gemini.circuit import Circuit
from agent.gemini.leasing import Denial
from agent.gemini.verdict import Verdict


REASONS = frozenset({"location", "unreachable", "proxy_page", "redirected"})
# Waiting does not mend these: somebody has to do something.
_NOT_BY_WAITING = frozenset({"location", "redirected"})
_TRIAL = 2.0


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
            if circuit.is_open(now) or now < self._trial_until:
                return Denial(circuit.reason, self._until(max(circuit.until, self._trial_until)))
            self._trial_until = now + _TRIAL
            return None

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
