"""What a driver is told, and what it tells: needs nothing but the standard library, as it runs in every environment."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Shown:
    """One post."""

    id: str
    text: str


@dataclass(frozen=True)
class Task:
    """One contender's work: these posts, through these models and keys, at that address."""

    url: str
    keys: Sequence[str]
    models: Sequence[str]
    posts: Sequence[Shown]
    warm_up: Sequence[Shown]
    """Posts that go before the clock starts; none where every request counts."""
    width: int
    """Requests in flight."""
    pack: int
    """Posts in one request, where the contender can; 0 where it is to choose."""
    home: str
    prompt: str
    schema: dict[str, Any]

    @classmethod
    def read(cls, path: str) -> Task:
        told = json.loads(Path(path).read_text(encoding="utf-8"))
        for name in ("posts", "warm_up"):
            told[name] = [Shown(**one) for one in told[name]]
        return cls(**told)

    def messages(self, post: Shown) -> list[dict[str, str]]:
        """The prompt for one post, in the form that most clients take."""
        return [{"role": "system", "content": self.prompt}, {"role": "user", "content": fenced(post)}]


def fenced(post: Shown) -> str:
    return f'<post id="p1">\n{post.text}\n</post>'


@dataclass
class Work:
    """What became of the posts."""

    answered: int = 0
    """Posts with a result from a model."""
    by_rules: int = 0
    items: int = 0
    """Items in all results together."""
    cpu: float = 0.0
    wall: float = 0.0

    def add_answer(self, text: str) -> None:
        """An answer of the schema, as JSON."""
        (said,) = json.loads(text)["posts"]
        self.answered += 1
        self.items += sum(len(said[kind]) for kind in ("methods", "questions", "advice"))


def drive(make: Callable[[Task], Callable[[Sequence[Shown]], Work]]) -> None:
    """Make the contender, warm it up, put the posts through it, and print what it took: CPU seconds of all its threads."""
    task = Task.read(sys.argv[1])
    run = make(task)
    if task.warm_up:
        run(task.warm_up)
    cpu, wall = time.process_time(), time.perf_counter()
    work = run(task.posts)
    work.cpu, work.wall = time.process_time() - cpu, time.perf_counter() - wall
    print(json.dumps(asdict(work)), file=sys.__stdout__, flush=True)
