"""What benchmarks yield: `Comparison`, a measure beside a peer or a limit, and `Standing`, how one contender fared in a case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Spread:
    """The minimum, median and maximum of several rounds."""

    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(min(values), median(values), max(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One measure of ours beside another, round by round."""

    what: str
    unit: str
    ours: tuple[float, ...]
    beside: str
    """Whom or what ours is held against."""
    others: tuple[float, ...]
    target: float | None = None
    """What the ratio must not pass; null where it is told for information."""
    at_least: bool = False
    """Whether the ratio must reach the target rather than stay below it."""

    @classmethod
    def with_limit(
        cls, what: str, unit: str, ours: Sequence[float], limit: float, *, at_least: bool = False
    ) -> Comparison:
        """Held against what it must not pass, or must reach."""
        beside = "the least wanted" if at_least else "the longest allowed"
        others = (limit,) * len(ours)
        return cls(what=what, unit=unit, ours=tuple(ours), beside=beside, others=others, target=1.0, at_least=at_least)

    @property
    def ratios(self) -> tuple[float, ...]:
        return tuple(mine / other for mine, other in zip(self.ours, self.others, strict=True))

    @property
    def is_met(self) -> bool | None:
        """Whether the median ratio keeps to the target; null where there is none."""
        if self.target is None:
            return None
        ratio = median(self.ratios)
        return ratio >= self.target if self.at_least else ratio <= self.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One contender's round. Requests and the wasted of them (4xx) are the twin's count."""

    requests: int
    wasted: int
    answered: int
    by_rules: int
    lost: int
    items: int
    cpu_ms_a_post: float
    wall_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one contender fared in a case."""

    case: str
    who: str
    rounds: tuple[Round, ...]


Measure = Comparison | Standing
Timed = Callable[[], float]


def paired(rounds: int, ours: Timed, others: Timed) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Both sides in turn, A B A B …, so that a machine that slows down slows both."""
    both = [(ours(), others()) for _ in range(rounds)]
    return tuple(mine for mine, _ in both), tuple(other for _, other in both)
