"""The record is what others hold on to: its JSON can always be read again, its ids are stable."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.records import Picture, Post, Record, dump_json


ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()))


@given(ANY_TEXT)
def test_dumped_json_is_one_line_of_utf8_and_reads_back_unchanged(text):
    dumped = dump_json({"text": text})
    assert len(dumped.splitlines()) == 1
    assert json.loads(dumped.encode("utf-8")) == {"text": text}


@given(ANY_TEXT)
def test_a_post_without_an_id_gets_one_from_its_content_alone(text):
    assert Post(text=text).id == Post(text=text, source="elsewhere.txt").id
    assert Post(text=text).id != Post(text=text + "x").id


def test_an_id_that_was_given_is_kept():
    assert Post(text="a", id="../../etc").id == "../../etc"


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b\ufeff", "\u3000\u2028", "\x00\x07"])
def test_a_text_of_nothing_visible_is_blank(text):
    assert Post(text=text).is_blank


@pytest.mark.parametrize("text", ["a", "?", "\u200b问", "🙂"])
def test_a_text_with_anything_visible_is_not_blank(text):
    assert not Post(text=text).is_blank


def test_two_posts_are_the_same_if_all_that_a_model_sees_of_them_is():
    post = Post(text="a", title="t", id="1")
    assert post.digest == Post(text="a", title="t", id="2", url="https://example.com").digest
    assert post.digest != Post(text="a", title="u").digest
    assert post.digest == Post(text="a", title="t", images=("https://example.com/1.png",)).digest
    assert post.digest != Post(text="a", title="t", pictures=(Picture(path="1.png", sha256="0"),)).digest


def test_the_schema_names_every_part_of_the_contract():
    schema = Record.model_json_schema()
    assert set(schema["properties"]) == {
        "schema_version",
        "post",
        "summary",
        "context",
        "methods",
        "questions",
        "advice",
        "provenance",
    }
