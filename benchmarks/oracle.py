"""What the twin's model says in benchmarks: all the labels of every post it is shown, in the form that the asker wants."""

from __future__ import annotations

import re
from typing import Any

from benchmarks.posts import LabelledPost, post
from tests.twin.asked import Asked


_NUMBER = re.compile(r"第(\d+)篇：")
# LangExtract puts its examples and its question into one turn: what is asked stands behind the last `Q:`.
_LANGEXTRACT = "\nQ: "
# Ids are shorter, and stay.
_LONG_ENOUGH = 8
_CLASSES = {"methods": "method", "questions": "question", "advice": "advice"}


def answer(asked: Asked) -> dict[str, Any]:
    """The same items for every asker: for LangExtract as a list of extractions, for all others by post."""
    if asked.posts:
        return {"posts": [{"id": shown.id, **items_of(shown.text)} for shown in asked.posts]}
    shown = asked.user_text.rpartition(_LANGEXTRACT)[2]
    return {"extractions": [one for number in _NUMBER.findall(shown) for one in _extractions(post(int(number)))]}


def careless(asked: Asked) -> dict[str, Any]:
    """The same from a model that is not quite true to the letter: in one quote of four a character is left out."""
    said: dict[str, Any] = _spoiled(answer(asked))
    return said


def _spoiled(said: Any) -> Any:
    if isinstance(said, dict):
        return {name: _reworded(told) if isinstance(told, str) else _spoiled(told) for name, told in said.items()}
    return [_spoiled(one) for one in said]


def _reworded(quote: str) -> str:
    middle = len(quote) // 2
    return (
        quote[:middle] + quote[middle + 1 :] if len(quote) > _LONG_ENOUGH and sum(map(ord, quote)) % 4 == 0 else quote
    )


def items_of(text: str) -> dict[str, list[dict[str, str]]]:
    """What the true model tells of one post; nothing of a text that is none of ours."""
    found = _NUMBER.search(text)
    quotes = post(int(found[1])).quotes if found else dict.fromkeys(_CLASSES, ())
    return {kind: [{"quote": quote} for quote in quotes[kind]] for kind in _CLASSES}


def _extractions(labelled: LabelledPost) -> list[dict[str, str]]:
    placed = [
        (labelled.text.find(quote), _CLASSES[kind], quote)
        for kind, quotes in labelled.quotes.items()
        for quote in quotes
    ]
    return [{kind: quote} for _, kind, quote in sorted(placed)]
