"""LangChain's own way to several keys and models: `with_fallbacks` over one chat model for each pair, in the ladder's order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import HumanMessage, SystemMessage
from langchain_core.runnables import RunnableConfig
from langchain_google_genai import ChatGoogleGenerativeAI

from agent.extraction.answer import Answer
from benchmarks.peers.task import Shown, Task, Work, drive, fenced


def make(task: Task) -> Callable[[Sequence[Shown]], Work]:
    first, *others = [
        ChatGoogleGenerativeAI(
            model=model, api_key=key, base_url=task.url, max_retries=1, temperature=0.0
        ).with_structured_output(Answer, method="json_schema")
        for model in task.models
        for key in task.keys
    ]
    chain = first.with_fallbacks(others)
    loop = asyncio.new_event_loop()

    def run(posts: Sequence[Shown]) -> Work:
        work = Work()
        given: list[LanguageModelInput] = [[SystemMessage(task.prompt), HumanMessage(fenced(post))] for post in posts]
        config = RunnableConfig(max_concurrency=task.width)
        for answer in loop.run_until_complete(chain.abatch(given, config, return_exceptions=True)):
            if isinstance(answer, Answer):
                work.add_answer(answer.model_dump_json())
        return work

    return run


if __name__ == "__main__":
    drive(make)
