"""Tables of names that ship with the package: companies, and what is written for a name by its sound. It finds them in a text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache

from agent.resources import data_file


def resolved(words: str) -> str | None:
    """The words with the names that are meant in place of their homophones; None where there is none. `栗抠 45` -> `LeetCode 45`."""
    names, pattern = _homophones()
    told = pattern.sub(lambda found: names[found[0].lower()], words)
    return told if told != words else None


def companies_in(text: str) -> list[re.Match[str]]:
    """The places where a text names a company, in reading order."""
    return list(_companies().finditer(text))


@cache
def _homophones() -> tuple[dict[str, str], re.Pattern[str]]:
    names = {written.lower(): meant for written, meant in _table("homophones")["names"].items()}
    return names, _any_of(names)


@cache
def _companies() -> re.Pattern[str]:
    return _any_of(_table("companies")["names"])


def _table(name: str) -> dict[str, dict[str, str]]:
    return tomllib.loads(data_file(f"{name}.toml").read_text(encoding="utf-8"))


def _any_of(names: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile("|".join(map(_alone, longest_first)), re.IGNORECASE)


def _alone(name: str) -> str:
    """Latin names stand alone: `Box` is not found in `inbox`."""
    return rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])" if name.isascii() else re.escape(name)
