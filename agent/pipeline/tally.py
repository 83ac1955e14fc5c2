"""How far a run is: counted by the engine alone, read by whoever shows progress."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING

from agent.errors import InputProblem, RungUnavailable
from agent.records import Record


if TYPE_CHECKING:
    from agent.extraction.ask import Spent, Trail

Outcome = Record | InputProblem
"""What becomes of a post: its record, or why it has none."""


@dataclass(slots=True)
class Tally:
    """Counts of one run. Posts are counted when their outcome is known; requests and tokens when a pack is through."""

    taken: int = 0
    may_grow: bool = True
    """Whether there may be more posts than were taken so far."""
    by_model: dict[str, int] = field(default_factory=dict)
    by_rules: int = 0
    completed_by_rules: int = 0
    """Of those by models: how many the rules completed."""
    refused: int = 0
    """Of those by rules: how many every model refused."""
    partly_unserved: int = 0
    """Of those completed by rules: how many long ones have a part that no model could serve."""
    resumed: int = 0
    doubles: int = 0
    by_prompt: Counter[str] = field(default_factory=Counter)
    """Models' results by the label of the prompt that asked for them."""
    problems: list[InputProblem] = field(default_factory=list)
    in_flight: int = 0
    """Packs that were sent or wait for quota, and have not come back."""
    waiting: list[RungUnavailable] = field(default_factory=list)
    """For each pack that waits for quota: the rung that is back first."""
    answers: int = 0
    """Requests whose answer was of use."""
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    """How many of the input's came from the service's cache."""
    cost: Decimal = Decimal(0)
    """US dollars at list price, of those packs whose price is known."""
    unpriced: int = 0
    """Packs that used tokens of no known price."""
    turned_away: tuple[RungUnavailable, ...] = ()
    """Why rungs could not serve, the last time that none could; refusals of single posts are left out."""

    @property
    def records(self) -> int:
        return sum(self.by_model.values()) + self.by_rules

    @property
    def done(self) -> int:
        return self.records + len(self.problems)

    @property
    def unserved(self) -> int:
        """Posts that are to be asked for again: no model could serve them, or a part of them."""
        return self.by_rules - self.refused + self.partly_unserved

    def count(self, outcome: Outcome) -> None:
        if isinstance(outcome, InputProblem):
            self.problems.append(outcome)
        elif outcome.provenance.origin == "rules":
            self.by_rules += 1
        else:
            model = outcome.provenance.model or ""
            self.by_model[model] = self.by_model.get(model, 0) + 1
            self.by_prompt[outcome.provenance.prompt or ""] += 1
            self.completed_by_rules += outcome.provenance.origin == "model+rules"

    def spend(self, spent: Spent) -> None:
        """What a pack used."""
        if spent.input_tokens is None:
            return
        self.input_tokens += spent.input_tokens
        self.output_tokens += spent.output_tokens or 0
        self.cached_tokens += spent.cached_tokens
        self.cost += spent.cost or 0
        self.unpriced += spent.cost is None

    def add_usage(self, other: Tally) -> None:
        """What was used and answered beside this run, as by batch, is of it too."""
        self.answers += other.answers
        self.input_tokens += other.input_tokens
        self.output_tokens += other.output_tokens
        self.cached_tokens += other.cached_tokens
        self.cost += other.cost
        self.unpriced += other.unpriced

    def turn_away(self, trail: Trail) -> None:
        """No rung could serve a pack: note why, each rung's last reason."""
        out = {error.model: error for error in (*self.turned_away, *out_of_service(trail))}
        self.turned_away = tuple(out.values())

    @contextmanager
    def waits(self, turned_away: Sequence[RungUnavailable]) -> Iterator[None]:
        """Meanwhile a pack waits for the first of these rungs."""
        first = first_back(turned_away)
        if first is None:
            yield
            return
        self.waiting.append(first)
        try:
            yield
        finally:
            self.waiting.remove(first)


def out_of_service(trail: Trail) -> list[RungUnavailable]:
    """The rungs that could not serve, without those that would not: a refusal is of a post alone."""
    refusing = {model for models in trail.refusals.values() for model in models}
    return [error for error in trail.turned_away if error.model not in refusing and error.reason != "refused_before"]


def first_back(errors: Sequence[RungUnavailable]) -> RungUnavailable | None:
    """The rung that could serve again first; null where none could by waiting."""
    return min((error for error in errors if error.until), key=attrgetter("until"), default=None)
