"""What the judges have learned: the weight of each clue for each of several answers, held as one whole number, so that adding clues up is one sum.

Reads the files that training wrote; what the answers are, the judges know.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import repeat
from typing import Final

from agent.resources import data_file


Learned = Mapping[str, int]
"""Weights by clue, packed; a clue that is not there weighs nothing."""
_BITS: Final = 16
_WHOLE, _HALF = 1 << _BITS, 1 << (_BITS - 1)


def packed(weights: Iterable[int]) -> int:
    """Weights as one number. Such numbers may be added, so long as no weight comes to 2**15 or more."""
    return sum(each << (_BITS * place) for place, each in enumerate(weights))


def parted(weights: int, count: int) -> list[int]:
    """So many weights, of what `packed` made or of a sum of such."""
    found = []
    for _ in range(count):
        found.append((weights + _HALF) % _WHOLE - _HALF)
        weights = (weights - found[-1]) >> _BITS
    return found


def total(learned: Learned, clues: Iterable[str]) -> int:
    """The weights of clues, added up."""
    return sum(map(learned.get, clues, repeat(0)))


@cache
def shipped(name: str) -> Learned:
    """What ships with the package under a name."""
    learned: Learned = json.loads(data_file(f"{name}.json").read_text(encoding="utf-8"))
    return learned
