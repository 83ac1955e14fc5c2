"""What the page's script is given, as JSON that can stand inside an HTML script element: posts, their items, the bank's entries.

Offsets count UTF-16 units here, as JavaScript does; everywhere else they count code points.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from agent.records import Grounding, Kind, Origin, dump_json


_MARKUP = str.maketrans({"<": r"\u003c", ">": r"\u003e", "&": r"\u0026"})


class _Shown(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ShownItem(_Shown):
    """`quote` is null where the post's text is at hand to cut it from, `text` where it is the quote."""

    kind: Kind
    start: int
    end: int
    text: str | None = None
    quote: str | None = None
    grounding: Grounding | None = "exact"
    number: int | None = None
    topic: str | None = None
    round: str | None = None


class ShownPost(_Shown):
    """A post with its items. `origin` and the items' `grounding` are null where only a bank remembers the post."""

    id: str
    title: str = ""
    source: str | None = None
    url: str | None = None
    tags: tuple[str, ...] = ()
    company: str | None = None
    role: str | None = None
    outcome: str | None = None
    summary: str | None = None
    text: str | None = None
    items: tuple[ShownItem, ...] = ()
    origin: Origin | None = None
    model: str | None = None
    at: str | None = None
    warnings: tuple[str, ...] = ()


class ShownEntry(_Shown):
    """A question of the bank; `places` are numbers of posts, each with that of its item there, null where it has none."""

    id: str
    text: str
    variants: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()
    rounds: tuple[str, ...] = ()
    places: tuple[tuple[int, int | None], ...] = ()


class Island(_Shown):
    """All that the page shows."""

    posts: tuple[ShownPost, ...] = ()
    entries: tuple[ShownEntry, ...] = ()

    def to_json(self) -> str:
        return as_island(self.model_dump(exclude_defaults=True))


def as_island(value: object) -> str:
    """JSON that means the same to a JSON parser and nothing to an HTML parser."""
    return dump_json(value).translate(_MARKUP)
