"""What a model is asked to say (`Answer`), and how what it did say is read (`read_answer`): any text gives a reading, none raises."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from agent.extraction.entries import Entry, entries_of
from agent.extraction.folding import fold
from agent.extraction.grounding import without_mark
from agent.extraction.repair import json_values_in
from agent.extraction.said import PostAnswer, RawItem


__all__ = [
    "Answer",
    "AnswerItem",
    "AnsweredPost",
    "PostAnswer",
    "RawItem",
    "Reading",
    "assigned_by_quotes",
    "read_answer",
]

_NUMBERED_ID = re.compile(r"\D*0*(\d{1,4})\D*")


class AnswerItem(BaseModel):
    """One item; `quote` is copied from the post."""

    quote: str
    text: str | None = None
    number: int | None = None
    topic: str | None = None
    round: str | None = None


class AnsweredPost(BaseModel):
    """One post's items, under the id that the post was shown with."""

    id: str
    methods: list[AnswerItem]
    questions: list[AnswerItem]
    advice: list[AnswerItem]
    summary: str | None = None
    company: str | None = None
    role: str | None = None
    outcome: str | None = None


class Answer(BaseModel):
    """The answer that is asked for."""

    posts: list[AnsweredPost]

    @classmethod
    def model_json_schema(cls, *_: Any, **__: Any) -> dict[str, Any]:
        """Flat, without references, unions and bounds: what every service and small models understand."""
        posts = _object(
            {
                "posts": _list_of(
                    _object(
                        {
                            "id": _string("the id of the post, as it was given"),
                            "methods": _list_of(_item()),
                            "questions": _list_of(_item(number=_INTEGER, topic=_STRING, round=_STRING)),
                            "advice": _list_of(_item()),
                            "company": _string("copied from the post"),
                            "role": _string("copied from the post"),
                            "outcome": _string("copied from the post"),
                            "summary": _string("one sentence"),
                        },
                        required=["id", "methods", "questions", "advice"],
                    )
                )
            },
            required=["posts"],
        )
        # Models that answer by calling a tool know it by these.
        return {"title": "Answer", "description": "the items of each post", **posts}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model said of each post that it was asked about; a post that is not in `posts` was left out."""

    posts: Mapping[str, PostAnswer]
    strays: tuple[PostAnswer, ...] = ()
    """Said of a post that cannot be told by its id."""
    repaired: bool = False
    cut: bool = False
    warnings: tuple[str, ...] = ()


def read_answer(text: str, parsed: Answer | None, ids: Sequence[str]) -> Reading:
    """Reads an answer about the posts `ids`. `parsed` counts where the text holds nothing, as with models that call a tool.

    Of an answer about several posts that broke off, the last entry is left out: it is not whole.
    """
    found = json_values_in(text)
    entries = [entry for value in found.values for entry in entries_of(value)]
    if not entries and parsed is not None:
        entries = list(entries_of(parsed.model_dump()))
    if found.cut and len(entries) > 1:
        entries.pop()
    elif found.cut and entries:
        entries[0] = replace(entries[0], said=replace(entries[0].said, cut=True))
    posts, strays = _by_id(entries, ids)
    told = (("the answer was no plain JSON and was repaired", found.repaired), ("the answer broke off", found.cut))
    return Reading(
        posts, tuple(strays), found.repaired, found.cut, tuple(words for words, holds in told if holds and entries)
    )


def assigned_by_quotes(reading: Reading, texts: Mapping[str, str]) -> Reading:
    """The reading with every entry, and then every item, at the post whose text, by id, holds its quotes: models mix posts of a pack up.

    No entry is made for a post that has none: it was left out, whatever of it stands elsewhere.
    """
    if len(texts) < 2:
        return reading
    shelves = _Shelves(texts)
    claimed: list[tuple[str | None, PostAnswer]] = [*reading.posts.items(), *((None, one) for one in reading.strays)]
    quotes = [[_folded(item) for item in said.items] for _, said in claimed]
    homes = [shelves.home(name, quoted) for (name, _), quoted in zip(claimed, quotes, strict=True)]
    answered = {home for home in homes if home is not None}
    posts: dict[str, PostAnswer] = {}
    for home, (_, said), quoted in zip(homes, claimed, quotes, strict=True):
        for shelf, part in shelves.parted(home, said, quoted, answered).items() if home is not None else ():
            posts[shelf] = posts[shelf].joined(part) if shelf in posts else part
    return replace(reading, posts=posts, strays=())


class _Shelves:
    """The texts of a pack, folded, to ask which of them a quote stands in."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = {name: fold(text) for name, text in texts.items()}

    def home(self, name: str | None, quotes: Sequence[str]) -> str | None:
        """The post that most of the quotes stand in, where less than half of them stand in the one that was named."""

        def standing(shelf: str) -> int:
            return sum(chars in self._texts[shelf] for chars in quotes if chars)

        if name is not None and 2 * standing(name) >= len(quotes):
            return name
        best = max(self._texts, key=standing)
        return best if standing(best) > (standing(name) if name is not None else 0) else name

    def parted(
        self, home: str, said: PostAnswer, quotes: Sequence[str], answered: Container[str]
    ) -> dict[str, PostAnswer]:
        """What was said at one post, parted by the answered posts that it is of; what stands in none of them stays."""
        parts: dict[str, list[RawItem]] = {home: []}
        for item, chars in zip(said.items, quotes, strict=True):
            parts.setdefault(self._shelf_of(chars, home, answered), []).append(item)
        return {
            shelf: replace(said if shelf == home else PostAnswer(), items=tuple(items))
            for shelf, items in parts.items()
        }

    def _shelf_of(self, chars: str, home: str, answered: Container[str]) -> str:
        if not chars or chars in self._texts[home]:
            return home
        return next((name for name, text in self._texts.items() if name in answered and chars in text), home)


def _folded(item: RawItem) -> str:
    return fold(without_mark(item.quote))


def _by_id(entries: Sequence[Entry], ids: Sequence[str]) -> tuple[dict[str, PostAnswer], list[PostAnswer]]:
    """Entries under the ids asked for: by their own id, else by their place where there are as many, else nobody's."""
    known = [_known(entry.id, ids) for entry in entries]
    posts: dict[str, PostAnswer] = {}
    strays: list[PostAnswer] = []
    for place, entry in enumerate(entries):
        name = known[place] or _by_place(place, len(entries), known, ids)
        if name is None:
            strays.append(entry.said)
        else:
            posts[name] = posts[name].joined(entry.said) if name in posts else entry.said
    return posts, strays


def _known(told: str | None, ids: Sequence[str]) -> str | None:
    """The id that was meant: `p1` by `p1`, `P1`, `post 1` and `1`."""
    if told is None or told in ids:
        return told
    number = _NUMBERED_ID.fullmatch(told[:40])
    meant = f"p{number[1]}" if number else told.casefold()
    return meant if meant in ids else None


def _by_place(place: int, count: int, known: Sequence[str | None], ids: Sequence[str]) -> str | None:
    if len(ids) == 1:
        return ids[0]
    return ids[place] if count == len(ids) and ids[place] not in known else None


def _object(properties: dict[str, Any], *, required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required}


def _list_of(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _string(description: str) -> dict[str, Any]:
    return {"type": "string", "description": description}


_STRING, _INTEGER = {"type": "string"}, {"type": "integer"}


def _item(**more: dict[str, Any]) -> dict[str, Any]:
    return _object(
        {"quote": _string("copied from the post, word for word"), "text": _STRING, **more}, required=["quote"]
    )
