"""Why something is not read as a post: what readers raise or yield inside this room, and what leaves it."""

from __future__ import annotations

from agent.errors import InputProblem


class Unreadable(Exception):
    """A file (raised) or one row of it (yielded) cannot be read; rows are numbered as people count them."""

    def __init__(self, why: str, row: int | None = None) -> None:
        self.why, self.row = why, row
        super().__init__(why)

    def at(self, source: str) -> InputProblem:
        return InputProblem(source, self.why, row=self.row)


class NoPost(Unreadable):
    """It was understood, and is something else than a post."""

    def at(self, source: str) -> InputProblem:
        return LeftOut(source, self.why, row=self.row)


class LeftOut(InputProblem):
    """Something that was understood and is no post, such as comments: named, but no post lacks a result for it."""
