"""What a worker has in the ledger's place: the same methods, each called at the desk. Nothing of them is kept here."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from agent.cluster.failures import ours
from agent.gemini.allowance import Allowance, Refusal


_NOTHING = Decimal(0)


class Line:
    """A worker's line to the desk. Raises what the desk raises, and `StateError` where it is gone."""

    def __init__(self, desk: Any, worker: str) -> None:
        self._desk, self._worker = desk, worker

    def ask(self, method: str, *arguments: Any) -> Any:
        """The answer of one of the desk's methods, which is told who asks."""
        import ray

        with ours():
            return ray.get(getattr(self._desk, method).remote(self._worker, *arguments))


class Remote:
    """An object at the desk, its ledger or its store: whatever method is called, is called there."""

    def __init__(self, line: Line, part: str) -> None:
        self._line, self._part = line, part

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda *arguments: self._line.ask(self._part, name, arguments)


class SharedAllowance(Allowance):
    """The desk's allowance: its bounds hold for all workers together."""

    def __init__(self, line: Line, budget: Decimal | None) -> None:
        super().__init__(budget=budget)
        self._line = line

    @property
    def left(self) -> float:
        left: float = self._line.ask("left")
        return left

    def take(self, worst: Decimal | None = _NOTHING) -> Refusal | None:
        refusal: Refusal | None = self._line.ask("take", worst)
        return refusal

    def give_back(self, worst: Decimal | None = _NOTHING) -> None:
        self._line.ask("give_back", worst)

    def pay(self, worst: Decimal | None, cost: Decimal | None) -> None:
        self._line.ask("pay", worst, cost)

    def fail(self, reason: str, worst: Decimal | None = _NOTHING) -> None:
        self._line.ask("fail", reason, worst)
