"""Standard error, with live lines at its foot that make way for whatever else is written to the terminal. Makes no words."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live


class Screen:
    """All that this process shows goes through here, one thread at a time."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._live: Live | None = None

    @property
    def can_redraw(self) -> bool:
        """Whether standard error is a terminal on which lines can be drawn anew."""
        return sys.stderr.isatty() and os.environ.get("TERM", "").lower() not in {"dumb", "unknown"}

    @contextmanager
    def above(self) -> Iterator[None]:
        """Write to the terminal here, standard output too: the foot is gone until it is next drawn."""
        with self._lock:
            self.clear()
            yield

    def print(self, line: str) -> None:
        """One line to standard error. Where nobody reads it any more, nothing happens."""
        with self.above(), suppress(OSError, ValueError):
            print(line, file=sys.stderr, flush=True)  # noqa: T201

    def draw(self, foot: RenderableType) -> None:
        """Draw the foot, or draw it anew."""
        with self._lock:
            if self._live is None:
                self._live = _live()
                self._live.start()
            self._live.update(foot, refresh=True)

    def clear(self) -> None:
        with self._lock:
            if self._live is not None:
                self._live.stop()
                self._live = None


def _live() -> Live:
    from rich.console import Console
    from rich.live import Live

    return Live(
        console=Console(stderr=True, highlight=False),
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
        vertical_overflow="crop",
    )


SCREEN = Screen()
