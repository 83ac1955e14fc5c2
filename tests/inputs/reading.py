"""What the tests of inputs share: reading given paths at once, and writing the samples."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import settings

from agent.errors import InputProblem
from agent.inputs import LeftOut, read_posts
from agent.records import Post


# A disk that others use too keeps no deadline.
on_disk = settings(deadline=None, max_examples=50)


@dataclass
class Reading:
    """All that came of some inputs."""

    posts: list[Post] = field(default_factory=list)
    problems: list[InputProblem] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [post.text for post in self.posts]

    @property
    def rows(self) -> list[int | None]:
        """The rows of the problems."""
        return [problem.row for problem in self.problems]


def read(*inputs: Path | str, **options: Any) -> Reading:
    reading = Reading()
    for one in read_posts(inputs, **options):
        if isinstance(one, Post):
            reading.posts.append(one)
        elif isinstance(one, LeftOut):
            reading.left_out.append(one)
        else:
            reading.problems.append(one)
    return reading


def clean(*inputs: Path | str, **options: Any) -> list[Post]:
    """The posts of inputs that have no problem at all."""
    reading = read(*inputs, **options)
    assert [str(problem) for problem in reading.problems + reading.left_out] == []
    return reading.posts


def write_jsonl(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def write_json(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=4), encoding="utf-8")
    return path
