"""One post on its way through the engine (`Job`), and where jobs come from (`Intake`): finished, double and empty posts need no model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from agent.errors import InputProblem
from agent.extraction.ask import Spent, Trail
from agent.extraction.findings import Findings
from agent.extraction.result import money_shares, post_info, shares
from agent.extraction.rules import extract
from agent.pipeline.run import without_text
from agent.pipeline.store import Store
from agent.pipeline.tally import Outcome
from agent.records import Post, Record


@dataclass(eq=False)
class Job:
    """A post, what was tried for it, and in the end its outcome."""

    post: Post
    outcome: Outcome | None = None
    doubles: list[Job] = field(default_factory=list)
    """Later posts of the same content: they get the same result."""
    refused: dict[str, str] = field(default_factory=dict)
    """Models that refused this post, and why."""
    spent: Spent = field(default_factory=Spent)
    alone: int = 0
    """How often it was asked for in a pack of its own."""
    waited: float = 0.0
    """Seconds spent waiting for quota."""
    is_double: bool = False
    """Whether an earlier job of the same content will bring its result."""

    @cached_property
    def seen(self) -> Findings:
        """What the rules see in the post."""
        return extract(self.post)

    def finish(self, record: Record) -> None:
        self.outcome = record
        for double in self.doubles:
            double.outcome = record_of_double(double.post, record)


class Intake:
    """Takes posts in, one at a time and never more than asked for: input may be an endless stream."""

    def __init__(self, posts: Iterable[Post | InputProblem], store: Store | None, *, fresh: bool) -> None:
        self._posts = iter(posts)
        self._store, self._fresh = store, fresh
        self._waiting: dict[str, Job] = {}
        self.resumed = 0
        """How many posts had a model's result from an earlier run."""
        self.doubles = 0

    def __iter__(self) -> Iterator[Job]:
        return map(self._job, self._posts)

    def release(self, job: Job) -> None:
        """Forget a job that left the engine, so that memory stays flat."""
        if self._waiting.get(job.post.digest) is job:
            del self._waiting[job.post.digest]

    def _job(self, given: Post | InputProblem) -> Job:
        if isinstance(given, InputProblem):
            return Job(Post(text=""), given)
        job = Job(given)
        if problem := without_text(given):
            job.outcome = problem
        elif earlier := self._waiting.get(given.digest):
            self.doubles += 1
            self._double(job, earlier)
        else:
            self._look_up(job)
        return job

    def _double(self, job: Job, earlier: Job) -> None:
        if isinstance(earlier.outcome, Record):
            job.outcome = record_of_double(job.post, earlier.outcome)
        else:
            job.is_double = True
            earlier.doubles.append(job)

    def _look_up(self, job: Job) -> None:
        self._waiting[job.post.digest] = job
        if not self._store or self._fresh:
            return
        if found := self._store.finished(job.post):
            self.resumed += 1
            job.outcome = record_for(job.post, found)
        else:
            job.refused = self._store.refusals(job.post)


def record_for(post: Post, record: Record) -> Record:
    """The same result for another post of the same content: its own name, source and tags."""
    return record.model_copy(update={"post": post_info(post, record.post.tags)}).with_text(post.text)


def record_of_double(post: Post, record: Record) -> Record:
    """The same result, that was had for nothing: what it took stands in the first one's record, and sums stay the run's."""
    nothing = {"input_tokens": None, "output_tokens": None, "cost_usd": None}
    shared = record.model_copy(update={"provenance": record.provenance.model_copy(update=nothing)})
    return record_for(post, shared)


def share_trail(jobs: list[Job], trail: Trail) -> None:
    """Book what a pack met and used on each of its posts."""
    spent = trail.spent
    inputs, outputs = shares(spent.input_tokens, len(jobs)), shares(spent.output_tokens, len(jobs))
    costs = money_shares(spent.cost, len(jobs))
    for job, input_tokens, output_tokens, cost in zip(jobs, inputs, outputs, costs, strict=True):
        job.spent.add(spent.attempts, input_tokens=input_tokens, output_tokens=output_tokens, cost=cost)
        job.waited += trail.waited
        job.refused.update(trail.refusals.get(job.post.digest, {}))
