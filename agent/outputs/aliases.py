"""One name for what posts call by many: 字节 and ByteDance, 1面 and First round. By the table `data/aliases.toml`; records are left as they are."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache

from agent.resources import data_file


def company_name(told: str | None) -> str | None:
    """The name that a company goes by in lists and plots; what the table does not know stays as it is told."""
    return _named("companies", told)


def round_name(told: str | None) -> str | None:
    """The name that a round of interviews goes by; what the table does not know stays as it is told."""
    return _named("rounds", told)


def _named(table: str, told: str | None) -> str | None:
    return _names(table).get(_folded(told), told) if told else told


@cache
def _names(table: str) -> Mapping[str, str]:
    groups = tomllib.loads(data_file("aliases.toml").read_text(encoding="utf-8"))[table]
    return {_folded(one): name for name, others in groups.items() for one in (name, *others)}


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
