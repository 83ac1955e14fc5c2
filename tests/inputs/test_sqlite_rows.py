"""SQLite: the tables of crawlers, opened to read alone; nothing is changed or left beside the file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.inputs.reading import clean, read


EXPLORE = (
    'CREATE TABLE explore_data ("采集时间" TEXT, "作品ID" TEXT PRIMARY KEY, "作品类型" TEXT, "作品标题" TEXT, "作品描述" TEXT, '
    '"作品标签" TEXT, "作品链接" TEXT, "下载地址" TEXT)'
)


def write(path: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(path)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()
    return path


def test_xhs_downloader(tmp_path: Path) -> None:
    row = "('2025-01-01', 'n1', '图文', '一面', '1. 什么是 RAG？', '面经 后端', 'https://example.com/n1', '')"
    [post] = clean(write(tmp_path / "ExploreData.db", EXPLORE, f"INSERT INTO explore_data VALUES {row}"))
    assert (post.id, post.title, post.text, post.tags) == ("n1", "一面", "1. 什么是 RAG？", ("面经", "后端"))
    assert post.url == "https://example.com/n1"


MEDIACRAWLER = (
    "CREATE TABLE xhs_note (id INTEGER PRIMARY KEY, note_id TEXT, title TEXT, desc TEXT, tag_list TEXT, liked_count TEXT)",
    "INSERT INTO xhs_note VALUES (1, 'n1', '一面', '问题', '面经,后端', '1.2万')",
    "CREATE TABLE xhs_note_comment (id INTEGER PRIMARY KEY, comment_id TEXT, content TEXT)",
    "INSERT INTO xhs_note_comment VALUES (1, 'c1', '同问')",
    "CREATE TABLE weibo_note (id INTEGER, content TEXT)",
)


def test_mediacrawler(tmp_path: Path) -> None:
    [post] = clean(write(tmp_path / "sqlite_tables.db", *MEDIACRAWLER))
    assert (post.text, post.tags) == ("问题", ("面经", "后端"))


def test_note_id_is_kept_rather_than_the_number_of_the_row(tmp_path: Path) -> None:
    assert clean(write(tmp_path / "p.db", *MEDIACRAWLER))[0].id == "n1"


def test_any_table_with_a_text(tmp_path: Path) -> None:
    file = write(
        tmp_path / "p.sqlite3",
        'CREATE TABLE "my ""posts""" (id INTEGER, "Text" TEXT)',
        'INSERT INTO "my ""posts""" VALUES (7, \'a\' || char(0) || \'b\'), (8, NULL)',
        "CREATE TABLE remarks (comment_id TEXT, content TEXT)",
        "CREATE TABLE other (x TEXT)",
        "CREATE VIEW forever AS WITH RECURSIVE n(text) AS (SELECT 1 UNION ALL SELECT text FROM n) SELECT text FROM n",
    )
    reading = read(file)
    assert [(post.id, post.text) for post in reading.posts] == [("7", "a\0b"), ("8", "")]
    assert (reading.problems, len(reading.left_out)) == ([], 1)


def test_told_by_content_whatever_the_ending(tmp_path: Path) -> None:
    assert clean(write(tmp_path / "p.bak", *MEDIACRAWLER))[0].text == "问题"


def test_utf_16_database_and_a_name_with_marks(tmp_path: Path) -> None:
    file = write(tmp_path / "a?b#c%20.db", "PRAGMA encoding = 'UTF-16'", *MEDIACRAWLER)
    assert clean(file)[0].text == "问题"


def test_broken_text_costs_its_row(tmp_path: Path) -> None:
    file = write(
        tmp_path / "p.db",
        "CREATE TABLE xhs_note (note_id TEXT, desc TEXT)",
        "INSERT INTO xhs_note VALUES ('n1', '好'), ('n2', CAST(x'ff' AS TEXT)), ('n3', x'00'), ('n4', '好')",
    )
    reading = read(file)
    assert (reading.texts, reading.rows) == (["好", "好"], [2, 3])


def test_database_in_use_is_named(tmp_path: Path) -> None:
    file = write(tmp_path / "p.db", *MEDIACRAWLER)
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        assert "in use by another program" in read(file).problems[0].why
        writer.execute("ROLLBACK")
    assert len(clean(file)) == 1


def test_database_that_another_program_writes_in_wal_mode_is_read(tmp_path: Path) -> None:
    file = write(tmp_path / "p.db", *MEDIACRAWLER)
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("INSERT INTO xhs_note VALUES (2, 'n2', '', '新问题', '', '')")
        writer.execute("BEGIN IMMEDIATE")
        assert [post.text for post in clean(file)] == ["问题", "新问题"]


def test_nothing_appears_beside_the_file(tmp_path: Path) -> None:
    """Opened the usual way, a database in WAL mode would leave two files there."""
    (tmp_path / "posts").mkdir()
    file = write(tmp_path / "posts/p.db", "PRAGMA journal_mode = WAL", *MEDIACRAWLER)
    before = file.read_bytes()
    assert len(clean(tmp_path / "posts")) == 1
    assert [path.name for path in file.parent.iterdir()] == ["p.db"]
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"no database", "no SQLite database"),
        (b"SQLite format 3\0" + b"\0" * 84, "cannot be read"),
        (b"SQLite format 3\0" + b"\xff" * 5000, "cannot be read"),
    ],
    ids=["empty", "text", "zeros", "ones"],
)
def test_what_is_no_database_is_named(tmp_path: Path, data: bytes, said: str) -> None:
    file = tmp_path / "p.db"
    file.write_bytes(data)
    assert said in read(file).problems[0].why


def test_database_without_a_text_is_named(tmp_path: Path) -> None:
    assert "only: a, b" in read(write(tmp_path / "p.db", "CREATE TABLE b (x)", "CREATE TABLE a (y)")).problems[0].why


def test_cut_database_is_named_after_what_could_be_read(tmp_path: Path) -> None:
    inserts = [f"INSERT INTO xhs_note VALUES ({n}, 'n{n}', '', '{'问' * 500}', '', '')" for n in range(2, 200)]
    file = write(tmp_path / "p.db", *MEDIACRAWLER, *inserts)
    file.write_bytes(file.read_bytes()[:100_000])
    reading = read(file)
    assert len(reading.problems) == 1
    assert "cannot be read" in reading.problems[0].why


def test_table_of_a_crawler_with_no_column_of_a_post_is_named(tmp_path: Path) -> None:
    file = write(tmp_path / "p.db", "CREATE TABLE xhs_note (liked_count TEXT)", "INSERT INTO xhs_note VALUES ('7')")
    reading = read(file)
    assert reading.posts == []
    assert "'xhs_note' has no column of a post" in reading.problems[0].why
