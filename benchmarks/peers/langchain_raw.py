"""LangChain alone, the message kept beside what was parsed of it: without it nobody learns why an answer ended, nor of its tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.peers.langchain_bare import chained
from benchmarks.peers.task import Shown, Task, Work, drive


def make(task: Task) -> Callable[[Sequence[Shown]], Work]:
    return chained(task, include_raw=True)


if __name__ == "__main__":
    drive(make)
