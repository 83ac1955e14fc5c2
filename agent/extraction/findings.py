"""What was found in one post, before it becomes a record: spans with a kind, made alike by rules and by models."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.records import Grounding, Kind


@dataclass(frozen=True, slots=True)
class Finding:
    """A span of the post, `start` to `end` in code points, and what it is."""

    kind: Kind
    start: int
    end: int
    text: str | None = None
    """Other words than the quote's, where there are any: a model's rewording, a homophone resolved."""
    grounding: Grounding = "exact"
    number: int | None = None
    topic: str | None = None
    round: str | None = None
    sure: bool = False
    """Whether rules are certain of it: enough to correct a model that left it out or misfiled it."""
    learned: bool = False
    """Whether no rule told it, or of another kind: it was judged by what was learned."""


@dataclass(frozen=True, slots=True)
class Place:
    """A span with no kind: what the context's parts are."""

    start: int
    end: int
    text: str | None = None
    grounding: Grounding = "exact"


@dataclass(frozen=True, slots=True)
class Findings:
    """All that was found in one post, in reading order."""

    items: tuple[Finding, ...] = ()
    company: Place | None = None
    role: Place | None = None
    outcome: Place | None = None
    tags: tuple[str, ...] = ()
    summary: str | None = None
    warnings: tuple[str, ...] = field(default=())
