"""Start-up, each in a fresh process: the command beside a bare Typer program, the first model call beside the bare client's."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from benchmarks.contest import bare_environment, twin
from benchmarks.environments import OURS
from benchmarks.measures import Comparison, paired
from benchmarks.posts import post
from tests.twin import fake_key


ROUNDS = 15
_MODEL = "gemini-2.5-flash-lite"
_COMMAND = "from agent.cli import main; main()"
_TYPER = """
import typer
app = typer.Typer()
@app.command()
def read(path: str, count: int = 1) -> None:
    "Read a file."
    print(len(open(path, encoding="utf-8").read()) * count)
app()
"""
_POOL = "import sys; from agent import ChatGeminiPool as C; print(C(model=sys.argv[1], keys=[sys.argv[2]], base_url=sys.argv[3]).invoke(sys.argv[4]).content)"
_BARE = (
    "import sys; from langchain_google_genai import ChatGoogleGenerativeAI as C;"
    " print(C(model=sys.argv[1], api_key=sys.argv[2], base_url=sys.argv[3], max_retries=1).invoke(sys.argv[4]).content)"
)
_EXTRACT = "import sys; from agent import Extractor as E; print(E(models=[sys.argv[1]], keys=[sys.argv[2]], base_url=sys.argv[3], fresh=True).extract(sys.argv[4]).to_json())"


def measures(rounds: int) -> Iterator[Comparison]:
    """Wall time of whole processes, from their start to their end."""
    key = fake_key(1)
    with tempfile.TemporaryDirectory(prefix="mianjing-bench-") as folder, twin(projects={"one": [key]}) as served:
        home = Path(folder)
        file = home / "post.txt"
        file.write_text(post(1).text, encoding="utf-8")
        run = partial(_seconds, home=home)
        asked = (_MODEL, key, served.url, "你好")
        fenced = (_MODEL, key, served.url, post(1).text)
        helped = (_COMMAND, "--help"), "a bare Typer program's --help", (_TYPER, "--help")
        offline = (_COMMAND, "extract", str(file), "--offline", "--quiet"), "a bare Typer program", (_TYPER, str(file))
        called = (_POOL, *asked), "ChatGoogleGenerativeAI", (_BARE, *asked)
        extracted = (_EXTRACT, *fenced), "ChatGoogleGenerativeAI", (_BARE, *asked)
        for what, (ours, beside, others), target in (
            ("start-up: mianjing --help", helped, 1.2),
            ("start-up: one post --offline", offline, 1.8),
            ("first call in a fresh process: ChatGeminiPool", called, 1.2),
            ("first call in a fresh process: Extractor, one post", extracted, 1.2),
        ):
            mine, theirs = paired(rounds, partial(run, ours), partial(run, others))
            yield Comparison(what=what, unit="s", ours=mine, beside=beside, others=theirs, target=target)


def _seconds(arguments: Sequence[str], *, home: Path) -> float:
    began = time.perf_counter()
    command = [str(OURS), "-c", *arguments]
    done = subprocess.run(command, cwd=home, env=bare_environment(home), capture_output=True, text=True, check=False)
    took = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"{json.dumps(arguments[1:])} failed:\n{done.stderr[-2000:]}")
    return took
