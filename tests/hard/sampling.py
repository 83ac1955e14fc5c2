"""Of cases that are much alike a part is tried with the quick tests, the others with the slow ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def one_in(step: int, cases: Iterable[object]) -> list[Any]:
    """The cases of one parameter: of so many that follow each other the first is quick."""
    return [case if n % step == 0 else pytest.param(case, marks=pytest.mark.slow) for n, case in enumerate(cases)]
