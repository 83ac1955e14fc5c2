"""Asks again for what an answer left out: the missing lines of several posts in one request, whole posts where the answer or its model is careless."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.extraction.ask import Answered, Ask
from agent.extraction.check import FAULTS, Settled, merge, read_again
from agent.extraction.findings import Finding, Findings
from agent.extraction.said import PostAnswer, RawItem
from agent.pipeline.jobs import Job
from agent.pipeline.room import ROOM, answer_tokens
from agent.records import Post


MOST_LOOKS = 20
"""Posts that are looked at again in one request, where there is room for their answers: mostly it is for a few short lines of each."""
MOST_READINGS = 3
"""How often a whole post is put to a careless model; fewer where one more reading tells nothing new."""
# From so many items on a model is known.
_KNOWN = 20


class Doubts:
    """How careful each model was so far: what it leaves out shows in no answer alone."""

    def __init__(self) -> None:
        self._faults, self._told = Counter[str](), Counter[str]()

    def hear(self, answered: Answered) -> None:
        for settled in answered.settled.values():
            self._faults[answered.model] += settled.faults
            self._told[answered.model] += settled.told

    @property
    def are_any(self) -> bool:
        return any(map(self.has, self._told))

    def has(self, model: str) -> bool:
        """Whether so much that a model says is wrong that it is to be believed about nothing that it leaves out."""
        return self._told[model] >= _KNOWN and self._faults[model] > FAULTS * self._told[model]


@dataclass(frozen=True, slots=True)
class Look:
    """One post whose answer lacks something that the rules are sure of, or is so careless that it lacks more."""

    job: Job
    answered: Answered
    place: int
    is_whole: bool
    """Whether the whole post is read again, and not its missing lines alone."""

    @property
    def settled(self) -> Settled:
        return self.answered.settled[self.place]

    @property
    def tokens(self) -> int:
        """A guess of the output tokens that the answer to it takes."""
        return answer_tokens(self.job.seen if self.is_whole else Findings(self.settled.missing))

    def excerpt(self) -> tuple[Post, Findings]:
        """What is shown: the missing lines as a post of their own, or the post itself, with what the rules see in it."""
        if self.is_whole:
            return self.job.post, self.job.seen
        text, seen = "", list[Finding]()
        for missing in self.settled.missing:
            line = self.job.post.text[missing.start : missing.end]
            text += f"{missing.number}. " if missing.number is not None else "- "
            seen.append(replace(missing, start=len(text), end=len(text) + len(line)))
            text += f"{line}\n"
        return Post(text=text, id=self.job.post.id, title=self.job.post.title), Findings(tuple(seen))

    def completed(self, second: Answered | None) -> Answered:
        """The answer with what a further one tells."""
        if second is None:
            return self.answered
        excerpt, _ = self.excerpt()
        place = next((at for at, post in enumerate(second.ask.posts) if post == excerpt), None)
        if place is None or place not in second.settled:
            return self.answered
        both = self._both(excerpt, second.settled[place])
        return replace(self.answered, settled={**self.answered.settled, self.place: both})

    def _both(self, excerpt: Post, second: Settled) -> Settled:
        if self.is_whole:
            return read_again(self.settled, second, self.job.seen)
        return merge(self.job.post, self.settled, _said(excerpt, second.findings))


def look_for(job: Job, answered: Answered, place: int, doubts: Doubts) -> Look | None:
    """What is worth to be asked again about a post's answer; null where nothing is, or asking once more brought nothing new."""
    settled = answered.settled[place]
    is_doubtful = settled.trust != "full" or (not settled.readings and doubts.has(answered.model))
    if is_doubtful and len(settled.readings) < MOST_READINGS:
        return Look(job, answered, place, is_whole=True)
    if not settled.readings and any(one.sure for one in settled.missing):
        return Look(job, answered, place, is_whole=False)
    return None


def take_looks(waiting: deque[Look]) -> list[Look]:
    """The next looks of one request: fewer than `MOST_LOOKS` where their answers would fill the room."""
    looks = [waiting.popleft()]
    room = ROOM - looks[0].tokens
    while waiting and len(looks) < MOST_LOOKS and (room := room - waiting[0].tokens) >= 0:
        looks.append(waiting.popleft())
    return looks


def ask_for(looks: Sequence[Look]) -> Ask:
    """One ask for the missing lines of these posts."""
    excerpts = [look.excerpt() for look in looks]
    refused = tuple(frozenset(look.job.refused) for look in looks)
    return Ask(tuple(post for post, _ in excerpts), tuple(seen for _, seen in excerpts), refused, is_last_try=False)


def _said(excerpt: Post, findings: Findings) -> PostAnswer:
    items = (
        RawItem(one.kind, excerpt.text[one.start : one.end], one.text, one.number, one.topic, one.round)
        for one in findings.items
    )
    return PostAnswer(items=tuple(items))
