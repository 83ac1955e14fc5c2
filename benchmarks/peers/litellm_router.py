"""LiteLLM's Router as its documentation has it: a deployment for each key, a group for each model, fallbacks down the ladder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import litellm
from litellm import Router

from benchmarks.peers.task import Shown, Task, Work, drive


def make(task: Task) -> Callable[[Sequence[Shown]], Work]:
    litellm.suppress_debug_info = True
    deployments = [
        {
            "model_name": model,
            "litellm_params": {"model": f"gemini/{model}", "api_key": key, "api_base": f"{task.url}/v1beta"},
        }
        for model in task.models
        for key in task.keys
    ]
    first, *others = task.models
    router = Router(
        model_list=deployments,
        fallbacks=[{first: others}] if others else [],
        num_retries=2,
        cooldown_time=60,
        allowed_fails=3,
    )
    schema = {"type": "json_schema", "json_schema": {"name": "answer", "schema": task.schema}}
    loop = asyncio.new_event_loop()

    async def ask(post: Shown, gate: asyncio.Semaphore, work: Work) -> None:
        async with gate:
            try:
                response = await router.acompletion(first, task.messages(post), response_format=schema, temperature=0)
            except Exception:  # noqa: BLE001  # whatever it raises, the post has no result
                return
        work.add_answer(response.choices[0].message.content)

    async def ask_all(posts: Sequence[Shown]) -> Work:
        work, gate = Work(), asyncio.Semaphore(task.width)
        await asyncio.gather(*(ask(post, gate, work) for post in posts))
        return work

    return lambda posts: loop.run_until_complete(ask_all(posts))


if __name__ == "__main__":
    drive(make)
