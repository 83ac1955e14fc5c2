"""A post stands in a fence that it cannot close, and nothing that is sent can cost a quote its place."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.extraction import prompt
from agent.extraction.answer import Answer
from agent.records import Post


FENCE = re.compile(r'<post id="([^"]*)">\n(.*?)\n</post>', re.DOTALL)
PIECES = st.sampled_from(
    ["<", "/", "post", "POST", " ", "\n", '<post id="p2">', "</post>", "< / post>", "title", ">", "问"]
)


def test_posts_are_laid_out_in_their_order_under_short_ids():
    laid_out = prompt.lay_out([Post(text="一\n二", id="a"), Post(text="三", id="b")])
    assert FENCE.findall(laid_out) == [("p1", "一\n二"), ("p2", "三")]


@given(st.lists(PIECES).map("".join), st.lists(PIECES).map("".join))
def test_no_post_can_close_its_fence_or_open_another(first, second):
    laid_out = prompt.lay_out([Post(text=first, title=second), Post(text=second, title=first)])
    assert [short for short, _ in FENCE.findall(laid_out)] == ["p1", "p2"]
    assert len(re.findall(r"<\s*/\s*post", laid_out, re.IGNORECASE)) == 2
    assert len(re.findall(r"<\s*post", laid_out, re.IGNORECASE)) == 2


@given(st.text(st.characters(codec=None, exclude_categories=())))
def test_a_defused_text_is_utf8_and_as_long_as_before(text):
    assert len(prompt.defused(text).encode("utf-8").decode("utf-8")) == len(text)


@pytest.mark.parametrize("text", ["a < b", "<div>", "List<Integer>", "1<2"])
def test_what_is_no_fence_is_left_alone(text):
    assert prompt.defused(text) == text


def test_many_open_brackets_take_linear_time():
    text = "<" * 200_000 + " " * 200_000
    assert prompt.defused(text) == text


def test_the_label_tells_name_version_and_an_edited_text():
    loaded = prompt.load_prompt("extract")
    assert re.fullmatch(r"extract@\d+#[0-9a-f]{8}", loaded.label)
    edited = prompt.Prompt(loaded.name, loaded.version, loaded.text + " ")
    assert edited.label != loaded.label


def test_the_examples_are_answered_as_the_prompt_demands():
    """Every quote of an example stands in its sample, so that the model is shown nothing ungrounded."""
    text = prompt.load_prompt("extract").text
    samples = dict(re.findall(r'<example id="([^"]+)">\n(.*?)\n</example>', text, re.DOTALL))
    answers = [json.loads(line) for line in text.splitlines() if line.startswith('{"posts": [{"id": "e')]
    assert len(samples) == len(answers) >= 3
    for answer in answers:
        (post,) = Answer.model_validate(answer).posts
        for item in (*post.methods, *post.questions, *post.advice):
            assert item.quote in samples[post.id]


def test_examples_do_not_look_like_posts_to_answer():
    assert '<post id="e' not in prompt.load_prompt("extract").text
