"""Posts by Gemini's Batch API: half the price, a quota of its own, answers within a day. What it leaves undone is the engine's.

A job outlives the program: it is remembered before it is submitted, and its answers are taken in by whichever run comes next.
It never asks for what is finished or under way, and counts against no other quota.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from agent.errors import InputProblem, RungUnavailable, UsageError
from agent.extraction.letters import Letters
from agent.extraction.prompt import Prompt
from agent.gemini.batches import INLINE_LIMIT, BatchDesk, BatchRefused, JobReport, Line
from agent.gemini.clients import Address
from agent.gemini.keys import KeyManager
from agent.gemini.listing import base_url_of
from agent.gemini.process import this_process
from agent.gemini.reasons import explain
from agent.gemini.verdict import Scope, Verdict
from agent.ladder import ModelName
from agent.pipeline.batch_answers import BatchBooks, BatchTally, ask_of
from agent.pipeline.batch_store import BatchEntry, BatchStore
from agent.pipeline.jobs import Intake, Job
from agent.pipeline.packing import take_pack
from agent.records import Post


if TYPE_CHECKING:
    from google.genai.types import InlinedRequest

# Requests in one job: what it holds of a tier's tokens in the queue is freed only when it is over.
_MOST_LINES = 1_000
# How many requests without pictures one picture weighs, in bytes.
_A_PICTURE = 20
# Seconds between two looks at the jobs.
_FIRST_PAUSE, _LONGEST_PAUSE, _GROWTH = 5.0, 300.0, 1.5
# After these nobody knows whether the service has taken the job.
_MAYBE = {"timeout", "dropped", "garbled", "internal", "overloaded"}


@dataclass(frozen=True, slots=True)
class JobStatus:
    """One job, for people. `state` is the service's word; `unknown` where it did not say, and `why` tells why not."""

    label: str
    name: str
    model: str
    key: str
    posts: int
    at: str
    state: str
    why: str = ""


class Batch:
    """Submits, waits and takes in; made for one run. `store` and `keys` are the caller's to close."""

    def __init__(
        self,
        models: Iterable[ModelName],
        *,
        keys: KeyManager,
        store: BatchStore,
        prompt: Prompt,
        base_url: str | None = None,
        pack: int | None = None,
        fresh: bool = False,
        sleep: Callable[[float], object] = time.sleep,
        watch: Callable[[Sequence[JobStatus]], object] = lambda _: None,
        most_lines: int = _MOST_LINES,
        inline_limit: int = INLINE_LIMIT,
    ) -> None:
        """`watch` is told how the jobs stand before each pause. `pack` posts go in one request, one where null: quota is ample."""
        self._models = [name for name in models if name.is_gemini]
        self._keys, self._store, self._prompt = keys, store, prompt
        self._address = Address(base_url_of(base_url or keys.base_url))
        self._pack, self._fresh = pack or 1, fresh
        self._sleep, self._watch = sleep, watch
        self._most_lines, self._inline_limit = most_lines, inline_limit
        self._letters: dict[ModelName, Letters] = {}
        self._tried: set[str] = set()
        self._awaited: set[str] = set()
        self._out_of_reach: set[str] = set()
        self._out: dict[tuple[ModelName, str], BatchRefused] = {}
        self.tally = BatchTally()
        self._books = BatchBooks(store, keys.allowance, self.tally)

    def run(self, posts: Iterable[Post | InputProblem]) -> BatchTally:
        """Submit what is to be asked for, and wait until all jobs that hold any of these posts are over.

        `posts` are gone through again where not all could be submitted at once: give what can be iterated over more than once.
        Raises `UsageError` where no model of the ladder has a Batch API. An exception in a pause, such as Ctrl-C, leaves the jobs going.
        """
        self.submit(posts)
        pause = _FIRST_PAUSE
        while awaited := self._still_awaited():
            if self.fetch(awaited):
                pause = _FIRST_PAUSE
                if self._is_short:
                    self.submit(posts)
            elif awaited := self._still_awaited():
                self._watch(self.statuses(awaited))
                self._sleep(pause)
                pause = min(pause * _GROWTH, _LONGEST_PAUSE)
        return self.tally

    def submit(self, posts: Iterable[Post | InputProblem]) -> None:
        """Submit those that are neither finished, nor refused before, nor under way; as many as the service takes now."""
        if not self._models:
            raise UsageError("--batch needs a Gemini model in the ladder: only Gemini's Batch API is spoken")
        self._out.clear()
        parcel: list[list[Job]] = []
        room = self._most_lines
        for pack in self._packs(posts):
            parcel.append(pack)
            room -= 1 + _A_PICTURE * sum(picture.parts for job in pack for picture in job.post.pictures)
            if room <= 0:
                if not self._send(parcel):
                    return
                parcel, room = [], self._most_lines
        if parcel:
            self._send(parcel)

    def fetch(self, labels: Collection[str] | None = None) -> int:
        """Take in the answers of these jobs, or of all, that are over. Returns how many were."""
        entries = [entry for entry in self._store.jobs() if labels is None or entry.label in labels]
        return sum(self._fetch(entry) for entry in entries)

    def cancel(self, labels: Collection[str] | None = None) -> int:
        """End these jobs, or all; their posts are asked for anew. Returns how many were."""
        ended = 0
        for entry in self._store.jobs():
            if labels is not None and entry.label not in labels:
                continue
            desk = self._desk(entry)
            try:
                if desk and (name := entry.name or desk.find(entry.label)):
                    desk.cancel(name)
            except BatchRefused as refused:
                if not refused.is_unknown:
                    self._note(entry, refused)
                    continue
            self._books.lose(entry, "batch_cancelled")
            ended += 1
        return ended

    def statuses(self, labels: Collection[str] | None = None) -> list[JobStatus]:
        """How these jobs stand, or all; asks the service."""
        entries = [entry for entry in self._store.jobs() if labels is None or entry.label in labels]
        return [self._status(entry) for entry in entries]

    @property
    def _is_short(self) -> bool:
        """Whether a quota of the queue kept posts out, that is free again when a job is over."""
        return any(refused.is_full for refused in self._out.values())

    def _still_awaited(self) -> set[str]:
        return (self._awaited & {entry.label for entry in self._store.jobs()}) - self._out_of_reach

    def _packs(self, posts: Iterable[Post | InputProblem]) -> Iterator[list[Job]]:
        intake = Intake(self._store, fresh=self._fresh, remembered=0)
        pending: deque[Job] = deque()
        for job in map(intake.job, posts):
            for piece in intake.pieces(job):
                if not self._is_due(piece):
                    continue
                pending.append(piece)
                if len(pending) >= self._pack:
                    yield take_pack(pending, self._pack)
            intake.release(job)
        while pending:
            yield take_pack(pending, self._pack)

    def _is_due(self, job: Job) -> bool:
        """Whether it is to be submitted: neither refused, nor under way."""
        if job.refused or job.post.digest in self._tried:
            return False
        if label := self._store.job_of(job.post):
            self._awaited.add(label)
            return False
        self._tried.add(job.post.digest)
        return True

    def _send(self, parcel: list[list[Job]]) -> bool:
        """One job of these packs, by the first model and key that take it. False where none does now."""
        for model in self._models:
            requests = [self._letters_to(model).write(ask_of(pack)) for pack in parcel]
            for key in self._keys.serving():
                if (model, key) in self._out:
                    continue
                refused = self._submitted(model, key, parcel, requests)
                if refused is None:
                    return True
                self._out[model, key] = refused
                if refused.is_full or refused.verdict.another_key_helps:
                    continue
                if refused.verdict.scope == Scope.SERVICE:
                    return self._unsent(parcel)
                break
        return self._unsent(parcel)

    def _unsent(self, parcel: list[list[Job]]) -> bool:
        self._tried.difference_update(job.post.digest for pack in parcel for job in pack)
        return False

    def _send_others(self, parcel: list[list[Job]]) -> None:
        """Another program was quicker with some of these: they are left to it."""
        self._unsent(parcel)
        if due := [left for pack in parcel if (left := [job for job in pack if self._is_due(job)])]:
            self._send(due)

    def _submitted(
        self, model: ModelName, key: str, parcel: list[list[Job]], requests: list[InlinedRequest]
    ) -> BatchRefused | None:
        """Remember it, then submit it: those of its requests that the allowance has room for. Why it was not taken; null where it was."""
        entry = self._new_entry(model, key)
        desk = self._desk(entry)
        assert desk is not None  # noqa: S101  # its key is held
        count = self._books.hold(entry, model, requests, desk.size)
        lines = [[job.post for job in pack] for pack in parcel[:count]]
        if not count or not self._store.enter(entry, lines):
            self._books.release(entry)
            self._send_others(parcel[:count])
            return None
        try:
            self._store.name(entry.label, self._name_of(desk, entry, model, requests[:count]))
        except BatchRefused as refused:
            self._books.release(entry)
            self._note(entry, refused)
            return refused
        self._awaited.add(entry.label)
        self.tally.jobs += 1
        self.tally.requests += count
        return None

    def _new_entry(self, model: ModelName, key: str) -> BatchEntry:
        by = this_process()
        return BatchEntry(
            label=f"mianjing-{uuid4().hex[:12]}",
            name="",
            key=key,
            tail=self._keys.held()[key].tail,
            model=str(model),
            prompt=self._prompt.label,
            at=_stamp(self._keys.now()),
            machine=by.machine,
            pid=by.pid,
            born=by.born,
        )

    def _name_of(self, desk: BatchDesk, entry: BatchEntry, model: ModelName, requests: Sequence[InlinedRequest]) -> str:
        """Submit it; where the answer was lost on its way, look whether it was taken all the same. Raises `BatchRefused`."""
        try:
            return desk.submit(model.model, entry.label, requests, inline_limit=self._inline_limit)
        except BatchRefused as refused:
            # Where this fails too, the entry stays: a later run finds out.
            is_unsure = refused.verdict.reason in _MAYBE and not refused.is_full
            found = desk.find(entry.label) if is_unsure else None
            if found is None:
                self._store.close_job(entry.label)
                raise
            return found

    def _fetch(self, entry: BatchEntry) -> bool:
        desk = self._desk(entry)
        if desk is None:
            self._out_of_reach.add(entry.label)
            self._tell(
                RungUnavailable(
                    entry.model, "batch_key", detail=f"the key that submitted it, {entry.tail}, is not at hand"
                )
            )
            return False
        try:
            look = self._look(entry, desk)
            if look is None or not look.is_over:
                return False
            lines: list[Line] = list(desk.lines(look))
        except BatchRefused as refused:
            if refused.is_unknown:
                self._books.lose(entry, "batch_gone")
                return True
            self._note(entry, refused)
            if refused.verdict.another_key_helps and refused.verdict.until is None:
                self._out_of_reach.add(entry.label)
            return False
        self._books.take_in(entry, lines, look.reason, self._letters_to(ModelName.parse(entry.model)))
        return True

    def _look(self, entry: BatchEntry, desk: BatchDesk) -> JobReport | None:
        """How a job stands; null where it is only being submitted. Raises `BatchRefused`."""
        if entry.name:
            return desk.look(entry.name)
        if entry.is_being_sent(self._keys.now()):
            return None
        name = desk.find(entry.label)
        if name is None:
            raise BatchRefused(Verdict(Scope.REQUEST, "batch_gone"), is_unknown=True)
        self._store.name(entry.label, name)
        return desk.look(name)

    def _status(self, entry: BatchEntry) -> JobStatus:
        desk, state, why = self._desk(entry), "unknown", ""
        try:
            look = self._look(entry, desk) if desk else None
            state = look.state if look else "unknown"
            why = "" if desk else explain("batch_key")
        except BatchRefused as refused:
            why = explain("batch_gone" if refused.is_unknown else refused.verdict.reason)
        size = self._store.size(entry.label)
        return JobStatus(entry.label, entry.name, entry.model, entry.tail, size, entry.at, state, why)

    def _note(self, entry: BatchEntry, refused: BatchRefused) -> None:
        verdict = refused.verdict
        # A 429 that names no quota speaks of an overloaded model elsewhere.
        reason = "batch_full" if refused.is_full and verdict.scope == Scope.SERVICE else verdict.reason
        detail = f"{explain(reason)}: {verdict.message}" if verdict.message else explain(reason)
        self._tell(RungUnavailable(entry.model, reason, until=verdict.until, detail=detail))

    def _tell(self, trouble: RungUnavailable) -> None:
        """Once, however often it comes."""
        if str(trouble) not in map(str, self.tally.troubles):
            self.tally.troubles.append(trouble)

    def _desk(self, entry: BatchEntry) -> BatchDesk | None:
        """The service as the entry's key sees it; null where the key is not at hand."""
        held = self._keys.held().get(entry.key)
        return BatchDesk(self._keys.clients.get(held.secret, self._address), clock=self._keys.now) if held else None

    def _letters_to(self, model: ModelName) -> Letters:
        if model not in self._letters:
            self._letters[model] = Letters(model, self._prompt, keys=self._keys)
        return self._letters[model]


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
