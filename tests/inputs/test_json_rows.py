"""JSON and JSON Lines, in every shape that crawlers save; what is broken is named with its place, and nothing is mended."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.inputs.reading import clean, on_disk, read, write_json, write_jsonl


POST = {"note_id": "n1", "title": "一面", "desc": "1. 什么是 RAG？", "tag_list": "面经,后端"}
CARD = {"title": "一面", "desc": "1. 什么是 RAG？", "tag_list": [{"name": "面经"}, {"name": "后端"}], "image_list": []}
SHAPES = {
    "array": [POST],
    "one object": POST,
    "items": {"items": [POST]},
    "data of rows": {"code": 0, "data": [POST]},
    "xiaohongshu-cli": {"ok": True, "schema_version": "1", "data": {"items": [{"id": "n1", "note_card": CARD}]}},
    "camel case": {"data": {"items": [{"id": "n1", "noteCard": {**CARD, "noteId": "n1"}}]}},
    "one card": {"id": "n1", "note_card": CARD},
    "page state": {
        "note": {"noteDetailMap": {"n1": {"comments": {"list": []}, "note": {**CARD, "tagList": CARD["tag_list"]}}}}
    },
    "XHS-Downloader": {
        "message": "获取成功",
        "data": {
            "作品ID": "n1",
            "作品标题": "一面",
            "作品描述": "1. 什么是 RAG？",
            "作品标签": "面经 后端",
            "下载地址": [],
        },
    },
    "Spider_XHS": {
        "note_id": "n1",
        "title": "一面",
        "desc": "1. 什么是 RAG？",
        "tags": ["面经", "后端"],
        "image_list": [],
    },
}


@pytest.mark.parametrize("document", SHAPES.values(), ids=SHAPES)
def test_shapes(tmp_path: Path, document: Any) -> None:
    """As `.json`, as one line of `.jsonl`, and with an ending that tells nothing."""
    files = (
        write_json(tmp_path / "p.json", document),
        write_jsonl(tmp_path / "q.jsonl", document),
        write_json(tmp_path / "r.dump", document),
        write_json(tmp_path / "s.jsonl", document),
    )
    for file in files:
        [post] = clean(file)
        assert (post.id, post.title, post.text, post.tags) == ("n1", "一面", "1. 什么是 RAG？", ("面经", "后端")), (
            file.name
        )


def test_search_answer_without_texts_is_named(tmp_path: Path) -> None:
    items = [
        {"id": "n1", "model_type": "note", "note_card": {"display_title": "一面", "type": "normal"}},
        {"id": "q1", "model_type": "rec_query", "rec_query": {"title": "大家都在搜"}},
    ]
    reading = read(write_json(tmp_path / "p.json", {"code": 0, "data": {"has_more": True, "items": items}}))
    assert (reading.posts, reading.rows) == ([], [1])
    assert "display_title" in reading.problems[0].why


def test_answer_of_comments_is_told_apart(tmp_path: Path) -> None:
    reading = read(write_json(tmp_path / "p.json", {"data": {"comments": [{"id": "c1", "content": "同问"}]}}))
    assert (reading.posts, len(reading.left_out)) == ([], 1)


def test_json_file_that_holds_lines(tmp_path: Path) -> None:
    assert [post.text for post in clean(write_jsonl(tmp_path / "p.json", {"text": "一"}, {"text": "二"}))] == [
        "一",
        "二",
    ]


def test_lines_file_that_holds_an_array_on_one_line(tmp_path: Path) -> None:
    assert [post.text for post in clean(write_jsonl(tmp_path / "p.jsonl", [{"text": "一"}, {"text": "二"}]))] == [
        "一",
        "二",
    ]


def test_broken_lines_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "p.jsonl"
    file.write_bytes(
        b'{"text": "a"\n{"text": "b"}\r\n\n{"text": "c",}\n[1]\n"d"\nnull\n{"text": "e"}\n{"text": "\xff"}\n{"text": "f"}'
    )
    reading = read(file)
    assert reading.texts == ["b", "e", "f"]
    assert reading.rows == [1, 4, 5, 6, 7, 9]
    assert "a comma too many" in reading.problems[1].why


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[{"text": "a"},]', "line 1, column 16: a comma too many"),
        ('{\n  "text": "a",\n}', "line 3, column 1: a comma too many"),
        ('{"text": "a" "b"}', "line 1, column 14"),
        ("[" * 100_000, "nested too deeply"),
        ('{"data":' * 100_000, "nested too deeply"),
        ('{"id": ' + "9" * 5000 + ', "text": "a"}', "no valid JSON"),
        ("", "is empty"),
        (" \n\n", "is empty"),
        ("3", "is a number"),
        ('"a"', "is a string"),
    ],
    ids=["in array", "in object", "no comma", "brackets", "objects", "digits", "empty", "blank", "number", "string"],
)
def test_broken_documents_are_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "p.json"
    file.write_text(text, encoding="utf-8")
    reading = read(file)
    assert reading.posts == []
    assert said in reading.problems[0].why


def test_comma_too_many_is_told_where_it_stands_for_any_python(tmp_path: Path) -> None:
    """Newer Pythons point at the comma, older ones behind it."""
    file = tmp_path / "p.json"
    file.write_text("[1, , 2]", encoding="utf-8")
    assert "no valid JSON at line 1" in read(file).problems[0].why


@pytest.mark.parametrize("document", [[], {"data": {"items": []}}])
def test_document_without_rows_is_named(tmp_path: Path, document: Any) -> None:
    reading = read(write_json(tmp_path / "p.json", document))
    assert (reading.posts, reading.problems) == ([], [])
    assert "no rows" in reading.left_out[0].why


def test_utf_16_that_breaks_off_is_named_after_what_could_be_read(tmp_path: Path) -> None:
    file = tmp_path / "p.jsonl"
    file.write_bytes('{"text": "好"}\n{"text": "cut"}'.encode("utf-16")[:-1])
    reading = read(file)
    assert (reading.texts, len(reading.problems)) == (["好"], 1)


def test_rows_of_an_array_are_counted_from_one(tmp_path: Path) -> None:
    reading = read(write_json(tmp_path / "p.json", [{"text": "一"}, 3, {"title": "无"}, {"text": "二"}]))
    assert (reading.texts, reading.rows) == (["一", "二"], [2, 3])


def test_lone_surrogates_and_controls_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "p.jsonl"
    file.write_bytes(b'{"text": "\\ud800a\\u0000\\udc80\\u2028b"}\n{"text": "tab\there"}\n')
    assert [post.text for post in clean(file)] == ["\ud800a\0\udc80\u2028b", "tab\there"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
@pytest.mark.parametrize("name", ["p.jsonl", "p.json", "p"])
def test_encodings(tmp_path: Path, encoding: str, name: str) -> None:
    file = tmp_path / name
    rows = [{"id": f"n{count}", "text": f"第{count}问：什么是混合检索？"} for count in range(1, 5)]
    file.write_bytes("\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode(encoding))
    assert [post.text for post in clean(file)] == [row["text"] for row in rows]


def test_gb18030_behind_much_ascii(tmp_path: Path) -> None:
    """The encoding is told by the first stretch that tells it."""
    file = tmp_path / "p.jsonl"
    line = json.dumps({"text": "plain " * 2000}).encode() + b"\n"
    file.write_bytes(line * 200 + '{"text": "什么是混合检索，为什么要做重排"}'.encode("gb18030"))
    assert clean(file)[-1].text == "什么是混合检索，为什么要做重排"


@on_disk
@given(st.lists(st.text(), min_size=1, max_size=5))
def test_texts_come_back_as_they_were(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    folder = tmp_path_factory.mktemp("json")
    rows = [{"id": "n", "text": text} for text in texts]
    file = folder / "p.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    assert read(file).texts == texts
    (folder / "q.json").write_text(json.dumps(rows), encoding="utf-8")
    assert read(folder / "q.json").texts == texts
