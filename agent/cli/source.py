"""The posts of the input on their way into a run: counted, and what cannot be read told at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from agent.cli.tell import warn_of
from agent.cli.wanted import Wanted
from agent.errors import InputProblem, UsageError
from agent.inputs import LeftOut, read_posts
from agent.records import Post


class Source:
    """Posts and problems, in the input's order. What was understood and is no post is told, and goes no further."""

    def __init__(
        self,
        wanted: Wanted,
        *,
        leave_out: Callable[[Path], bool] | None = None,
        warn: Callable[[InputProblem], None] = warn_of,
        may_be_empty: bool = False,
        given: Iterable[Post | InputProblem] | None = None,
    ) -> None:
        """`leave_out` tells which files of folders are passed over, where these are others than the run's own output.

        `given` is what was read already, of an input that can be read once alone.
        """
        self._wanted, self.warn, self._may_be_empty = wanted, warn, may_be_empty
        self._given = given
        self._leave_out = leave_out or wanted.is_output
        self.posts = self.problems = self.left_out = 0

    def __iter__(self) -> Iterator[Post | InputProblem]:
        """Raises `UsageError` at the end where nothing could be read."""
        wanted = self._wanted
        read = self._given
        if read is None:
            read = read_posts(wanted.inputs, encoding=wanted.encoding, leave_out=self._leave_out)
        for one in read:
            if isinstance(one, LeftOut):
                self.left_out += 1
                self.warn(one)
                continue
            if isinstance(one, InputProblem):
                self.problems += 1
                self.warn(one)
            else:
                self.posts += 1
            yield one
            if self.posts == wanted.limit:
                return
        if not (self.posts or self._may_be_empty):
            raise UsageError(f"nothing to read in {', '.join(wanted.inputs)}")
