"""Many posts through the ladder: packed by need, several in flight, finished work kept, what failed split, the rules for what is left."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from datetime import UTC, datetime

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from agent.errors import InputProblem, RungUnavailable
from agent.extraction.ask import Answered, Ask, Trail
from agent.extraction.chain import Ladder
from agent.extraction.result import record_by_rules, record_of_answer
from agent.pipeline.jobs import Intake, Job, share_trail
from agent.pipeline.packing import LOOK_AHEAD, pack_size, take_pack
from agent.pipeline.store import Store
from agent.pipeline.tally import Outcome, Tally
from agent.records import Post


log = logging.getLogger(__name__)

# Models answer garbage, or nothing, by chance too: a post is put to one so often by itself before it counts as refused.
_MOST_ALONE = 3
# `auto` concurrency grows from here while models answer, and is halved where they are overloaded.
_WIDTH_AT_FIRST, _WIDEST = 8.0, 64.0
_OVERLOAD = {"overloaded", "internal", "timeout", "unreachable"}


class Engine:
    """Runs posts through one ladder. Made for one run: `tally` tells how it goes."""

    def __init__(
        self,
        ladder: Ladder,
        *,
        store: Store | None,
        requests_left: Callable[[], float],
        pack: int | None = None,
        concurrency: int | None = None,
        patience: float = 90.0,
        fresh: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`pack` (posts in a request) and `concurrency` (requests in flight) are chosen by need where null; `patience` is in seconds."""
        self._ladder, self._store, self._requests_left = ladder, store, requests_left
        self._pack, self._concurrency = pack, concurrency
        self._patience, self._fresh, self._now = patience, fresh, now
        self._pending: deque[Job] = deque()
        self._again: deque[list[Job]] = deque()
        self._running: set[asyncio.Task[None]] = set()
        self._width = _WIDTH_AT_FIRST
        self._stopping = asyncio.Event()
        self.tally = Tally()

    def stop(self) -> None:
        """Ask nothing more and end every wait; what is in flight comes to its end."""
        self._stopping.set()

    async def run(self, posts: Iterable[Post | InputProblem]) -> AsyncGenerator[Outcome, None]:
        """An outcome for every post, in the input's order; after `stop`, for those alone that are finished."""
        intake = Intake(posts, self._store, fresh=self._fresh)
        coming, window = iter(intake), deque[Job]()
        try:
            while True:
                exhausted = self._fill(window, coming)
                self._dispatch()
                while window and (outcome := window[0].outcome):
                    intake.release(window.popleft())
                    self.tally.count(outcome)
                    yield outcome
                self.tally.resumed, self.tally.doubles = intake.resumed, intake.doubles
                if self._running:
                    await self._step()
                elif self._stopping.is_set() or (exhausted and not window):
                    return
        finally:
            await self._abandon()

    def _fill(self, window: deque[Job], coming: Iterator[Job]) -> bool:
        """Take posts in, up to the look-ahead; true where there are no more."""
        while len(window) < LOOK_AHEAD and not self._stopping.is_set():
            job = next(coming, None)
            if job is None:
                return True
            self.tally.taken += 1
            window.append(job)
            if job.outcome is None and not job.is_double:
                self._pending.append(job)
        return False

    def _dispatch(self) -> None:
        """Send packs until the width is full; those sent in this moment have not taken their requests from what is left yet."""
        sent = 0
        while len(self._running) < (self._concurrency or int(self._width)) and not self._stopping.is_set():
            if self._again:
                pack = self._again.popleft()
            elif self._pending:
                left = self._requests_left() - sent
                pack = take_pack(self._pending, self._pack or pack_size(len(self._pending), left))
            else:
                break
            sent += 1
            self._running.add(asyncio.create_task(self._serve(pack)))
        self.tally.in_flight = len(self._running)

    async def _step(self) -> None:
        """Wait until some pack is through; a bug, or a disk that is full, comes out here."""
        finished, self._running = await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
        for task in finished:
            task.result()

    async def _abandon(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _serve(self, pack: list[Job]) -> None:
        """One pack down the ladder; every job of it is finished or waits to be asked again."""
        refused = tuple(frozenset(job.refused) for job in pack)
        final = all(job.alone >= _MOST_ALONE - 1 for job in pack)
        ask = Ask(tuple(job.post for job in pack), tuple(job.seen for job in pack), refused, final)
        answered = None
        try:
            answered = await self._ask(ask, max(job.waited for job in pack))
        except RungUnavailable:
            self.tally.turned_away = tuple(ask.trail.turned_away)
        await self._book(pack, ask.trail)
        if answered:
            await self._accept(pack, answered)
        elif not self._stopping.is_set():
            self._give_up(pack)

    async def _ask(self, ask: Ask, waited: float) -> Answered:
        """The ladder, tried again after a wait where waiting helps and patience allows. Raises `RungUnavailable`."""

        def stop(state: RetryCallState) -> bool:
            pause = self._pause(ask.trail)
            ask.trail.waited = state.idle_for
            too_long = pause is None or waited + state.idle_for + pause > self._patience
            return too_long or self._stopping.is_set()

        attempts = AsyncRetrying(
            retry=retry_if_exception_type(RungUnavailable),
            stop=stop,
            wait=lambda _: self._pause(ask.trail) or 0.0,
            before_sleep=lambda _: ask.trail.turned_away.clear(),
            sleep=self._nap,
            reraise=True,
        )
        answered: Answered = await attempts(self._ladder.ainvoke, ask)
        return answered

    def _pause(self, trail: Trail) -> float | None:
        """Seconds until a rung could serve again; null where waiting does not help."""
        soonest = trail.soonest()
        return None if soonest is None else max(0.05, (soonest - self._now()).total_seconds())

    async def _nap(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return

    async def _book(self, pack: list[Job], trail: Trail) -> None:
        """Note what a pack met: on its jobs, in the tally, in the log, and for the next run."""
        for attempt in trail.spent.attempts:
            log.info("%d posts · %s · %s · %s", len(pack), attempt.model, attempt.key or "no key", attempt.outcome)
        share_trail(pack, trail)
        self.tally.input_tokens += trail.spent.input_tokens or 0
        self.tally.output_tokens += trail.spent.output_tokens or 0
        overloaded = any(attempt.outcome in _OVERLOAD for attempt in trail.spent.attempts)
        self._width = max(1.0, self._width / 2) if overloaded else min(_WIDEST, self._width + 1)
        if self._store:
            for digest, refusals in trail.refusals.items():
                await asyncio.to_thread(self._store.keep_refusals, digest, refusals)

    async def _accept(self, pack: list[Job], answered: Answered) -> None:
        """Finish what was answered; what was not goes again, in halves where nothing was."""
        left = {job.post.digest: job for job in pack}
        for place in answered.settled:
            await self._finish(left.pop(answered.ask.posts[place].digest), answered, place)
        again = list(left.values())
        if again and not answered.settled and len(again) > 1:
            middle = len(again) // 2
            self._again.extend([again[:middle], again[middle:]])
        elif again:
            self._again.append(again)

    async def _finish(self, job: Job, answered: Answered, place: int) -> None:
        """A model's result: durable before it counts."""
        record = record_of_answer(answered, place, job.spent)
        if self._store:
            await asyncio.to_thread(self._store.keep, job.post, record)
        job.finish(record)

    def _give_up(self, jobs: list[Job]) -> None:
        for job in jobs:
            warnings = [f"{model} gave no result for this post: {reason}" for model, reason in job.refused.items()]
            job.finish(record_by_rules(job.post, job.seen, job.spent, warnings=warnings))
