"""One post, or a part of one, on its way through the engine (`Job`), and where jobs come from (`Intake`): finished, double and empty posts need no model."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from agent.errors import InputProblem
from agent.extraction.ask import Spent, Trail
from agent.extraction.findings import Findings
from agent.extraction.result import money_shares, post_info, shares
from agent.extraction.rules import extract
from agent.pipeline.parts import Part, parts_of, record_of_parts
from agent.pipeline.run import no_text_in
from agent.pipeline.store import Store
from agent.pipeline.tally import Outcome
from agent.records import Post, Record


# Finished posts that later ones of the same content are still held against.
_REMEMBERED = 2_000


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
    tries_alone: int = 0
    """How often it was asked for in a pack of its own."""
    waited: float = 0.0
    """Seconds spent waiting for quota."""
    is_double: bool = False
    """Whether an earlier job of the same content will bring its result."""
    is_unserved: bool = False
    """Whether it got the rules' result because no model could serve it, and not because none would."""
    since: float = 0.0
    """When it was taken in, by the loop's clock."""
    whole: Job | None = None
    """The job of the post that this is a part of."""
    part: Part | None = None
    parts: Sequence[Job] = ()
    """Where no single answer has room for the post."""
    is_joined: bool = False

    @cached_property
    def seen(self) -> Findings:
        """What the rules see in the post."""
        return self.part.seen(self.whole.seen) if self.part and self.whole else extract(self.post)

    def pieces(self) -> Sequence[Job]:
        """What is asked for: the job itself, or those of its parts where no single answer has room for it."""
        self.parts = [Job(part.post, whole=self, part=part) for part in parts_of(self.post, lambda: self.seen)]
        return self.parts or [self]

    def finish(self, record: Record) -> None:
        self.outcome = record
        for double in self.doubles:
            double.take_result_of(self)

    def take_result_of(self, other: Job) -> None:
        """The result of an earlier job of the same content."""
        assert isinstance(other.outcome, Record)  # noqa: S101  # who has text gets a record
        self.outcome, self.is_unserved = record_of_double(self.post, other.outcome), other.is_unserved

    @property
    def is_by_models(self) -> bool:
        """Whether a model answered each of the parts."""
        return all(isinstance(one.outcome, Record) and one.outcome.provenance.origin != "rules" for one in self.parts)

    def join(self) -> Record | None:
        """The record of all parts, once, when the last has its own."""
        told = [(job.part, job.outcome) for job in self.parts if job.part and isinstance(job.outcome, Record)]
        if self.is_joined or not self.parts or len(told) < len(self.parts):
            return None
        self.is_joined = True
        self.is_unserved = any(job.is_unserved for job in self.parts)
        return record_of_parts(self.post, self.seen, told)


class Intake:
    """Makes jobs of posts as they are taken in."""

    def __init__(self, store: Store | None, *, fresh: bool, remembered: int = _REMEMBERED) -> None:
        """So many of those that were released are `remembered`, as later ones may be their doubles."""
        self._store, self._fresh, self._remembered = store, fresh, remembered
        self._known: dict[str, Job] = {}
        self._released: deque[Job] = deque()
        self.resumed = 0
        """How many posts had a model's result from an earlier run."""
        self.doubles = 0

    def job(self, given: Post | InputProblem) -> Job:
        """The job of what was given: finished where it needs nobody, or was finished before."""
        if isinstance(given, InputProblem):
            return Job(Post(text=""), given)
        job = Job(given)
        if problem := no_text_in(given):
            job.outcome = problem
        elif self._is_new(job):
            self.resumed += job.outcome is not None
        else:
            self.doubles += 1
        return job

    def pieces(self, job: Job) -> Sequence[Job]:
        """What of a job is to be asked for; its parts may have been finished before, or be doubles, like posts."""
        pieces = job.pieces() if not (job.outcome or job.is_double) else []
        return [one for one in pieces if one is job or (self._is_new(one) and not one.outcome)]

    def release(self, job: Job) -> None:
        """A job has left the engine: it is forgotten after a while, so that memory stays flat."""
        self._released.append(job)
        if len(self._released) <= self._remembered:
            return
        gone = self._released.popleft()
        for one in (gone, *gone.parts):
            if self._known.get(one.post.digest) is one:
                del self._known[one.post.digest]

    def _is_new(self, job: Job) -> bool:
        """Whether no earlier job has the same content: then it is looked up in the store."""
        if earlier := self._known.get(job.post.digest):
            self._double(job, earlier)
            return False
        self._look_up(job)
        return True

    def _double(self, job: Job, earlier: Job) -> None:
        if isinstance(earlier.outcome, Record):
            job.take_result_of(earlier)
        else:
            job.is_double = True
            earlier.doubles.append(job)

    def _look_up(self, job: Job) -> None:
        self._known[job.post.digest] = job
        if not self._store or self._fresh:
            return
        if found := self._store.finished(job.post):
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
