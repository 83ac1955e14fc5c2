"""What goes down the ladder (`Ask`) and what comes back (`Answered`): a pack of posts, what was met on the way, what a model said. Values alone: nothing is sent from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from agent.errors import RungUnavailable
from agent.extraction.check import Settled
from agent.extraction.findings import Findings
from agent.extraction.rules import extract
from agent.records import Attempt, Post


@dataclass(slots=True)
class Spent:
    """What was tried and used: requests, tokens and money; null where no service said how many."""

    attempts: list[Attempt] = field(default_factory=list)
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int = 0
    """How many of the input's came from the service's cache."""
    cost: Decimal | None = Decimal(0)
    """US dollars at list price; null where some of these tokens have no known price."""

    def add(
        self,
        attempts: Sequence[Attempt] = (),
        *,
        input_tokens: int | None = None,
        output_tokens: int | None = None,
        cached_tokens: int = 0,
        cost: Decimal | None = None,
    ) -> None:
        self.attempts.extend(attempts)
        self.cached_tokens += cached_tokens
        if input_tokens is not None:
            self.input_tokens = (self.input_tokens or 0) + input_tokens
            self.cost = None if cost is None or self.cost is None else self.cost + cost
        if output_tokens is not None:
            self.output_tokens = (self.output_tokens or 0) + output_tokens


@dataclass(slots=True)
class Trail:
    """What a pack met on its way: filled by the rungs as they are tried, read by whoever sent the pack."""

    spent: Spent = field(default_factory=Spent)
    turned_away: list[RungUnavailable] = field(default_factory=list)
    refusals: dict[str, dict[str, str]] = field(default_factory=dict)
    """By post digest: the models that answered, but not with this post's items, and why. They are not asked again for it."""
    waited: float = 0.0
    """Seconds spent waiting for quota."""

    def note(self, error: RungUnavailable) -> RungUnavailable:
        """The error, to be raised; that a rung turned the pack away is noted."""
        self.spent.add(error.attempts)
        self.turned_away.append(error)
        return error

    def refuse(self, post: Post, model: str, reason: str) -> None:
        self.refusals.setdefault(post.digest, {})[model] = reason

    def soonest(self) -> datetime | None:
        """When the first of the rungs that turned this pack away could serve; null where none could by waiting."""
        return min((error.until for error in self.turned_away if error.until), default=None)


@dataclass(frozen=True, slots=True)
class Ask:
    """Posts to answer in one request, with what the rules saw in each."""

    posts: tuple[Post, ...]
    seen: tuple[Findings, ...]
    refused: tuple[frozenset[str], ...]
    """For each post the models that refused it before."""
    is_last_try: bool = True
    """Whether a model that spoils its answer to a single post is not to be asked for it again."""
    trail: Trail = field(default_factory=Trail)

    @classmethod
    def of(cls, post: Post) -> Ask:
        """An ask for one post that nobody looked at yet."""
        return cls((post,), (extract(post),), (frozenset(),))

    def without_refused_by(self, model: str) -> Ask:
        """The same ask without the posts that a model refused; the trail goes along."""
        places = [place for place, models in enumerate(self.refused) if model not in models]
        if len(places) == len(self.posts):
            return self
        return replace(
            self,
            posts=tuple(self.posts[place] for place in places),
            seen=tuple(self.seen[place] for place in places),
            refused=tuple(self.refused[place] for place in places),
        )


@dataclass(frozen=True, slots=True)
class Answered:
    """A model's answer to an ask. A post that is not in `settled` was left out, or spoiled by a `failure` of the whole."""

    model: str
    model_version: str | None
    prompt: str
    ask: Ask
    """What was put to this model; a pack may lose posts on its way down."""
    settled: Mapping[int, Settled]
    """By place in the ask's posts."""
    failure: str | None
