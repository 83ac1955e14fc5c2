"""The door for programs and notebooks: sync and async, in a running loop, as a Runnable; models first, rules where none can serve."""

from __future__ import annotations

import asyncio
import math
import pickle
import subprocess
import sys

import pytest

import agent
from agent import Extractor, KeyManager, Post, Record
from agent.errors import InputProblem
from agent.gemini.allowance import Allowance
from agent.pipeline.store import Store
from tests.twin import Quota, fake_key


POST = "一面：\n1. 什么是 LoRA？\n2. 手撕：反转链表\n一定要先刷八股！\n"


@pytest.fixture
def served(twin):
    """An extractor with one key, and the twin that serves it."""
    service = twin(projects={"p": [fake_key(1)]})
    with Extractor(models=["gemini-2.5-flash"], keys=[fake_key(1)], base_url=service.url) as extractor:
        yield service, extractor


def test_everything_public_is_listed_and_loads():
    assert agent.__all__ == sorted(agent.__all__)
    assert all(getattr(agent, name).__name__ == name for name in agent.__all__)


def test_a_text_becomes_a_record_by_a_model(served):
    service, extractor = served
    record = extractor.extract(POST)
    assert record.provenance.model == "gemini-2.5-flash"
    assert record.provenance.origin in {"model", "model+rules"}
    assert record.provenance.prompt.startswith("extract@")
    assert [one.quote for one in record.questions] == ["什么是 LoRA？", "手撕：反转链表"]
    assert all(POST[one.start : one.end] == one.quote for one in record.questions)
    assert len(service.requests) == 1


def test_a_second_extractor_finds_the_finished_work(served):
    service, extractor = served
    extractor.extract(POST)
    with Extractor(models=["gemini-2.5-flash"], keys=[fake_key(1)], base_url=service.url) as again:
        assert again.extract(Post(text=POST, id="other")).post.id == "other"
    assert len(service.requests) == 1


def test_the_asynchronous_door_works_in_two_loops_one_after_the_other(served):
    _, extractor = served
    first = asyncio.run(extractor.aextract("1. 一？"))
    second = asyncio.run(extractor.aextract("1. 二？"))
    assert [first.questions[0].quote, second.questions[0].quote] == ["一？", "二？"]


def test_the_synchronous_door_works_inside_a_running_loop(served):
    _, extractor = served

    async def notebook_cell() -> Record:
        return extractor.extract(POST)

    assert len(asyncio.run(notebook_cell()).questions) == 2


def test_any_number_of_posts_streams_through_in_order(served):
    _, extractor = served
    posts = [Post(text=f"1. 第{n}个问题？", id=str(n)) for n in range(12)]
    assert [record.post.id for record in extractor.stream(posts)] == [str(n) for n in range(12)]

    async def all_of_them():
        return [record.post.id async for record in extractor.astream(posts)]

    assert asyncio.run(all_of_them()) == [str(n) for n in range(12)]


def test_a_post_with_no_text_gives_no_record_and_the_rest_goes_on(served):
    _, extractor = served
    posts = [Post(text="1. 一？", id="a"), Post(text=" ", id="blank"), Post(text="1. 二？", id="b")]

    async def all_of_them():
        return [record.post.id async for record in extractor.astream(posts)]

    assert [record.post.id for record in extractor.stream(posts)] == asyncio.run(all_of_them()) == ["a", "b"]


def test_finished_work_is_kept_where_it_is_told(twin, tmp_path):
    service = twin(projects={"p": [fake_key(1)]})
    options = {"models": ["gemini-2.5-flash"], "keys": [fake_key(1)], "base_url": service.url}
    with Extractor(**options, store=Store(tmp_path / "elsewhere")) as extractor:
        record = extractor.extract(POST)
    with Store(tmp_path / "elsewhere") as store:
        assert store.finished(Post(text=POST)).questions == record.questions
    assert not (tmp_path / "home/results.sqlite3").exists()


def test_another_process_makes_the_same_one_of_its_options_and_they_hold_no_key():
    made = Extractor(models=["gemini-2.5-flash"], keys=[fake_key(1)], base_url="https://x.example", pack=3, patience=5)
    assert Extractor(**made.options).options == made.options
    assert fake_key(1) not in str(made.options)


def test_one_with_keys_of_its_own_is_not_pickled_and_one_without_is():
    with pytest.raises(TypeError, match="keys of its own"):
        pickle.dumps(Extractor(keys=[fake_key(1)]))
    made = Extractor(models=["gemini-2.5-flash"])
    assert pickle.loads(pickle.dumps(made)).options == made.options


def test_where_another_provider_serves_requests_have_no_end_but_the_allowed_ones():
    keys = KeyManager([fake_key(1)], allowance=Allowance(7))
    mixed = Extractor(models=["gemini-2.5-flash", "ollama:qwen3"], keys=keys)
    assert (mixed.requests_left(), mixed.requests_a_day()) == (7, math.inf)
    assert Extractor(models=["gemini-2.5-flash", "ollama:qwen3"], keys=[fake_key(1)]).requests_left() == math.inf
    only = Extractor(models=["gemini-2.5-flash"], keys=[fake_key(1)])
    assert 0 < only.requests_left() <= only.requests_a_day() < math.inf


def test_the_runnable_takes_text_or_post_sync_and_async(served):
    from langchain_core.runnables import Runnable

    _, extractor = served
    assert isinstance(extractor.runnable, Runnable)
    assert len(extractor.runnable.invoke(POST).questions) == 2
    assert asyncio.run(extractor.runnable.ainvoke(Post(text=POST, id="x"))).post.id == "x"


def test_the_runnable_falls_back_down_the_ladder_to_the_rules(twin):
    service = twin(projects={"p": [fake_key(1)]}, quotas=Quota(rpd=0))
    extractor = Extractor(
        models=["gemini-2.5-flash-lite", "gemini-2.5-flash"], keys=[fake_key(1)], base_url=service.url
    )
    record = extractor.runnable.invoke(POST)
    assert record.provenance.origin == "rules"
    assert {one.model for one in record.provenance.attempts} == {"gemini-2.5-flash-lite", "gemini-2.5-flash"}


def test_offline_needs_nobody():
    record = Extractor(offline=True).extract(POST)
    assert record.provenance.origin == "rules"
    assert len(record.questions) == 2
    assert Extractor(models="rules").offline


def test_a_record_shows_itself_in_a_notebook():
    shown = Extractor(offline=True).extract("1. 什么是 <b>LoRA</b>？")._repr_html_()
    assert "LoRA" in shown
    assert "<b>LoRA" not in shown


def test_a_post_with_no_text_is_a_problem_of_the_input():
    with pytest.raises(InputProblem, match="no text"):
        Extractor(offline=True).extract(" \n\u200b")


def test_two_threads_that_load_at_once_leave_the_garbage_collector_as_it_was():
    code = (
        "import gc, threading\n"
        "from agent import Extractor\n"
        "def load(): Extractor(models='gemini-2.5-flash', keys=['k' * 39]).runnable\n"
        "threads = [threading.Thread(target=load) for _ in range(2)]\n"
        "for one in threads: one.start()\n"
        "for one in threads: one.join()\n"
        "print(gc.isenabled(), gc.get_freeze_count())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.split() == ["True", "0"]
    assert done.stderr == ""
