"""Every error comes whole out of another process."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

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


def test_none_of_ours_is_left_out():
    assert {one for one in _tree(MianjingError) if one.__module__.startswith("agent.")} == {type(one) for one in ERRORS}


def _tree(root: type[MianjingError]) -> Iterator[type[MianjingError]]:
    yield root
    for one in root.__subclasses__():
        yield from _tree(one)
