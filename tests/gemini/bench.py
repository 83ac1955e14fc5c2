"""What these tests share: a clock turned by hand, keys of the ledger, a pool at a twin that never really sleeps."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from agent.gemini.chat import ChatGeminiPool
from agent.gemini.keys import KeyManager
from agent.gemini.leasing import Denial, Entry, Grant
from agent.gemini.ledger import Ledger, fingerprint
from agent.gemini.verdict import Limit, Metric, Scope, Verdict
from tests.twin import Twin, VirtualClock


MODEL = "gemini-2.5-flash"
NOON = datetime(2026, 11, 24, 20, tzinfo=UTC)
"""Twelve o'clock in Los Angeles: the day ends in twelve hours."""


class Desk:
    """A ledger with a clock of its own and a few keys that nobody knows anything of."""

    def __init__(self, home: Path, *, keys: int = 1, projects: dict[int, str] | None = None) -> None:
        self.clock = VirtualClock(NOON)
        self.ledger = Ledger(home, clock=self.clock, chance=random.Random(0))
        named = projects or {}
        self.keys = [Entry(fingerprint(f"key {n}"), f"…key{n}", named.get(n)) for n in range(keys)]

    def lease(self, model: str = MODEL, *, tokens: int = 0, only: int | None = None) -> Grant | Denial:
        keys = self.keys if only is None else [self.keys[only]]
        return self.ledger.lease(model, keys, tokens)

    def granted(self, model: str = MODEL, *, tokens: int = 0, only: int | None = None) -> Grant:
        answer = self.lease(model, tokens=tokens, only=only)
        assert isinstance(answer, Grant), answer
        return answer

    def denied(self, model: str = MODEL, *, tokens: int = 0, only: int | None = None) -> Denial:
        answer = self.lease(model, tokens=tokens, only=only)
        assert isinstance(answer, Denial), answer
        return answer

    def serve(self, times: int = 1, model: str = MODEL, *, tokens: int = 0, only: int | None = None) -> None:
        for _ in range(times):
            self.ledger.served(self.granted(model, tokens=tokens, only=only), tokens or None)

    def fail(self, verdict: Verdict, model: str = MODEL, *, only: int | None = None) -> Grant:
        grant = self.granted(model, only=only)
        self.ledger.failed(grant, verdict)
        return grant

    def used(self, model: str = MODEL, n: int = 0) -> int:
        return next(row.used for row in self.ledger.quotas([model], [self.keys[n]]) if row.model == model)

    def index(self, grant: Grant) -> int:
        return [entry.key for entry in self.keys].index(grant.key)


def day_is_spent(limit: int | None = None, *, tier: str | None = "free", **more: Any) -> Verdict:
    limits = () if limit is None else (Limit("requests_day", limit),)
    return Verdict(Scope.PROJECT_MODEL, "quota_day", NOON + timedelta(hours=12), tier=tier, limits=limits, **more)


def minute_is_spent(limit: int, at: datetime, metric: Metric = "requests_minute", *, seconds: float = 60) -> Verdict:
    until = at + timedelta(seconds=seconds)
    return Verdict(Scope.PROJECT_MODEL, "quota_minute", until, tier="free", limits=(Limit(metric, limit),))


def pool(
    twin: Twin, home: Path, model: str = MODEL, *, keys: list[str] | KeyManager | None = None, **options: Any
) -> ChatGeminiPool:
    """A pool at this twin, with all its keys where none are given, and with the twin's clock. Its pauses take no time."""

    async def asleep(_: float) -> None:
        return None

    if not isinstance(keys, KeyManager):
        keys = KeyManager(keys or list(twin.keys), home=home, base_url=twin.url, clock=twin.service.clock)
    options = {"sleep": lambda _: None, "asleep": asleep} | options
    return ChatGeminiPool(model=model, keys=keys, base_url=twin.url, **options)
