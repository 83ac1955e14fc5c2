"""What runs on the nodes: a block of posts in, an outcome for each out. By the rules alone in any process, by models in a worker with a line to the desk."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from agent.cluster.remote import Line, Remote, SharedAllowance
from agent.errors import InputProblem
from agent.extractor import Extractor
from agent.gemini.keys import KeyManager
from agent.pipeline.run import Run, rules_run
from agent.pipeline.tally import Outcome
from agent.records import Post


if TYPE_CHECKING:
    from agent.gemini.ledger import Ledger
    from agent.pipeline.store import Store

Given = Post | InputProblem


class ByRules:
    """Answers blocks by the rules; asks nobody and keeps nothing."""

    def outcomes(self, given: Sequence[Given]) -> list[Outcome]:
        """An outcome for each, in their order."""
        return list(rules_run(given))


class ByModels:
    """Answers blocks by a ladder of models, one block after the other, as one of several that share keys and quotas."""

    def __init__(self, options: dict[str, Any], budget: Decimal | None, desk: Any) -> None:
        """`options` are an extractor's, `desk` is the actor's handle."""
        import ray

        # The actor's name stays the same where Ray begins a worker anew that has died.
        self._line = Line(desk, ray.get_runtime_context().get_actor_id())
        keys = KeyManager(
            self._line.ask("join"),
            home=options["home"],
            base_url=options["base_url"],
            allowance=SharedAllowance(self._line, budget),
            ledger=cast("Ledger", Remote(self._line, "ledger")),
        )
        self._extractor = _Sharing(self._line, keys, options)

    def outcomes(self, given: Sequence[Given]) -> list[Outcome]:
        """An outcome for each, in their order."""
        self._line.ask("begin", len(given))
        run = self._extractor.run(given)
        outcomes = list(run)
        self._line.ask("end", run.tally)
        return outcomes


class _Sharing(Extractor):
    """An extractor that reckons with its part of what is left of a quota: others work on the same input."""

    def __init__(self, line: Line, keys: KeyManager, options: dict[str, Any]) -> None:
        super().__init__(keys=keys, store=cast("Store", Remote(line, "store")), **options)
        self._line, self._run = line, Run(iter(()))

    def run(self, posts: Sequence[Given]) -> Run:  # type: ignore[override]  # a block is held whole
        self._run = super().run(posts)
        return self._run

    def requests_left(self) -> float:
        """Of them the part of this worker, by the posts that wait here and elsewhere."""
        tally = self._run.tally
        share: float = self._line.ask("share", max(1, tally.taken - tally.done))
        return super().requests_left() * share
