"""What a model said of one post, before any of it is held against the post."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from agent.records import Kind


@dataclass(frozen=True, slots=True)
class RawItem:
    """One item as the model gave it. Nothing of it is known to be true."""

    kind: Kind
    quote: str
    text: str | None = None
    number: int | None = None
    topic: str | None = None
    round: str | None = None


@dataclass(frozen=True, slots=True)
class PostAnswer:
    """All that a model said of one post, in its order."""

    items: tuple[RawItem, ...] = ()
    summary: str | None = None
    company: str | None = None
    role: str | None = None
    outcome: str | None = None
    cut: bool = False
    """Whether the answer broke off here, so that items may be wanting."""

    def joined(self, other: Self) -> Self:
        """Both as one; where both tell the same part, the first goes before the other."""
        return replace(
            self,
            items=self.items + other.items,
            summary=self.summary or other.summary,
            company=self.company or other.company,
            role=self.role or other.role,
            outcome=self.outcome or other.outcome,
            cut=self.cut or other.cut,
        )
