"""LangChain alone: `prompt | ChatGoogleGenerativeAI.with_structured_output`, one key, one model, one post a request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from langchain_core.prompts import ChatPromptTemplate
from langchain_google_genai import ChatGoogleGenerativeAI

from agent.extraction.answer import Answer
from benchmarks.peers.task import Shown, Task, Work, drive, fenced


def make(task: Task) -> Callable[[Sequence[Shown]], Work]:
    return chained(task, include_raw=False)


def chained(task: Task, *, include_raw: bool) -> Callable[[Sequence[Shown]], Work]:
    """`include_raw`: whether the message is kept beside what was parsed of it."""
    prompt = ChatPromptTemplate.from_messages([("system", "{prompt}"), ("human", "{post}")])
    chat = ChatGoogleGenerativeAI(
        model=task.models[0], api_key=task.keys[0], base_url=task.url, max_retries=1, temperature=0.0, thinking_budget=0
    )
    chain = prompt | chat.with_structured_output(Answer, method="json_schema", include_raw=include_raw)
    loop = asyncio.new_event_loop()

    def run(posts: Sequence[Shown]) -> Work:
        given = [{"prompt": task.prompt, "post": fenced(post)} for post in posts]
        answers = loop.run_until_complete(chain.abatch(given, {"max_concurrency": task.width}))
        parsed = [answer["parsed"] if isinstance(answer, dict) else answer for answer in answers]
        said = [one for answer in parsed if isinstance(answer, Answer) for one in answer.posts]
        return Work(
            answered=len(answers), items=sum(len(one.methods) + len(one.questions) + len(one.advice) for one in said)
        )

    return run


if __name__ == "__main__":
    drive(make)
