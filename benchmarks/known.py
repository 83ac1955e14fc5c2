"""A ledger that knows its limits already, as after a first day: what is measured then is not how they are found out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from agent.gemini.keys import KeyManager
from agent.gemini.verdict import Limit, Scope, Verdict


_AMPLE = 1_000_000


def know_limits(home: Path, key: str, model: str) -> None:
    """As if, two minutes ago, this key had served, and a minute's 429 told ample limits of its project on this model."""
    then = datetime.now(UTC) - timedelta(minutes=2)
    verdict = Verdict(
        Scope.PROJECT_MODEL,
        "quota_minute",
        then + timedelta(seconds=1),
        tier="paid",
        limits=(Limit("requests_day", _AMPLE), Limit("requests_minute", _AMPLE)),
    )
    manager = KeyManager([key], home=home, clock=lambda: then)
    manager.lease(model).served()
    manager.lease(model).failed(verdict)
    manager.close()
