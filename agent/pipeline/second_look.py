"""Asks once more, and only for what a first answer left out: the missing lines of several posts in one request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.extraction.ask import Answered, Ask
from agent.extraction.check import Settled, merge
from agent.extraction.findings import Finding, Findings
from agent.extraction.said import PostAnswer, RawItem
from agent.pipeline.jobs import Job
from agent.records import Post


MOST_LOOKS = 12
"""Posts whose missing lines go into one request: they are few and short."""


@dataclass(frozen=True, slots=True)
class Look:
    """One post whose first answer lacks something that the rules are sure of."""

    job: Job
    answered: Answered
    place: int

    @property
    def settled(self) -> Settled:
        return self.answered.settled[self.place]

    def excerpt(self) -> tuple[Post, Findings]:
        """The missing lines as a post of their own, with what the rules see in it."""
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
        said = _said(excerpt, second.settled[place].findings)
        settled = {**self.answered.settled, self.place: merge(self.job.post, self.settled, said)}
        return replace(self.answered, settled=settled)


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
