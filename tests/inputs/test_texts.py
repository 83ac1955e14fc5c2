"""Text and Markdown: one post a file, exactly as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inputs.reading import clean, read


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b\u200d", "1. 什么是 RAG？", "a\r\nb\rc\nd\u2028e\x85f\x00g"])
def test_text_file_is_one_post(tmp_path: Path, text: str) -> None:
    """Also an empty one: it is named as without result by whoever extracts."""
    file = tmp_path / "p.txt"
    file.write_bytes(text.encode())
    [post] = clean(file)
    assert (post.text, post.source) == (text, str(file))
    assert post.id


def test_source_is_written_as_it_was_given(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/p.txt").write_text("问题", encoding="utf-8")
    assert [post.source for post in clean("posts", "posts/p.txt")] == ["posts/p.txt", "posts/p.txt"]


FRONT_MATTER = """---
note_id: 0012
title: "后端: 一面"
source_url: https://example.com/n/12
tags: [面经, 后端]
date: 2025-01-02
---
正文从这里开始。
"""


def test_front_matter_names_the_post_and_stays_in_its_text(tmp_path: Path) -> None:
    file = tmp_path / "p.md"
    file.write_text(FRONT_MATTER, encoding="utf-8")
    [post] = clean(file)
    assert (post.id, post.title, post.url, post.tags) == (
        "0012",
        "后端: 一面",
        "https://example.com/n/12",
        ("面经", "后端"),
    )
    assert post.text == FRONT_MATTER


@pytest.mark.parametrize(
    "text",
    [
        "---\n一条分隔线，不是元数据\n---\n正文",
        "---\ntitle: [\n---\n正文",
        "---\ntitle: 没有结尾\n正文",
        "---",
        "# 标题\n---\ntitle: x\n---\n",
    ],
    ids=["a sentence", "broken", "unclosed", "alone", "not at the beginning"],
)
def test_what_is_no_front_matter_is_only_text(tmp_path: Path, text: str) -> None:
    file = tmp_path / "p.md"
    file.write_text(text, encoding="utf-8")
    [post] = clean(file)
    assert (post.text, post.title) == (text, "")


def test_text_larger_than_any_post_is_named(tmp_path: Path) -> None:
    file = tmp_path / "p.txt"
    with file.open("wb") as sparse:
        sparse.truncate(65 << 20)
    assert "larger than 64 MB" in read(file).problems[0].why


def test_two_megabytes_on_one_line(tmp_path: Path) -> None:
    text = "什么是大模型？" * 100_000
    file = tmp_path / "p.txt"
    file.write_text(text, encoding="utf-8")
    assert clean(file)[0].text == text
