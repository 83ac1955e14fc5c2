"""How far a run is, while it runs: a live line on a terminal, a line now and then in a pipe."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agent.cli.tell import say


if TYPE_CHECKING:
    from agent.pipeline.tally import Tally

_EVERY = 30.0
"""Seconds between two lines in a pipe."""


@contextmanager
def progress(tally: Tally, *, shown: bool) -> Iterator[None]:
    """Show a run's tally until the block ends."""
    if not shown:
        yield
    elif sys.stderr.isatty():
        with _live(tally):
            yield
    else:
        with _lines(tally):
            yield


def line_of(tally: Tally) -> str:
    """How far a run is, in one line."""
    served = [f"{model} {count}" for model, count in sorted(tally.by_model.items())]
    rules = [f"rules {tally.by_rules}"] if tally.by_rules else []
    flying = [f"{tally.in_flight} in flight"] if tally.in_flight else []
    return f"{tally.done} of {tally.taken} posts done" + "".join(f" · {part}" for part in (*served, *rules, *flying))


@contextmanager
def _live(tally: Tally) -> Iterator[None]:
    from rich.console import Console
    from rich.live import Live
    from rich.spinner import Spinner

    spinner = Spinner("dots", line_of(tally))

    def look() -> Spinner:
        spinner.update(text=line_of(tally))
        return spinner

    with Live(get_renderable=look, console=Console(stderr=True), refresh_per_second=5, transient=True):
        yield


@contextmanager
def _lines(tally: Tally) -> Iterator[None]:
    over = threading.Event()

    def tell() -> None:
        while not over.wait(_EVERY):
            say(line_of(tally))

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()
