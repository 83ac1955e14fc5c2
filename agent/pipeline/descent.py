"""One ask down the ladder, and down again after a wait where waiting helps. What comes of it is the engine's business."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from copy import copy
from datetime import datetime

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from agent.errors import RungUnavailable
from agent.extraction.ask import Answered, Ask, Trail
from agent.extraction.chain import Ladder
from agent.pipeline.outage import Outage


Waits = Callable[[Sequence[RungUnavailable]], AbstractContextManager[None]]
"""Told while something is waited for, and what turned it away."""


class Descent:
    """Asks for one run. While all rungs are known to be out, nobody is asked."""

    def __init__(
        self,
        ladder: Ladder,
        *,
        patience: float,
        stopping: asyncio.Event,
        waits: Waits,
        now: Callable[[], datetime],
    ) -> None:
        """`patience` is in seconds; a wait ends where `stopping` is set."""
        self._ladder, self._patience, self._stopping = ladder, patience, stopping
        self._waits, self._now = waits, now
        self._outage: Outage | None = None

    async def ask(self, ask: Ask, *, waited: float) -> Answered:
        """The ladder, tried again after a wait where waiting helps and what is left of the patience allows. Raises `RungUnavailable`."""

        def stop(state: RetryCallState) -> bool:
            pause = self._pause(ask.trail)
            ask.trail.waited = state.idle_for
            too_long = pause is None or waited + state.idle_for + pause > self._patience
            return too_long or self._stopping.is_set()

        attempts = AsyncRetrying(
            retry=retry_if_exception_type(RungUnavailable),
            stop=stop,
            wait=lambda _: self._pause(ask.trail) or 0.0,
            sleep=lambda seconds: self._nap(ask.trail, seconds),
            reraise=True,
        )
        answered: Answered = await attempts(self.ask_once, ask)
        return answered

    async def ask_once(self, ask: Ask) -> Answered:
        """The ladder; while it is known to be out as a whole, its word of that instead. Raises `RungUnavailable`."""
        if self._outage and not self._outage.is_over(self._now()):
            for error in self._outage.errors:
                ask.trail.note(error)
            raise copy(self._outage.errors[0])
        try:
            return await self._ladder.ainvoke(ask)
        except RungUnavailable:
            self._outage = Outage.of(ask.trail.turned_away)
            raise

    def is_known(self, trail: Trail) -> bool:
        """Whether what turned an ask away is but the word of an outage that was told before."""
        return self._outage is not None and self._outage.is_behind(trail.turned_away)

    def _pause(self, trail: Trail) -> float | None:
        """Seconds until a rung could serve again; null where waiting does not help."""
        soonest = trail.soonest()
        return None if soonest is None else max(0.05, (soonest - self._now()).total_seconds())

    async def _nap(self, trail: Trail, seconds: float) -> None:
        """Wait for what the trail says is back first; what turned it away is past then."""
        with self._waits(trail.turned_away), suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
        trail.turned_away.clear()
        self._outage = None
