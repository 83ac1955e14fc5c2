"""Tells what a question is about, by the words of `data/topics.toml`. It names a topic or none, and never guesses from the post around it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from agent.resources import data_file


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Topics in their order, each with the words that tell it."""

    words: Mapping[str, tuple[str, int]]
    """A word in lower case -> its topic, and the topic's place."""
    pattern: re.Pattern[str]

    def topic_of(self, text: str) -> str | None:
        """The topic whose words make up the most of a text; of equals, the first. Text of any length is read once."""
        weights: dict[tuple[int, str], int] = {}
        for found in self.pattern.finditer(text.lower()):
            topic, place = self.words[found[0]]
            weights[place, topic] = weights.get((place, topic), 0) + _weight(found[0])
        return min(weights, key=lambda key: (-weights[key], key))[1] if weights else None


@cache
def taxonomy() -> Taxonomy:
    """The taxonomy that ships with the package."""
    return read_taxonomy(tomllib.loads(data_file("topics.toml").read_text(encoding="utf-8"))["topics"])


def read_taxonomy(topics: Mapping[str, Iterable[str]]) -> Taxonomy:
    """A taxonomy from topic -> words. A word of two topics belongs to the first."""
    words: dict[str, tuple[str, int]] = {}
    for place, (topic, told) in enumerate(topics.items()):
        for word in told:
            words.setdefault(word.lower(), (topic, place))
    return Taxonomy(words, re.compile("|".join(map(_pattern, sorted(words, key=len, reverse=True)))))


def topic_of(text: str) -> str | None:
    """The topic of a question by the shipped taxonomy. Example: `topic_of("LoRA 的秩怎么选")` -> `"微调"`."""
    return taxonomy().topic_of(text)


def _pattern(word: str) -> str:
    """Latin words stand alone, so that `Go` is not found in `Google`; Chinese ones may stand anywhere."""
    before = r"(?<![a-z0-9])" if word[0].isascii() and word[0].isalnum() else ""
    after = r"(?![a-z0-9])" if word[-1].isascii() and word[-1].isalnum() else ""
    return before + re.escape(word) + after


def _weight(word: str) -> int:
    """Chinese says in two characters what takes a word of Latin letters."""
    return 4 if word.isascii() else 2 * len(word)
