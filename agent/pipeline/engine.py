"""Many posts through the ladder: packed by need, several in flight, finished work kept, what failed split, the rules for what is left."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from agent.errors import InputProblem, RungUnavailable
from agent.extraction.ask import Answered, Ask, Trail
from agent.extraction.chain import Ladder
from agent.extraction.result import record_by_rules, record_of_answer
from agent.pipeline.jobs import Intake, Job, share_trail
from agent.pipeline.packing import LOOK_AHEAD, pack_size, take_pack
from agent.pipeline.second_look import MOST_LOOKS, Look, ask_for
from agent.pipeline.store import Store
from agent.pipeline.tally import Outcome, Tally, out_of_service
from agent.records import Post, Record


log = logging.getLogger(__name__)

# Models answer garbage, or nothing, by chance too: a post is put to one so often by itself before it counts as refused.
_MOST_ALONE = 3
# `auto` concurrency grows from here while models answer, and is halved where they are overloaded.
_WIDTH_AT_FIRST, _WIDEST = 8.0, 64.0
# What may have failed for the pack's size alone.
_OF_ITS_SIZE = {"too_long", "bad_request", "timeout", "malformed"}
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
        self._looks: deque[Look] = deque()
        self._running: set[asyncio.Task[None]] = set()
        self._sent, self._size = 0, 1
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
                exhausted = await self._fill(window, coming)
                self.tally.more = not exhausted
                self._dispatch()
                while window and (outcome := window[0].outcome):
                    intake.release(window.popleft())
                    yield outcome
                self.tally.resumed, self.tally.doubles = intake.resumed, intake.doubles
                if self._running:
                    await self._step()
                elif self._stopping.is_set() or (exhausted and not window):
                    return
        finally:
            await self._abandon()

    async def _fill(self, window: deque[Job], coming: Iterator[Job]) -> bool:
        """Take posts in, up to the look-ahead; true where there are no more."""
        while len(window) < LOOK_AHEAD and not self._stopping.is_set():
            job = next(coming, None)
            if job is None:
                return True
            self.tally.taken += 1
            window.append(job)
            if job.outcome:
                self.tally.count(job.outcome)
            elif not job.is_double:
                self._pending.append(job)
            if job.post.pictures:
                # Text in pictures takes seconds to read: answers come in between, and Ctrl-C is heard.
                await asyncio.sleep(0)
        return False

    def _dispatch(self) -> None:
        """Send packs until the width is full; those sent in this moment have not taken their requests from what is left yet."""
        sent_now = 0
        while len(self._running) < (self._concurrency or int(self._width)) and not self._stopping.is_set():
            if self._again:
                work = self._serve(self._again.popleft())
            elif self._pending:
                left = self._requests_left() - sent_now
                self._size = self._pack or pack_size(len(self._pending), left)
                work = self._serve(take_pack(self._pending, self._size))
            elif len(self._looks) >= MOST_LOOKS or (self._looks and not self._running):
                work = self._look_again([self._looks.popleft() for _ in range(min(MOST_LOOKS, len(self._looks)))])
            else:
                break
            sent_now += 1
            self._running.add(asyncio.create_task(work))
        self._sent += sent_now
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
            self.tally.turn_away(ask.trail)
        await self._book(pack, ask.trail)
        for job in pack:
            job.alone += len(pack) == 1
        if answered:
            await self._accept(pack, answered)
        elif len(pack) > 1 and any(error.reason in _OF_ITS_SIZE for error in ask.trail.turned_away):
            self._split(pack)
        elif not self._stopping.is_set():
            self._give_up(pack, ask.trail)

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
            sleep=lambda seconds: self._nap(ask.trail, seconds),
            reraise=True,
        )
        answered: Answered = await attempts(self._ladder.ainvoke, ask)
        return answered

    def _pause(self, trail: Trail) -> float | None:
        """Seconds until a rung could serve again; null where waiting does not help."""
        soonest = trail.soonest()
        return None if soonest is None else max(0.05, (soonest - self._now()).total_seconds())

    async def _nap(self, trail: Trail, seconds: float) -> None:
        """Wait for what the trail says is back first; what turned it away is past then."""
        with self.tally.waits(trail.turned_away), suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
        trail.turned_away.clear()

    async def _book(self, pack: list[Job], trail: Trail) -> None:
        """Note what a pack met: on its jobs, in the tally, in the log, and for the next run."""
        for attempt in trail.spent.attempts:
            facts = {"posts": len(pack), **attempt.model_dump()}
            told = attempt.model, attempt.key or "no key", attempt.outcome, len(pack)
            log.info("%s · %s · %s · posts: %d", *told, extra=facts)
            self.tally.answers += attempt.outcome == "ok"
        share_trail(pack, trail)
        self.tally.spend(trail.spent)
        overloaded = any(attempt.outcome in _OVERLOAD for attempt in trail.spent.attempts)
        self._width = max(1.0, self._width / 2) if overloaded else min(_WIDEST, self._width + 1)
        if self._store:
            for digest, refusals in trail.refusals.items():
                await asyncio.to_thread(self._store.keep_refusals, digest, refusals)

    async def _accept(self, pack: list[Job], answered: Answered) -> None:
        """Finish what was answered; what was not goes again, in halves where nothing was."""
        left = {job.post.digest: job for job in pack}
        for place, settled in answered.settled.items():
            job = left.pop(answered.ask.posts[place].digest)
            record = await self._keep(job, answered, place)
            if any(one.sure for one in settled.missing) and self._may_look_again():
                self._looks.append(Look(job, answered, place))
            else:
                self._finish(job, record)
        again = list(left.values())
        if not answered.settled and len(again) > 1:
            self._split(again)
        elif again:
            self._again.append(again)

    def _split(self, pack: list[Job]) -> None:
        middle = len(pack) // 2
        self._again.extend([pack[:middle], pack[middle:]])

    def _may_look_again(self) -> bool:
        """Whether quota allows to ask once more: all that wait can still be served, by no more requests than there are posts."""
        due = len(self._again) + math.ceil(len(self._pending) / self._size) + 1
        return self._sent + due <= max(self.tally.taken, 2) and due < self._requests_left()

    async def _look_again(self, looks: list[Look]) -> None:
        """Ask for what first answers left out; where that brings nothing, the rules have filled it in already."""
        ask = ask_for(looks)
        try:
            second = await self._ladder.ainvoke(ask)
        except RungUnavailable:
            second = None
        await self._book([look.job for look in looks], ask.trail)
        for look in looks:
            self._finish(look.job, await self._keep(look.job, look.completed(second), look.place))

    async def _keep(self, job: Job, answered: Answered, place: int) -> Record:
        """A model's result, made durable: it counts only after that."""
        record = record_of_answer(answered, place, job.spent)
        if self._store:
            await asyncio.to_thread(self._store.keep, job.post, record)
        return record

    def _give_up(self, jobs: list[Job], trail: Trail) -> None:
        is_refused = not out_of_service(trail)
        for job in jobs:
            warnings = [f"{model} gave no result for this post: {reason}" for model, reason in job.refused.items()]
            self._finish(job, record_by_rules(job.post, job.seen, job.spent, warnings=warnings))
            self.tally.refused += is_refused * (1 + len(job.doubles))

    def _finish(self, job: Job, record: Record) -> None:
        """A post has its result, and so have its doubles: now they count."""
        job.finish(record)
        for _ in (job, *job.doubles):
            self.tally.count(record)
