"""What the model says: an oracle takes a parsed request and gives an answer; the default one knows labelled posts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from rapidfuzz import fuzz, process

from tests.twin.asked import Answer, Asked, ShownPost
from tests.twin.small_talk import small_talk


_NUMBER = re.compile(r"\s*(?:[QqＱ]\s?)?[(（【\[]?(\d{1,3})[)）】\].、:：．]")
_BULLET = re.compile(r"\s*(?:[-*•●·✅✔️➤▪]|(?:[QqＱ]\s?)?[(（【\[]?\d{1,3}[)）】\].、:：．])\s*")
KINDS = ("methods", "questions", "advice")

PostAnswer = dict[str, list[dict[str, Any]]]
"""For each of `methods`, `questions`, `advice` a list of items with a `quote`."""


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """NFKC with runs of white space as one space."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


@dataclass(slots=True)
class Labelled:
    """Answers posts it has labels for by their labels, all others by `naive`; other requests by `small_talk`.

    Rows are those of the corpus: `text`, and for each kind a list of `quote`, `start`, `end`, `optional`.
    """

    rows: Sequence[Mapping[str, Any]] = ()
    optional: bool = False
    """Whether optional items are told too."""
    reads: int = 0
    _exact: dict[str, Mapping[str, Any]] = field(default_factory=dict, init=False)
    _folded: dict[str, Mapping[str, Any]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._exact = {row["text"].strip("\n"): row for row in self.rows}
        self._folded = {folded(row["text"]): row for row in self.rows}

    def __call__(self, asked: Asked) -> Answer | str | Mapping[str, Any]:
        return answer_posts(asked, self.read)

    def read(self, shown: ShownPost) -> PostAnswer:
        """The items of one post that stand in what was shown of it."""
        self.reads += 1
        found = self._row_of(shown.text)
        if found is None:
            return naive(shown.text)
        row, start = found
        if start is None:
            return self._told(row, lambda item: _stands_in(item["quote"], shown.text))
        end = start + len(shown.text)
        return self._told(row, lambda item: start <= item["start"] and item["end"] <= end, shown.text, start)

    def _row_of(self, text: str) -> tuple[Mapping[str, Any], int | None] | None:
        """The row that this text is of, and where in it the text begins (None: not to the letter)."""
        if row := self._exact.get(text.strip("\n")):
            return row, row["text"].find(text)
        if row := self._folded.get(folded(text)):
            return row, 0 if len(row["text"]) == len(text) else None
        if len(text) < 10:
            return None
        for row in self.rows:
            if (start := row["text"].find(text)) >= 0:
                return row, start
        part = folded(text)
        for whole, row in self._folded.items():
            if part in whole:
                return row, None
        close = process.extractOne(part, self._folded.keys(), scorer=fuzz.ratio, score_cutoff=70)
        return (self._folded[close[0]], None) if close else None

    def _told(
        self, row: Mapping[str, Any], wanted: Callable[[Mapping[str, Any]], bool], shown: str = "", start: int = 0
    ) -> PostAnswer:
        told: PostAnswer = {}
        for kind in KINDS:
            items = [item for item in row.get(kind, ()) if (self.optional or not item.get("optional")) and wanted(item)]
            quotes = [shown[item["start"] - start : item["end"] - start] or item["quote"] for item in items]
            told[kind] = [{"quote": quote} for quote in quotes]
            if kind == "questions":
                for item, entry in zip(items, told[kind], strict=True):
                    if (number := number_before(row["text"], item["start"])) is not None:
                        entry["number"] = number
        return told


def answer_posts(asked: Asked, read: Callable[[ShownPost], PostAnswer]) -> Answer | str | Mapping[str, Any]:
    """Read every post that was shown; a request that shows none is small talk."""
    if not asked.posts:
        return small_talk(asked)
    return {"posts": [{"id": post.id, **read(post)} for post in asked.posts]}


def number_before(text: str, start: int) -> int | None:
    """The number written on the item's line before it."""
    line = text.rfind("\n", 0, start) + 1
    found = _NUMBER.match(text, line)
    return int(found[1]) if found and found.end() <= start and not text[found.end() : start].strip() else None


def naive(text: str) -> PostAnswer:
    """Lines that begin with a number or hold a question mark are questions; there is nothing else."""
    questions: list[dict[str, Any]] = []
    for line in text.splitlines():
        numbered = _NUMBER.match(line)
        marker = _BULLET.match(line)
        quote = line[marker.end() :].strip() if marker else line.strip()
        if quote and (numbered or "?" in line or "？" in line):
            questions.append({"quote": quote, **({"number": int(numbered[1])} if numbered else {})})
    return {"methods": [], "questions": questions, "advice": []}


def labelled(rows: Iterable[Mapping[str, Any]], *, optional: bool = False) -> Labelled:
    return Labelled(tuple(rows), optional)


def _stands_in(quote: str, text: str) -> bool:
    return quote in text or folded(quote) in folded(text)
