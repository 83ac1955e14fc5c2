"""Many posts through the ladder: packed by need, several in flight, finished work kept, what failed split, the rules for what is left."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from agent.errors import InputProblem, RungUnavailable
from agent.extraction.ask import Answered, Ask, Trail
from agent.extraction.chain import Ladder
from agent.extraction.result import record_by_rules, record_of_answer
from agent.pipeline.descent import Descent
from agent.pipeline.jobs import Intake, Job, share_trail
from agent.pipeline.packing import LOOK_AHEAD, Left, pack_due, pack_size, take_pack
from agent.pipeline.reading import Reader
from agent.pipeline.second_look import MOST_LOOKS, MOST_READINGS, Doubts, Look, ask_for, look_for, take_looks
from agent.pipeline.store import Store
from agent.pipeline.tally import Outcome, Tally, out_of_service
from agent.records import Post, Record


log = logging.getLogger(__name__)

# Models answer garbage, or nothing, by chance too: a post is put to one so often by itself before it counts as refused.
_MOST_ALONE = 3
# `auto` concurrency grows from here while models answer, and is halved where they are overloaded.
_WIDTH_AT_FIRST, _WIDEST = 8.0, 64.0
# Posts that are read ahead of those that are looked at; seconds without one after which an input pauses.
_READ_AHEAD, _PAUSE = 64, 0.2
# Finished posts that nobody takes: so many for each request in flight, and nothing more is sent.
_UNTAKEN = 4
# What may have failed for the pack's size alone.
_OF_ITS_SIZE = {"too_long", "bad_request", "timeout", "malformed"}
_OVERLOAD = {"overloaded", "internal", "timeout", "unreachable"}
# What fails by chance and for nobody else: the same request may be served the next time.
_OF_A_MOMENT = {"overloaded", "internal", "timeout", "dropped", "garbled"}

Result = tuple[Job, Answered, int]
"""A post's job, and the place of its result in an answer."""


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
        self._store, self._quota = store, Left(requests_left)
        self._pack, self._concurrency = pack, concurrency
        self._patience, self._fresh = patience, fresh
        self._window: deque[Job] = deque()
        self._pending: deque[Job] = deque()
        self._again: deque[list[Job]] = deque()
        self._looks: deque[Look] = deque()
        self._running: set[asyncio.Task[None]] = set()
        self._bugs: list[BaseException] = []
        self._asked, self._sent, self._size = 0, 0, 1
        self._open, self._untaken = 0, 0
        self._width = _WIDTH_AT_FIRST
        self._doubts = Doubts()
        self._is_all, self._last_came = False, 0.0
        self._stopping, self._news, self._ready = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.tally = Tally()
        self._descent = Descent(ladder, patience=patience, stopping=self._stopping, waits=self.tally.waits, now=now)

    def stop(self) -> None:
        """Ask nothing more and end every wait; what is in flight comes to its end."""
        self._stopping.set()
        self._news.set()

    async def run(self, posts: Iterable[Post | InputProblem]) -> AsyncGenerator[Outcome, None]:
        """An outcome for every post, in the input's order; after `stop`, for those alone that are finished.

        What `posts` raises comes out when all that came before it is finished.
        """
        loop = asyncio.get_running_loop()

        def tell() -> None:
            # What is set is cleared before the reader is looked at.
            if not self._news.is_set():
                loop.call_soon_threadsafe(self._news.set)

        reader = Reader[Post | InputProblem](ahead=_READ_AHEAD, tell=tell)
        intake = Intake(self._store, fresh=self._fresh)
        reader.start(posts)
        work = loop.create_task(self._work(reader, intake))
        work.add_done_callback(lambda _: self._ready.set())
        try:
            is_done = False
            while not is_done:
                await self._ready.wait()
                self._ready.clear()
                is_done = work.done()
                while self._window and (outcome := self._window[0].outcome):
                    intake.release(self._window.popleft())
                    self._untaken -= 1
                    self._news.set()
                    yield outcome
            work.result()
        finally:
            reader.close()
            await self._abandon(work)

    async def _work(self, reader: Reader[Post | InputProblem], intake: Intake) -> None:
        """Take posts in and send them, until all are finished. A bug, or a disk that is full, comes out here."""
        while True:
            self._news.clear()
            await self._take_in(reader, intake)
            self._dispatch()
            if self._bugs:
                raise self._bugs[0]
            is_idle = not self._running
            if is_idle and self._stopping.is_set():
                return
            if is_idle and self._is_all and all(job.outcome for job in self._window):
                break
            with suppress(TimeoutError):
                async with asyncio.timeout(self._until_due()):
                    await self._news.wait()
        if reader.error:
            raise reader.error

    async def _take_in(self, reader: Reader[Post | InputProblem], intake: Intake) -> None:
        """What was read, up to the look-ahead."""
        while reader and len(self._window) < LOOK_AHEAD and not self._stopping.is_set():
            job = intake.job(reader.take())
            self._last_came = job.since = asyncio.get_running_loop().time()
            self.tally.taken += 1
            self._window.append(job)
            pieces = intake.pieces(job)
            self._pending.extend(pieces)
            self._asked += len(pieces)
            self._open += len(pieces)
            if job.outcome:
                self._count(job, job.outcome)
            await self._join(job)
        self._is_all = reader.is_over
        self.tally.may_grow = not self._is_all
        self.tally.resumed, self.tally.doubles = intake.resumed, intake.doubles

    def _dispatch(self) -> None:
        """Send packs until the width is full."""
        while len(self._running) < self._wide and not self._stopping.is_set() and not self._is_ahead():
            work = self._next()
            if work is None:
                break
            task = asyncio.get_running_loop().create_task(work)
            self._running.add(task)
            task.add_done_callback(self._through)
        self.tally.in_flight = len(self._running)

    def _next(self) -> Coroutine[Any, Any, None] | None:
        """What is to be done next; null where there is nothing, or more is worth waiting for."""
        if self._again:
            return self._sending(self._serve(self._again.popleft()))
        if self._pending and (size := self._due()):
            self._size = size
            return self._sending(self._serve(take_pack(self._pending, size)))
        if len(self._looks) >= MOST_LOOKS or (self._looks and not self._running):
            looks = take_looks(self._looks)
            return self._sending(self._look_again(looks)) if self._quota.left() > 0 else self._forgo(looks)
        return None

    def _sending(self, work: Coroutine[Any, Any, None]) -> Coroutine[Any, Any, None]:
        """A request counts as soon as it is decided on: the next decision knows of it."""
        self._sent += 1
        self._quota.sent()
        return work

    def _due(self) -> int:
        """Posts for the next pack, where it is to be sent now."""
        waiting = len(self._pending)
        if self._is_all or len(self._window) >= LOOK_AHEAD:
            return self._pack or pack_size(waiting, self._left_for_packs())
        now = asyncio.get_running_loop().time()
        is_flowing = now - self._last_came < _PAUSE
        if self._pack:
            return self._pack if waiting >= self._pack or not is_flowing else 0
        is_overdue = now - self._pending[0].since >= self._patience
        left = self._left_for_packs()
        return pack_due(waiting, self._asked, left, is_flowing=is_flowing, is_overdue=is_overdue)

    def _left_for_packs(self) -> float:
        """Requests for first answers: while a model is careless, as much as half of all is kept for reading again."""
        left = self._quota.left()
        if not self._doubts.are_any:
            return left
        left = min(left, self._asked - self._sent)
        return left - min(left // 2, (MOST_READINGS - 1) * math.ceil(self._open / MOST_LOOKS))

    def _until_due(self) -> float | None:
        """Seconds until what waits for more of the input may go without it."""
        if not self._pending or self._is_all:
            return None
        now = asyncio.get_running_loop().time()
        dues = self._last_came + _PAUSE, self._pending[0].since + self._patience
        return min((due - now for due in dues if due > now), default=None)

    @property
    def _wide(self) -> int:
        return self._concurrency or int(self._width)

    def _is_ahead(self) -> bool:
        """Whether more is finished than whoever iterates takes: nothing is asked for that nobody may want."""
        return self._untaken >= _UNTAKEN * self._wide and bool(self._window and self._window[0].outcome)

    def _through(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._bugs.append(error)
        self.tally.in_flight = len(self._running)
        self._news.set()

    async def _abandon(self, work: asyncio.Task[None]) -> None:
        tasks = work, *self._running
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, pack: list[Job]) -> None:
        """One pack down the ladder; every job of it is finished or waits to be asked again."""
        refused = tuple(frozenset(job.refused) for job in pack)
        is_last_try = all(job.tries_alone >= _MOST_ALONE - 1 for job in pack)
        ask = Ask(tuple(job.post for job in pack), tuple(job.seen for job in pack), refused, is_last_try)
        answered = None
        try:
            answered = await self._descent.ask(ask, waited=max(job.waited for job in pack))
        except RungUnavailable:
            self.tally.turn_away(ask.trail)
        await self._book(pack, ask.trail)
        for job in pack:
            job.tries_alone += len(pack) == 1
        if answered:
            await self._accept(pack, answered)
        elif len(pack) > 1 and any(error.reason in _OF_ITS_SIZE for error in ask.trail.turned_away):
            self._split(pack)
        elif _was_a_moment(ask.trail) and pack[0].tries_alone < _MOST_ALONE and len(pack) == 1:
            self._again.append(pack)
        elif not self._stopping.is_set():
            await self._give_up(pack, ask.trail)

    async def _book(self, pack: list[Job], trail: Trail) -> None:
        """Note what a pack met: on its jobs, in the tally, in the log, and for the next run."""
        is_news = not self._descent.is_known(trail)
        for attempt in trail.spent.attempts:
            facts = {"posts": len(pack), **attempt.model_dump()}
            told = attempt.model, attempt.key or "not sent", attempt.outcome, len(pack)
            log.log(logging.INFO if is_news else logging.DEBUG, "%s · %s · %s · posts: %d", *told, extra=facts)
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
        self._doubts.hear(answered)
        results = [(left.pop(answered.ask.posts[place].digest), answered, place) for place in answered.settled]
        await self._conclude(results, [look_for(*result, self._doubts) for result in results])
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
        due = len(self._again) + math.ceil(len(self._pending) / self._size) + len(self._looks) // MOST_LOOKS + 1
        return self._sent + due <= max(self._asked, 2) and due <= self._quota.left()

    async def _look_again(self, looks: list[Look]) -> None:
        """Ask for what first answers left out; where that brings nothing, the rules have filled it in already."""
        ask, second = ask_for(looks), None
        with suppress(RungUnavailable):
            second = await self._descent.ask_once(ask)
        await self._book([look.job for look in looks], ask.trail)
        results = [(look.job, look.completed(second), look.place) for look in looks]
        again = [
            look_for(*of, self._doubts) if second and look.is_whole else None
            for look, of in zip(looks, results, strict=True)
        ]
        await self._conclude(results, again)

    async def _forgo(self, looks: list[Look]) -> None:
        """Finish posts as they are: there is no quota to ask once more."""
        await self._conclude([(look.job, look.answered, look.place) for look in looks], [None] * len(looks))

    async def _conclude(self, results: Sequence[Result], looks: Sequence[Look | None]) -> None:
        """Keep what was answered, and finish each post but where there is another look to take and quota for it."""
        for (job, _, _), record, look in zip(results, await self._keep(results), looks, strict=True):
            if look and self._may_look_again():
                self._looks.append(look)
            else:
                await self._finish(job, record)

    async def _keep(self, results: Sequence[Result]) -> Sequence[Record]:
        """Models' results made durable together: they count only after that."""
        records = [record_of_answer(answered, place, job.spent) for job, answered, place in results]
        if self._store and records:
            posts = (job.post for job, _, _ in results)
            await asyncio.to_thread(self._store.keep_all, list(zip(posts, records, strict=True)))
        return records

    async def _give_up(self, jobs: list[Job], trail: Trail) -> None:
        is_unserved = bool(out_of_service(trail))
        for job in jobs:
            job.is_unserved = is_unserved
            warnings = [f"{model} gave no result for this post: {reason}" for model, reason in job.refused.items()]
            await self._finish(job, record_by_rules(job.post, job.seen, job.spent, warnings=warnings))

    async def _finish(self, job: Job, record: Record) -> None:
        """A post has its result, and so have its doubles: now they count. With the last of its parts a long one has its own."""
        job.finish(record)
        self._open -= not job.parts
        for one in (job, *job.doubles):
            if one.whole:
                await self._join(one.whole)
            else:
                self._count(one, record)

    async def _join(self, job: Job) -> None:
        if record := job.join():
            if self._store and job.is_by_models:
                await asyncio.to_thread(self._store.keep, job.post, record)
            await self._finish(job, record)

    def _count(self, job: Job, outcome: Outcome) -> None:
        self.tally.count(outcome)
        self._untaken += 1
        self._ready.set()
        if isinstance(outcome, Record) and outcome.provenance.origin == "rules":
            self.tally.refused += not job.is_unserved
        else:
            self.tally.partly_unserved += job.is_unserved


def _was_a_moment(trail: Trail) -> bool:
    """Whether a rung failed by chance, though it is in service: not one that is out until some time."""
    return any(error.reason in _OF_A_MOMENT and error.until is None for error in trail.turned_away)
