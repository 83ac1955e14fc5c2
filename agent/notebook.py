"""How far a run is, inside a notebook: a bar in the cell's output, kept up to date. Anywhere else it shows nothing."""

from __future__ import annotations

import sys
import time
from importlib import import_module
from typing import Any, Self

from agent.language import t
from agent.pipeline.tally import Tally


_PAUSE = 0.2
"""Seconds between two looks: more often nobody sees it, and each is a message to the browser."""


class Bar:
    """The bar of one run, there until its block ends. `look` after every outcome."""

    def __init__(self, tally: Tally, total: int | None) -> None:
        """`total` is how many posts there are, null where nobody knows."""
        self._tally, self._total = tally, total
        self._handle: Any = None
        self._next = 0.0

    def __enter__(self) -> Self:
        if in_notebook():
            display: Any = import_module("IPython.display").display
            self._handle = display(self._told(), raw=True, display_id=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._next = 0.0
        self.look()

    def look(self) -> None:
        """Show how far the run is, if it is time to."""
        if self._handle and time.monotonic() >= self._next:
            self._handle.update(self._told(), raw=True)
            self._next = time.monotonic() + _PAUSE

    def _told(self) -> dict[str, str]:
        from html import escape

        line = _line(self._tally, self._total)
        bar = f'<progress max="{self._total}" value="{self._tally.done}"></progress> ' if self._total else ""
        return {"text/html": bar + escape(line), "text/plain": line}


def in_notebook() -> bool:
    """Whether a notebook's kernel runs this code; IPython in a terminal is none."""
    ipython: Any = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


def _line(tally: Tally, total: int | None) -> str:
    done = (
        t("{done:,} of {total:,} posts done", done=tally.done, total=total)
        if total
        else t("{done:,} posts done", done=tally.done)
    )
    served = [f"{model} {count:,}" for model, count in sorted(tally.by_model.items())]
    rules = [t("rules {count:,}", count=tally.by_rules)] if tally.by_rules else []
    problems = [t("{count:,} without a result", count=len(tally.problems))] if tally.problems else []
    return " · ".join([done, *served, *rules, *problems])
