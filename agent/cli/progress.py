"""Shows how far a run is, while it runs: lines at the foot of a terminal, a line now and then in a pipe. Counts nothing itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

from agent.cli.gauge import Gauge, Reading
from agent.cli.screen import SCREEN
from agent.cli.tell import say, tells_json


if TYPE_CHECKING:
    from rich.console import RenderableType

# Seconds between two looks on a terminal, and between two lines in a pipe.
_REDRAWN, _LINES = 0.25, 15.0
_BAR = 24


@contextmanager
def progress(gauge: Gauge) -> Iterator[None]:
    """Show what the gauge reads until the block ends."""
    over = threading.Event()
    is_live = SCREEN.can_redraw and not tells_json()
    shower = _redrawn(gauge) if is_live else now_and_then(gauge)

    def show() -> None:
        while not over.wait(_REDRAWN if is_live else _LINES):
            with suppress(OSError, ValueError):  # nobody looks any more
                shower()

    thread = threading.Thread(target=show, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        SCREEN.clear()


def _redrawn(gauge: Gauge) -> Callable[[], None]:
    return lambda: SCREEN.draw(_foot(gauge.read()))


def now_and_then(gauge: Gauge) -> Callable[[], None]:
    """A line only where there is news: a night of waiting is one line, and so is a last request that hangs."""
    last: list[tuple[int, int | None, bool]] = []

    def tell() -> None:
        reading = gauge.read()
        news = reading.done, reading.total, reading.is_waiting
        if last != [news]:
            last[:] = [news]
            say(" · ".join(reading.lines), event="progress", **asdict(reading))

    return tell


def _foot(reading: Reading) -> RenderableType:
    """A few lines, cut at the terminal's edge."""
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    first, *others = (Text(line, no_wrap=True, overflow="ellipsis") for line in reading.lines)
    if not reading.total:
        return Group(first, *others)
    head = Table.grid(padding=(0, 1))
    head.add_column(width=_BAR)
    head.add_column(no_wrap=True, overflow="ellipsis")
    head.add_row(ProgressBar(total=reading.total, completed=reading.done, width=_BAR), first)
    return Group(head, *others)
