"""Runs a contender's driver on posts through a twin, both as processes of their own, and counts what became of it."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from agent.extraction.answer import Answer
from agent.extraction.prompt import load_prompt
from benchmarks.environments import OURS, installed, python_of
from benchmarks.measures import Round
from benchmarks.peers.task import Shown, Task
from benchmarks.posts import LabelledPost
from tests.twin.process import TwinProcess


_ROOT = Path(__file__).parents[1]
TRUE, CARELESS = "benchmarks.oracle:answer", "benchmarks.oracle:careless"
"""Models that quote to the letter, or not quite."""


@dataclass(frozen=True, slots=True)
class Contender:
    """One driver of `benchmarks.peers`, and the package whose environment it needs, where that is not ours."""

    driver: str
    called: str
    package: str | None = None

    @property
    def name(self) -> str:
        return f"{self.called} ({installed(self.package)})" if self.package else self.called

    @property
    def python(self) -> Path:
        return python_of(self.package) if self.package else OURS


MIANJING = Contender("mianjing", "mianjing")
CHAIN = Contender("mianjing_chain", "mianjing, the chain alone")
LANGCHAIN = Contender("langchain_bare", "LangChain, bare chain")
LANGCHAIN_RAW = Contender("langchain_raw", "LangChain, bare chain with `include_raw=True`")
FALLBACKS = Contender("langchain_fallbacks", "LangChain `with_fallbacks`")
LITELLM = Contender("litellm_router", "LiteLLM Router", "litellm")
LANGEXTRACT = Contender("langextract_gemini", "LangExtract", "langextract")
BY_README = Contender("langextract_by_readme", "LangExtract as its README calls it", "langextract")


def compete(
    contender: Contender,
    twin: TwinProcess,
    *,
    posts: Sequence[LabelledPost],
    keys: Sequence[str],
    models: Sequence[str],
    home: Path,
    width: int = 4,
    pack: int = 1,
    warm_up: Sequence[LabelledPost] = (),
) -> Round:
    """One round: the posts through the contender, started anew. The twin goes on as it was left."""
    before = _counted(twin)
    task = Task(
        url=twin.url,
        keys=keys,
        models=models,
        posts=_shown(posts),
        warm_up=_shown(warm_up),
        width=width,
        pack=pack,
        home=str(home),
        prompt=load_prompt("extract").text,
        schema=Answer.model_json_schema(),
    )
    work = _driven(contender, task)
    requests, wasted = (now - then for now, then in zip(_counted(twin), before, strict=True))
    return Round(
        requests=requests,
        wasted=wasted,
        answered=work["answered"],
        by_rules=work["by_rules"],
        lost=len(posts) - work["answered"] - work["by_rules"],
        items=work["items"],
        cpu_ms_a_post=1000 * work["cpu"] / len(posts),
        wall_s=work["wall"],
    )


def bare_environment(home: Path) -> dict[str, str]:
    """No key, proxy, tracing or credential of this machine's reaches what is measured, and nobody fetches price lists."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "HOME": str(home),
        "MIANJING_HOME": str(home / "state"),
        "PYTHONPATH": str(_ROOT),
        "PYTHONUTF8": "1",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }


def twin(**config: Any) -> TwinProcess:
    """A twin whose model knows the posts, and quotes them to the letter unless told otherwise."""
    return TwinProcess({"oracle": TRUE, "keep": 1000, **config})


def _driven(contender: Contender, task: Task) -> Mapping[str, Any]:
    with tempfile.TemporaryDirectory(prefix="mianjing-bench-") as folder:
        file = Path(folder) / "task.json"
        file.write_text(json.dumps(asdict(task), ensure_ascii=False), encoding="utf-8")
        command = [str(contender.python), "-m", f"benchmarks.peers.{contender.driver}", str(file)]
        done = subprocess.run(
            command, cwd=_ROOT, env=bare_environment(Path(folder)), capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise RuntimeError(f"{contender.name} failed:\n{done.stderr[-2000:]}")
    work: Mapping[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return work


def _counted(twin: TwinProcess) -> tuple[int, int]:
    counts = twin.counts()
    return counts["requests"], sum(counts["wasted"].values())


def _shown(posts: Sequence[LabelledPost]) -> list[Shown]:
    return [Shown(one.id, one.text) for one in posts]
