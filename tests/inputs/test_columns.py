"""Columns are told by name; what is in them is kept, or left out where it is something else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.inputs.reading import clean, read, write_json, write_jsonl
from tests.pictures.drawing import plain


@pytest.mark.parametrize(
    "name",
    [
        "text",
        "desc",
        "content",
        "body",
        "note_desc",
        "正文",
        "描述",
        "作品描述",
        "Text",
        " DESC ",
        "noteDesc",
        "\ufefftext",
    ],
)
def test_text_columns(tmp_path: Path, name: str) -> None:
    assert clean(write_jsonl(tmp_path / "p.jsonl", {name: "问题"}))[0].text == "问题"


@pytest.mark.parametrize("name", ["id", "note_id", "作品ID", "笔记id", "ID", "noteId", "作品id"])
def test_id_columns(tmp_path: Path, name: str) -> None:
    assert clean(write_jsonl(tmp_path / "p.jsonl", {name: "n1", "text": "问题"}))[0].id == "n1"


@pytest.mark.parametrize(
    ("name", "field"),
    [
        *((name, "title") for name in ("title", "标题", "作品标题")),
        *((name, "url") for name in ("url", "note_url", "作品链接", "笔记url")),
    ],
)
def test_title_and_url_columns(tmp_path: Path, name: str, field: str) -> None:
    [post] = clean(write_jsonl(tmp_path / "p.jsonl", {name: "https://x", "text": "问题"}))
    assert getattr(post, field) == "https://x"


@pytest.mark.parametrize("name", ["tags", "tag_list", "标签", "作品标签", "tagList"])
def test_tag_columns(tmp_path: Path, name: str) -> None:
    assert clean(write_jsonl(tmp_path / "p.jsonl", {name: "面经,后端", "text": "问题"}))[0].tags == ("面经", "后端")


@pytest.mark.parametrize("name", ["images", "image_list", "图片地址url列表"])
def test_image_columns(tmp_path: Path, name: str) -> None:
    plain(tmp_path / "a.png")
    [post] = read(write_jsonl(tmp_path / "p.jsonl", {name: ["a.png"], "text": "问题"})).posts
    assert post.images == (str(tmp_path / "a.png"),)


def test_first_column_with_something_in_it_is_the_text(tmp_path: Path) -> None:
    rows = [{"desc": "次", "text": "主"}, {"text": "", "desc": "次"}, {"text": None, "desc": None}]
    assert [post.text for post in clean(write_jsonl(tmp_path / "p.jsonl", *rows))] == ["主", "次", ""]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("n1", "n1"),
        (" n1", " n1"),
        ("../../etc/passwd", "../../etc/passwd"),
        (12, "12"),
        (0, "0"),
        (10**40, "1" + "0" * 40),
        (1.5, "1.5"),
    ],
)
def test_ids_are_kept(tmp_path: Path, given: Any, kept: str) -> None:
    assert clean(write_jsonl(tmp_path / "p.jsonl", {"id": given, "text": "问题"}))[0].id == kept


@pytest.mark.parametrize("given", [None, "", "  ", {}, {"a": 1}, [], ["n1"], True, False, float("nan"), float("inf")])
def test_what_is_no_id_gives_a_stable_one_of_the_content(tmp_path: Path, given: Any) -> None:
    odd, absent = clean(write_jsonl(tmp_path / "p.jsonl", {"id": given, "text": "问题"}, {"text": "问题"}))
    assert odd.id == absent.id != ""


def test_two_posts_of_one_id_are_both_kept(tmp_path: Path) -> None:
    rows = [{"id": "n1", "text": "一"}, {"id": "n1", "text": "二"}]
    assert [post.text for post in clean(write_jsonl(tmp_path / "p.jsonl", *rows))] == ["一", "二"]


@pytest.mark.parametrize("text", [["a"], {"a": 1}, True])
def test_text_that_is_none_is_named(tmp_path: Path, text: Any) -> None:
    reading = read(write_jsonl(tmp_path / "p.jsonl", {"text": text}, {"text": "好"}))
    assert (reading.texts, reading.rows) == (["好"], [1])


def test_title_that_is_none_is_left_out(tmp_path: Path) -> None:
    [post] = clean(
        write_jsonl(tmp_path / "p.jsonl", {"text": "问题", "title": {"a": 1}, "url": [], "tags": 3, "images": 4})
    )
    assert (post.title, post.url, post.tags, post.images) == ("", None, ("3",), ())


COMMENT = {"comment_id": "c1", "note_id": "n1", "content": "流程好长[笑哭R]", "like_count": "1.2万", "pictures": ""}
SPIDER_COMMENT = {"笔记id": "n1", "评论id": "c1", "评论内容": "同问", "评论标签": "[]"}
CREATOR = {"user_id": "u1", "nickname": "甲", "desc": "前端工程师", "follows": "10", "fans": "1.2万", "tag_list": "{}"}
RECORD = {"schema_version": "1", "post": {"id": "p1"}, "questions": [], "provenance": {"origin": "rules"}}
ITEM = {"kind": "question", "text": "什么是 RAG？", "quote": "什么是 RAG？", "grounding": "exact"}


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (COMMENT, "comments"),
        (SPIDER_COMMENT, "comments"),
        (CREATOR, "creators"),
        (RECORD, "results"),
        (ITEM, "results"),
    ],
)
def test_what_lies_beside_posts_is_told_apart_and_named_once(tmp_path: Path, row: dict[str, Any], what: str) -> None:
    for file in (write_json(tmp_path / "a.json", [row, row]), write_jsonl(tmp_path / "b.jsonl", row, row)):
        reading = read(file)
        assert (reading.posts, reading.problems) == ([], [])
        [named] = reading.left_out
        assert what in named.why


def test_count_of_comments_makes_no_comment_of_a_post(tmp_path: Path) -> None:
    row = {"note_id": "n1", "desc": "问题", "comments": 23, "likes": "1.2万", "fans": 3}
    assert clean(write_jsonl(tmp_path / "p.jsonl", row))[0].text == "问题"


def test_row_without_text_is_named_with_its_columns(tmp_path: Path) -> None:
    reading = read(write_jsonl(tmp_path / "p.jsonl", {"title": "只有标题"}, {"text": "好"}))
    assert (reading.texts, reading.rows) == (["好"], [1])
    assert "only: title" in reading.problems[0].why
