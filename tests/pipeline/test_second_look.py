"""What is asked again, and how often: missing lines once, whole posts while a careless model still tells something new."""

from __future__ import annotations

import pytest

from agent import Post
from agent.extraction.ask import Answered, Ask
from agent.extraction.check import Settled
from agent.extraction.findings import Finding, Findings
from agent.pipeline.jobs import Job
from agent.pipeline.second_look import MOST_READINGS, Doubts, look_for


POST = Post(text="一面：\n1. 讲讲 LoRA 的原理\n2. 怎么评估召回率")
ITEM = Finding("question", 7, 19, sure=True)
READING = Findings((ITEM,))


def answered(settled: Settled, model: str = "m") -> Answered:
    return Answered(model, None, "p", Ask.of(POST), {0: settled}, None)


def settled(*, faults: int = 0, told: int = 30, **more) -> Settled:
    return Settled(READING, more.pop("missing", ()), (), faults=faults, told=told, **more)


def look(one: Settled, doubts: Doubts | None = None):
    return look_for(Job(POST), answered(one), 0, doubts or Doubts())


def test_a_sound_answer_is_not_asked_for_again():
    assert look(settled()) is None


def test_a_missing_line_is_asked_for_alone():
    found = look(settled(missing=(ITEM,)))
    assert found is not None
    assert not found.is_whole
    post, seen = found.excerpt()
    assert post.text == f"- {POST.text[7:19]}\n"
    assert seen.items[0].kind == "question"


@pytest.mark.parametrize("trust", ["some", "none"])
def test_a_careless_answers_post_is_read_again_as_a_whole_up_to_three_times(trust):
    for readings in range(MOST_READINGS):
        found = look(settled(trust=trust, readings=(READING,) * readings))
        assert found is not None
        assert found.is_whole
        assert found.excerpt()[0] == POST
    assert look(settled(trust=trust, readings=(READING,) * MOST_READINGS)) is None


def test_a_model_that_was_careless_so_far_is_not_believed_where_its_answer_looks_sound():
    doubts = Doubts()
    doubts.hear(answered(settled(faults=3, told=10)))
    assert not doubts.are_any
    doubts.hear(answered(settled(faults=5, told=20)))
    assert doubts.has("m")
    found = look(settled(), doubts)
    assert found is not None
    assert found.is_whole
    assert look(settled(readings=(READING, READING)), doubts) is None


def test_a_model_is_not_blamed_for_another():
    doubts = Doubts()
    doubts.hear(answered(settled(faults=20), model="other"))
    assert doubts.has("other")
    assert look(settled(), doubts) is None
