"""How far a run is: counted by the engine alone, read by whoever shows progress."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.errors import InputProblem, RungUnavailable
from agent.records import Record


Outcome = Record | InputProblem
"""What becomes of a post: its record, or why it has none."""


@dataclass(slots=True)
class Tally:
    """Counts of one run. Posts are counted when their outcome leaves the engine; requests and tokens when they are known."""

    taken: int = 0
    by_model: dict[str, int] = field(default_factory=dict)
    by_rules: int = 0
    completed_by_rules: int = 0
    """Of those by models: how many the rules completed."""
    resumed: int = 0
    doubles: int = 0
    problems: list[InputProblem] = field(default_factory=list)
    in_flight: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    turned_away: tuple[RungUnavailable, ...] = ()
    """Why no rung could serve, the last time none could."""

    @property
    def records(self) -> int:
        return sum(self.by_model.values()) + self.by_rules

    @property
    def done(self) -> int:
        return self.records + len(self.problems)

    def count(self, outcome: Outcome) -> None:
        if isinstance(outcome, InputProblem):
            self.problems.append(outcome)
        elif outcome.provenance.origin == "rules":
            self.by_rules += 1
        else:
            model = outcome.provenance.model or ""
            self.by_model[model] = self.by_model.get(model, 0) + 1
            self.completed_by_rules += outcome.provenance.origin == "model+rules"
