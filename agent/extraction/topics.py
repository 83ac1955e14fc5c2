"""Tells what a question is about, by the words of `data/topics.toml`. It names a topic or none, and never guesses from the post around it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache

from agent.extraction.words import Words, lower
from agent.resources import data_file


class Taxonomy:
    """Topics in their order, each with the words that tell it. A word of two topics belongs to the first."""

    def __init__(self, topics: Mapping[str, Iterable[str]]) -> None:
        self._order = {topic: place for place, topic in enumerate(topics)}
        self._topic_of: dict[str, str] = {}
        for topic, words in topics.items():
            for word in words:
                self._topic_of.setdefault(lower(word), topic)
        self._words = Words(self._topic_of)

    def topic_of(self, text: str) -> str | None:
        """The topic of which most words are in a text; of equals, the first. Text of any length is read once."""
        found = [self._topic_of[hit.word] for hit in self._words.hits(text)]
        # Most lines have no such word, or one; there are a few dozen topics at most.
        if len(found) < 2:
            return found[0] if found else None
        return min({*found}, key=lambda topic: (-found.count(topic), self._order[topic]))

    def knows(self, name: str) -> bool:
        """Whether it is a topic's name, or one of its words."""
        return name in self._order or lower(name) in self._topic_of


@cache
def taxonomy() -> Taxonomy:
    """The taxonomy that ships with the package."""
    return Taxonomy(tomllib.loads(data_file("topics.toml").read_text(encoding="utf-8"))["topics"])


def topic_of(text: str) -> str | None:
    """The topic of a question by the shipped taxonomy. Example: `topic_of("LoRA 的秩怎么选")` -> `"微调"`."""
    return taxonomy().topic_of(text)


def is_topic(name: str) -> bool:
    """Whether the shipped taxonomy has a topic or a word of that name."""
    return taxonomy().knows(name)
