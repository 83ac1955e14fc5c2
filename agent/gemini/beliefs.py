"""What is believed of limits before the service has told: the table `data/limits.toml`. Shapes plans; stops no request."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache

from agent.gemini.verdict import Metric
from agent.resources import data_file


@cache
def believed(model: str) -> Mapping[Metric, Sequence[int]]:
    """The first limits to reckon with: those of the longest name in the table that the model's begins with."""
    table = _table()
    names = [name for name in table if model.startswith(name)]
    return table[max(names, key=len)] if names else table["*"]


@cache
def _table() -> Mapping[str, Mapping[Metric, Sequence[int]]]:
    table: Mapping[str, Mapping[Metric, Sequence[int]]] = tomllib.loads(
        data_file("limits.toml").read_text(encoding="utf-8")
    )["free"]
    return table
