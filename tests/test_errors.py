"""The tree of errors is the one that is drawn, and every error comes whole out of another process."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pkgutil import walk_packages

import pytest

import agent
import agent.errors
from agent.errors import InputProblem, MianjingError, MissingExtra, NoText, RungUnavailable, StateError, UsageError
from agent.inputs import LeftOut
from agent.records import Attempt


ERRORS = [
    MianjingError("all"),
    UsageError("wrong"),
    MissingExtra("Parquet", "parquet"),
    InputProblem("a.csv", "is broken"),
    InputProblem("a.csv", "is broken", row=7),
    LeftOut("b.csv", "holds comments", row=2),
    NoText("posts/c.txt"),
    StateError("the disk is full"),
    RungUnavailable(
        "gemini-a",
        "quota_day",
        until=datetime(2026, 11, 25, 8, tzinfo=UTC),
        attempts=[Attempt(model="gemini-a", key="…A1b2", outcome="quota_day")],
        detail="used up",
    ),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_it_is_the_same_after_a_pickle(error):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)


@pytest.fixture(scope="module")
def tree() -> dict[str, str]:
    """The name of each error of ours and of the one above it, wherever it is defined."""
    for module in walk_packages(agent.__path__, "agent."):
        import_module(module.name)
    ours = (one for one in _below(MianjingError) if one.__module__.startswith("agent."))
    return {one.__name__: one.__bases__[0].__name__ for one in ours}


def test_none_of_ours_is_left_out(tree):
    assert set(tree) == {type(error).__name__ for error in ERRORS}


def test_the_tree_at_the_head_of_the_module_is_the_real_one(tree):
    above = ["Exception"]
    drawn = {}
    for indent, name in re.findall(r"^( *)\* (\w+)", agent.errors.__doc__, re.MULTILINE):
        above[len(indent) // 2 + 1 :] = [name]
        drawn[name] = above[-2]
    assert drawn == tree


def _below(root: type[MianjingError]) -> Iterator[type[MianjingError]]:
    yield root
    for one in root.__subclasses__():
        yield from _below(one)
