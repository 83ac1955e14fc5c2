"""Ours: `Extractor.stream`, as a program would use it, finished work and ledger kept on disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agent import Extractor, Post
from agent.extraction import chain as _chain  # noqa: F401  # loaded before the clock starts, as the peers are
from agent.gemini import chat as _chat  # noqa: F401
from agent.pipeline import engine as _engine  # noqa: F401
from benchmarks.peers.task import Shown, Task, Work, drive


def make(task: Task) -> Callable[[Sequence[Shown]], Work]:
    extractor = Extractor(
        models=list(task.models),
        keys=list(task.keys),
        base_url=task.url,
        home=task.home,
        pack=task.pack or None,
        concurrency=task.width or None,
    )

    def run(posts: Sequence[Shown]) -> Work:
        work = Work()
        for record in extractor.stream(Post(id=post.id, text=post.text) for post in posts):
            is_rules = record.provenance.origin == "rules"
            work.by_rules += is_rules
            work.answered += not is_rules
            work.items += len(record.methods) + len(record.questions) + len(record.advice)
        return work

    return run


if __name__ == "__main__":
    drive(make)
