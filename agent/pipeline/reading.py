"""Reads an input in a thread of its own, a few things ahead: what is slow to read holds nobody up, and what is long fills no memory."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Generic, TypeVar


T = TypeVar("T")


class Reader(Generic[T]):
    """What was read waits here to be taken, in its order."""

    def __init__(self, *, ahead: int, tell: Callable[[], object]) -> None:
        """At most `ahead` things wait. `tell` is called in the thread at every piece of news."""
        self._tell = tell
        self._found: deque[T] = deque()
        self._room = threading.Semaphore(ahead)
        self._is_closed = self._has_ended = False
        self.error: BaseException | None = None
        """What the input raised, if it did; it has ended then."""

    def start(self, source: Iterable[T]) -> None:
        threading.Thread(target=self._read, args=(source,), name="mianjing input", daemon=True).start()

    @property
    def is_over(self) -> bool:
        """Whether all there is was taken."""
        return self._has_ended and not self._found

    def __bool__(self) -> bool:
        """Whether there is something to take now."""
        return bool(self._found)

    def take(self) -> T:
        """The next. Raises `IndexError` where nothing waits."""
        one = self._found.popleft()
        self._room.release()
        return one

    def close(self) -> None:
        """Read no further than to what is being read."""
        self._is_closed = True
        self._room.release()

    def _read(self, source: Iterable[T]) -> None:
        try:
            for one in source:
                self._room.acquire()
                if self._is_closed:
                    return
                self._found.append(one)
                self._news()
        except BaseException as error:  # noqa: BLE001  # it is raised where it is waited for
            self.error = error
        finally:
            self._has_ended = True
            self._news()

    def _news(self) -> None:
        # Nobody listens any more where the loop is closed.
        with suppress(RuntimeError):
            self._tell()
