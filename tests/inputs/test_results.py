"""Records find their posts' texts again where these were read, pictures and all; what has changed there is not taken for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent import Extractor, Record
from agent.inputs import read_posts
from agent.inputs.results import with_texts
from agent.pictures import file_of, ocr
from agent.records import Post
from tests.cli.command import mianjing, write_jsonl
from tests.pictures.drawing import screen


def records_of(*inputs: Path) -> list[Record]:
    """Records read back from their JSON: they know their texts no more."""
    posts = [one for one in read_posts(inputs) if isinstance(one, Post)]
    return [Record.from_json(record.to_json()) for record in Extractor(offline=True).stream(posts)]


def texts(records: list[Record]) -> list[str | None]:
    return [record.text for record in with_texts(records)]


@pytest.mark.parametrize(
    ("source", "file"),
    [
        ("a.txt", "a.txt"),
        ("shot.png (OCR)", "shot.png"),
        ("posts/b.jsonl + 1 picture (OCR)", "posts/b.jsonl"),
        ("a + 12 pictures (OCR)", "a"),
        ("a (OCR).txt", "a (OCR).txt"),
    ],
)
def test_a_source_names_its_file(source: str, file: str) -> None:
    assert file_of(source) == file


def test_rows_and_files_find_their_texts(tmp_path: Path) -> None:
    rows = write_jsonl(tmp_path / "rows.jsonl", [{"text": "1. 什么是索引？"}, {"text": "1. 什么是事务？"}])
    (tmp_path / "one.txt").write_text("1. 什么是锁？", encoding="utf-8")
    found = records_of(rows, tmp_path / "one.txt")
    assert texts(found) == ["1. 什么是索引？", "1. 什么是事务？", "1. 什么是锁？"]


def test_a_changed_file_and_one_that_is_gone_give_no_text(tmp_path: Path) -> None:
    kept, gone = tmp_path / "kept.txt", tmp_path / "gone.txt"
    kept.write_text("1. 什么是锁？", encoding="utf-8")
    gone.write_text("1. 什么是索引？", encoding="utf-8")
    found = records_of(kept, gone)
    kept.write_text("1. 什么是死锁？", encoding="utf-8")
    gone.unlink()
    assert texts(found) == [None, None]


def test_the_report_tells_how_many_posts_have_no_text(tmp_path: Path) -> None:
    (tmp_path / "post.txt").write_text("1. 什么是锁？", encoding="utf-8")
    said = mianjing("extract", tmp_path / "post.txt", "--offline", "-o", tmp_path / "records.jsonl")
    told = mianjing("report", tmp_path / "records.jsonl", "-o", tmp_path / "report.html").err
    (tmp_path / "post.txt").unlink()
    lost = mianjing("report", tmp_path / "records.jsonl", "-o", tmp_path / "report.html").err
    assert said.status == 0
    assert "items alone" not in told
    assert "1 post shown by their items alone" in lost


@pytest.mark.slow
@pytest.mark.skipif(not ocr.is_installed(), reason="RapidOCR is not installed: pip install '.[ocr]'")
def test_a_text_that_was_read_in_pictures_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "beside").mkdir()
    (tmp_path / "beside/post.txt").write_text("题目见图", encoding="utf-8")
    screen(tmp_path / "beside/1.png", ["1. 什么是旋转位置编码？"], size=(720, 300))
    alone = screen(tmp_path / "alone.png", ["1. 什么是倒排索引？"], size=(720, 300))
    named = write_jsonl(tmp_path / "rows.jsonl", [{"text": "没有图"}, {"text": "有图", "images": ["alone.png"]}])
    found = records_of(tmp_path / "beside", alone, named)
    assert [Path(record.post.source or "").name for record in found] == [
        "post.txt + 1 picture (OCR)",
        "alone.png (OCR)",
        "rows.jsonl",
        "rows.jsonl + 1 picture (OCR)",
    ]
    assert all(text and len(text) == record.post.chars for text, record in zip(texts(found), found, strict=True))
