"""Takes in what came of a batch job: each answer read, checked and kept as an online one is, each post without one counted, the money booked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from agent.errors import RungUnavailable
from agent.extraction.ask import Answered, Ask, Spent
from agent.extraction.letters import Letters
from agent.extraction.models import MAX_OUTPUT_TOKENS
from agent.extraction.result import record_of_answer
from agent.gemini.allowance import Allowance
from agent.ladder import ModelName
from agent.pipeline.batch_store import BatchEntry, BatchStore
from agent.pipeline.jobs import Job, share_trail
from agent.pipeline.tally import Tally
from agent.prices import Usage, price
from agent.records import Post


if TYPE_CHECKING:
    from google.genai.types import GenerateContentResponse, InlinedRequest

    from agent.gemini.batches import Line

_NOTHING = Decimal(0)


@dataclass(slots=True)
class BatchTally:
    """What became of posts that went, or were to go, by batch."""

    jobs: int = 0
    requests: int = 0
    """In those jobs."""
    answered: int = 0
    """Posts whose result came, of jobs of earlier runs too."""
    lost: Counter[str] = field(default_factory=Counter)
    """Posts that got none, by reason."""
    used: Tally = field(default_factory=Tally)
    """Tokens and money."""
    troubles: list[RungUnavailable] = field(default_factory=list)
    """Why jobs could not be submitted, or looked at."""


class BatchBooks:
    """Books what is sent and what comes back: in the store, in the tally, and in the allowance."""

    def __init__(self, store: BatchStore, allowance: Allowance, tally: BatchTally) -> None:
        self._store, self._allowance, self._tally = store, allowance, tally
        self._held: dict[str, list[Decimal | None]] = {}

    def hold(
        self,
        entry: BatchEntry,
        model: ModelName,
        requests: Sequence[InlinedRequest],
        size: Callable[[InlinedRequest], int],
    ) -> int:
        """How many of these requests may go; what they can cost at most is held back until they are answered."""
        held = self._held[entry.label] = list[Decimal | None]()
        for request in requests:
            worst: Decimal | None = _NOTHING
            if self._allowance.budget is not None:
                # No token is shorter than a byte.
                worst = price(model, Usage(size(request), MAX_OUTPUT_TOKENS), batch=True)
            if self._allowance.take(worst):
                break
            held.append(worst)
        return len(held)

    def release(self, entry: BatchEntry) -> None:
        """It was not sent after all."""
        for worst in self._held.pop(entry.label, ()):
            self._allowance.give_back(worst)

    def take_in(self, entry: BatchEntry, lines: Iterable[Line], reason: str | None, letters: Letters) -> None:
        """Keep what was answered, then forget the job. `reason`: why it gave less than it should; null where nobody told."""
        left = self._store.lines(entry.label)
        for line in lines:
            posts = left.pop(line.number, None)
            if posts and line.answer:
                self._read(entry, posts, line.number, line.answer, letters)
            elif posts:
                self._lost(entry, posts, line.number, line.reason)
        self._end(entry, left, reason or "batch_incomplete")

    def lose(self, entry: BatchEntry, reason: str) -> None:
        """Nothing will come of it: forget the job."""
        self._end(entry, self._store.lines(entry.label), reason)

    def _end(self, entry: BatchEntry, left: dict[int, tuple[Post, ...]], reason: str) -> None:
        for number, posts in left.items():
            self._lost(entry, posts, number, reason)
        self._store.close_job(entry.label)
        self._held.pop(entry.label, None)

    def _lost(self, entry: BatchEntry, posts: Sequence[Post], number: int, reason: str) -> None:
        self._tally.lost[reason] += len(posts)
        if held := self._held.get(entry.label):
            self._allowance.fail(reason, held[number])

    def _read(
        self, entry: BatchEntry, posts: tuple[Post, ...], number: int, answer: GenerateContentResponse, letters: Letters
    ) -> None:
        jobs = [Job(post) for post in posts]
        ask = ask_of(jobs)
        answered, failure = None, ""
        try:
            answered = letters.read(ask, answer, key=entry.tail)
        except RungUnavailable as error:
            failure = error.reason
        share_trail(jobs, ask.trail)
        self._pay(entry, number, ask.trail.spent)
        for digest, refusals in ask.trail.refusals.items():
            self._store.keep_refusals(digest, refusals)
        kept = self._keep(replace(answered, prompt=entry.prompt), jobs) if answered else 0
        if len(posts) > kept:
            self._tally.lost[(answered and answered.failure) or failure or "batch_incomplete"] += len(posts) - kept

    def _keep(self, answered: Answered, jobs: Sequence[Job]) -> int:
        for place in answered.settled:
            self._store.keep(jobs[place].post, record_of_answer(answered, place, jobs[place].spent))
        self._tally.answered += len(answered.settled)
        return len(answered.settled)

    def _pay(self, entry: BatchEntry, number: int, spent: Spent) -> None:
        """What an earlier run sent is not of this one's allowance."""
        self._tally.used.spend(spent)
        self._tally.used.answers += sum(attempt.outcome == "ok" for attempt in spent.attempts)
        if held := self._held.get(entry.label):
            self._allowance.pay(held[number], spent.cost if spent.input_tokens is not None else None)


def ask_of(jobs: Sequence[Job]) -> Ask:
    """An ask for posts that no model has refused; the engine tries again what it spoils."""
    refused = tuple(frozenset[str]() for _ in jobs)
    return Ask(tuple(job.post for job in jobs), tuple(job.seen for job in jobs), refused, is_last_try=False)
