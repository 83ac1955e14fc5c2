"""Standard input: JSON Lines if its first line is a JSON object, else one text."""

from __future__ import annotations

import io
import json
import os

import pytest

from agent.inputs import read_posts
from agent.records import Post
from tests.inputs.reading import clean, read


ROWS = [{"id": f"n{count}", "text": f"第{count}问：什么是混合检索？\r\n说说"} for count in range(1, 4)]
LINES = "\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_lines(encoding: str) -> None:
    posts = clean("-", stdin=io.BytesIO(LINES.encode(encoding)))
    assert [post.text for post in posts] == [row["text"] for row in ROWS]
    assert {post.source for post in posts} == {"-"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize(
    "text",
    [
        "一面问得很细：\r\n1. 什么是 LoRA？\n",
        "[1, 2]\n",
        '{"text": "没有写完\n}',
        "{}} 这不是对象",
        "[清单R]微调的三种方式\n",
    ],
)
def test_one_text(text: str, encoding: str) -> None:
    assert [post.text for post in clean("-", stdin=io.BytesIO(text.encode(encoding)))] == [text]


def test_nothing_is_an_empty_text() -> None:
    assert [post.text for post in clean("-", stdin=io.BytesIO())] == [""]


def test_broken_lines_are_named() -> None:
    reading = read("-", stdin=io.BytesIO(b'{"text": "a"}\n{"text": \n{"text": "\xff"}\n{"text": "b"}'))
    assert (reading.texts, reading.rows) == (["a", "b"], [2, 3])
    assert str(reading.problems[0]).startswith("-, row 2: ")


def test_object_without_a_text_is_a_broken_row() -> None:
    assert read("-", stdin=io.BytesIO(b"{}")).rows == [1]


def test_binary_is_refused() -> None:
    assert "binary" in read("-", stdin=io.BytesIO(b"\0\1\2" * 100)).problems[0].why


def test_gb18030_text_behind_much_ascii() -> None:
    text = "plain words\n" * 10_000 + "什么是混合检索"
    assert clean("-", stdin=io.BytesIO(text.encode("gb18030")))[0].text == text


def test_named_encoding() -> None:
    text = "面試問題"
    assert clean("-", stdin=io.BytesIO(text.encode("big5")), encoding="big5")[0].text == text


def test_stream_stays_open_and_files_may_stand_beside_it() -> None:
    stream = io.BytesIO(b"a")
    assert read("-", "absent.txt", "-", stdin=stream).texts == ["a", ""]
    assert not stream.closed


def test_lines_come_as_they_are_written() -> None:
    """The end is not waited for: a program that writes for ever can be stopped after some posts."""
    reading_end, writing_end = os.pipe()
    with open(reading_end, "rb") as stdin, open(writing_end, "wb") as writer:  # noqa: PTH123, descriptors are no paths
        line = json.dumps({"text": "问" * 500}, ensure_ascii=False).encode() + b"\n"
        os.set_blocking(writing_end, False)
        while writer.raw.write(line) == len(line):
            pass
        assert isinstance(next(read_posts(["-"], stdin=stdin)), Post)
