"""Asks once more for what a first answer left out: the missing lines of several posts in one request, the whole post where the answer was careless."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.extraction.ask import Answered, Ask
from agent.extraction.check import Settled, merge, read_twice
from agent.extraction.findings import Finding, Findings
from agent.extraction.said import PostAnswer, RawItem
from agent.pipeline.jobs import Job
from agent.pipeline.room import ROOM, answer_tokens
from agent.records import Post


MOST_LOOKS = 12
"""Posts that are looked at again in one request, where there is room for their answers: mostly it is for a few short lines of each."""


@dataclass(frozen=True, slots=True)
class Look:
    """One post whose first answer lacks something that the rules are sure of, or has so many faults that it lacks more."""

    job: Job
    answered: Answered
    place: int

    @property
    def settled(self) -> Settled:
        return self.answered.settled[self.place]

    @property
    def tokens(self) -> int:
        """A guess of the output tokens that the answer to it takes."""
        return answer_tokens(
            self.job.seen if self.settled.is_worth_a_second_reading else Findings(self.settled.missing)
        )

    def excerpt(self) -> tuple[Post, Findings]:
        """What is shown: the missing lines as a post of their own, or the post itself, with what the rules see in it."""
        if self.settled.is_worth_a_second_reading:
            return self.job.post, self.job.seen
        text, seen = "", list[Finding]()
        for missing in self.settled.missing:
            line = self.job.post.text[missing.start : missing.end]
            text += f"{missing.number}. " if missing.number is not None else "- "
            seen.append(replace(missing, start=len(text), end=len(text) + len(line)))
            text += f"{line}\n"
        return Post(text=text, id=self.job.post.id, title=self.job.post.title), Findings(tuple(seen))

    def completed(self, second: Answered | None) -> Answered:
        """The first answer with what the second tells of the missing lines."""
        if second is None:
            return self.answered
        excerpt, _ = self.excerpt()
        place = next((at for at, post in enumerate(second.ask.posts) if post == excerpt), None)
        if place is None or place not in second.settled:
            return self.answered
        both = self._both(excerpt, second.settled[place])
        return replace(self.answered, settled={**self.answered.settled, self.place: both})

    def _both(self, excerpt: Post, second: Settled) -> Settled:
        if self.settled.is_worth_a_second_reading:
            return read_twice(self.settled, second, self.job.seen)
        return merge(self.job.post, self.settled, _said(excerpt, second.findings))


def is_worth_it(settled: Settled) -> bool:
    """Whether an answer leaves out what is surely there, or is not to be believed about what it leaves out."""
    return settled.is_worth_a_second_reading or any(one.sure for one in settled.missing)


def take_looks(waiting: deque[Look]) -> list[Look]:
    """The next looks of one request: up to 12, fewer where their answers would fill the room."""
    looks = [waiting.popleft()]
    room = ROOM - looks[0].tokens
    while waiting and len(looks) < MOST_LOOKS and (room := room - waiting[0].tokens) >= 0:
        looks.append(waiting.popleft())
    return looks


def ask_for(looks: Sequence[Look]) -> Ask:
    """One ask for the missing lines of these posts."""
    excerpts = [look.excerpt() for look in looks]
    refused = tuple(frozenset(look.job.refused) for look in looks)
    return Ask(tuple(post for post, _ in excerpts), tuple(seen for _, seen in excerpts), refused, final=False)


def _said(excerpt: Post, findings: Findings) -> PostAnswer:
    items = (
        RawItem(one.kind, excerpt.text[one.start : one.end], one.text, one.number, one.topic, one.round)
        for one in findings.items
    )
    return PostAnswer(items=tuple(items))
