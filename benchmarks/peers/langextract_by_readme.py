"""LangExtract as its README calls it: by the model's name, for which `extract` makes a client in every call."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.peers.langextract_gemini import extracting, options
from benchmarks.peers.task import Shown, Task, Work, drive


def make(task: Task) -> Callable[[Sequence[Shown]], Work]:
    return extracting(task, model_id=task.models[0], language_model_params=options(task))


if __name__ == "__main__":
    drive(make)
