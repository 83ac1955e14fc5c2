"""LangExtract with its Gemini provider: one key and one model, as it knows no more; several posts in a request only as one text."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import langextract as lx

from benchmarks.peers.task import Shown, Task, Work, drive


_EXAMPLE = lx.data.ExampleData(
    text="1. 什么是 LoRA？\n✅ 全量微调\n建议先刷题！",
    extractions=[
        lx.data.Extraction(extraction_class="question", extraction_text="什么是 LoRA？"),
        lx.data.Extraction(extraction_class="method", extraction_text="全量微调"),
        lx.data.Extraction(extraction_class="advice", extraction_text="建议先刷题"),
    ],
)
# A post never reaches it, so that one post is one request, and a pack of posts too.
_LARGEST_TEXT = 100_000


def make(task: Task) -> Callable[[Sequence[Shown]], Work]:
    config = lx.factory.ModelConfig(model_id=task.models[0], provider_kwargs=options(task))
    return extracting(task, model=lx.factory.create_model(config, examples=[_EXAMPLE], use_schema_constraints=True))


def options(task: Task) -> dict[str, Any]:
    """Its own retries would send each 429 four times."""
    return {"api_key": task.keys[0], "http_options": {"base_url": task.url}, "max_retries": 0}


def extracting(task: Task, **model: Any) -> Callable[[Sequence[Shown]], Work]:
    """By `extract`, which is told of the `model` in one of the ways it takes."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    size = max(1, task.pack)

    def extract(pack: Sequence[Shown]) -> Work:
        try:
            found = lx.extract(
                "\n\n".join(post.text for post in pack),
                prompt_description=task.prompt,
                examples=[_EXAMPLE],
                **model,
                max_char_buffer=_LARGEST_TEXT,
                show_progress=False,
            )
        except Exception:  # noqa: BLE001  # whatever it raises, these posts have no result
            return Work()
        placed = [one for one in found.extractions or () if one.char_interval]
        return Work(answered=len(pack), items=len(placed))

    def run(posts: Sequence[Shown]) -> Work:
        packs = [posts[start : start + size] for start in range(0, len(posts), size)]
        with ThreadPoolExecutor(task.width) as pool:
            done = list(pool.map(extract, packs))
        return Work(answered=sum(one.answered for one in done), items=sum(one.items for one in done))

    return run


if __name__ == "__main__":
    drive(make)
