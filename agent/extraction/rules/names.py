"""Tables of names that ship with the package: companies, and what is written for a name by its sound. It finds them in a text."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from agent.extraction.words import Hit, Words, lower
from agent.resources import data_file


def resolved(words: str) -> str | None:
    """The words with the names that are meant in place of their homophones; None where there is none. `栗抠 45` -> `LeetCode 45`."""
    meant, homophones = _homophones()
    told, end = "", 0
    for hit in homophones.hits(words):
        told += words[end : hit.start] + meant[hit.word]
        end = hit.end
    return told + words[end:] if end else None


def companies_in(text: str) -> list[Hit]:
    """The places where a text names a company, in reading order."""
    return list(_companies().hits(text))


@cache
def _homophones() -> tuple[Mapping[str, str], Words]:
    meant = {lower(written): name for written, name in _table("homophones").items()}
    return meant, Words(meant)


@cache
def _companies() -> Words:
    return Words(_table("companies"))


def _table(name: str) -> Any:
    return tomllib.loads(data_file(f"{name}.toml").read_text(encoding="utf-8"))["names"]
