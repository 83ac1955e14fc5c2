"""Ours, the chain alone: `Extractor.runnable`, the LangChain Runnable, with no engine around it and no finished work kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from agent import Extractor, Post, Record
from benchmarks.peers.task import Shown, Task, Work, drive


def make(task: Task) -> Callable[[Sequence[Shown]], Work]:
    extractor = Extractor(models=list(task.models), keys=list(task.keys), base_url=task.url, home=task.home)
    chain = extractor.runnable
    loop = asyncio.new_event_loop()

    def run(posts: Sequence[Shown]) -> Work:
        given = [Post(id=post.id, text=post.text) for post in posts]
        records: list[Record] = loop.run_until_complete(chain.abatch(given, {"max_concurrency": task.width}))
        items = sum(len(one.methods) + len(one.questions) + len(one.advice) for one in records)
        return Work(answered=sum(one.provenance.origin != "rules" for one in records), items=items)

    return run


if __name__ == "__main__":
    drive(make)
