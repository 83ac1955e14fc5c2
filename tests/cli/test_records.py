"""The commands on records and finished work: results are forgotten, banks and records become a page, and what is lost is told."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from agent import Extractor, Post, Record, settings
from agent.cli.records import forget_work, make_bank, make_report
from agent.errors import UsageError
from agent.pipeline.store import Store
from tests.cli.command import rows, write_jsonl


def record(number: int, **more: str) -> Record:
    """What the rules make of a post of its own text."""
    return Extractor(offline=True).extract(
        Post(text=f"1. 什么是第{number}层？\n2. 手撕：反转链表\n", id=str(number), **more)
    )


def written(path: Path, *records: Record) -> Path:
    path.write_text("".join(one.to_json() + "\n" for one in records), encoding="utf-8")
    return path


class TestForgetting:
    @pytest.fixture
    def finished(self) -> list[Post]:
        """Three posts that a model has answered."""
        posts = [Post(text=str(row["text"]), id=str(row["id"])) for row in rows(3)]
        with Store(settings.home()) as store:
            store.keep_all([(post, Extractor(offline=True).extract(post)) for post in posts])
        return posts

    def left(self, posts: list[Post]) -> list[str]:
        with Store(settings.home()) as store:
            return [post.id for post in posts if store.finished(post)]

    def test_the_results_of_the_given_posts_are_dropped_and_what_is_no_post_is_named(
        self, finished: list[Post], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "in").mkdir()
        write_jsonl(tmp_path / "in/a.jsonl", [*rows(2), {"id": "new", "text": "1. 什么是 RAG？"}])
        (tmp_path / "in/b.txt").write_bytes(bytes(range(256)))
        forget_work([str(tmp_path / "in")], everything=False)
        assert self.left(finished) == ["2"]
        told = capsys.readouterr().err
        assert "2 results dropped" in told
        assert "b.txt" in told

    def test_all_of_it_goes_with_what_was_read_in_pictures(
        self, finished: list[Post], capsys: pytest.CaptureFixture[str]
    ) -> None:
        (settings.home() / "pictures.sqlite3").touch()
        forget_work([], everything=True)
        assert self.left(finished) == []
        assert not (settings.home() / "pictures.sqlite3").exists()
        assert "3 results dropped" in capsys.readouterr().err

    def test_nothing_goes_where_nothing_is_named(self, finished: list[Post]) -> None:
        with pytest.raises(UsageError, match="--all"):
            forget_work([], everything=False)
        assert self.left(finished) == ["0", "1", "2"]


class TestPages:
    def test_without_a_file_the_page_goes_to_standard_output(
        self, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        make_report([written(tmp_path / "records.jsonl", record(1))], None)
        page = capfd.readouterr().out
        assert page.startswith("<!doctype html>")
        assert "什么是第1层" in page

    def test_a_banks_page_does_so_too(self, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        records = written(tmp_path / "records.jsonl", record(1), record(2))
        make_bank([records], tmp_path / "bank.json", None, None)
        make_bank([records], tmp_path / "bank.html", None, None)
        capfd.readouterr()
        make_report([tmp_path / "bank.json"], None)
        assert capfd.readouterr().out == (tmp_path / "bank.html").read_text(encoding="utf-8")

    def test_posts_whose_text_is_gone_are_told_and_those_whose_text_is_there_are_not(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        there = Post(text="1. 什么是 LoRA？", id="there", source=str(tmp_path / "there.txt"))
        (tmp_path / "there.txt").write_text(there.text, encoding="utf-8")
        records = written(
            tmp_path / "records.jsonl", record(1, source="gone.txt"), record(2), Extractor(offline=True).extract(there)
        )
        make_report([records], tmp_path / "report.html")
        told = capsys.readouterr().err
        assert "2 posts shown by their items alone" in told
        assert "mianjing[ocr]" not in told

    def test_where_the_text_stood_in_pictures_the_extra_that_reads_them_is_told(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "rapidocr", None)
        records = written(tmp_path / "records.jsonl", record(1, source="gone.txt + 2 pictures (OCR)"))
        make_report([records], tmp_path / "report.html")
        assert "mianjing[ocr]" in capsys.readouterr().err

    def test_a_bank_to_go_on_with_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        records = written(tmp_path / "records.jsonl", record(1))
        with pytest.raises(UsageError, match=r"cannot read .*nope\.json"):
            make_bank([records], None, None, tmp_path / "nope.json")
