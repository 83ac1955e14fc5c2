"""Parquet: streamed, nested lists and all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.inputs.parquet_rows import parquet_rows
from tests.inputs.reading import clean, on_disk, read
from tests.pictures.drawing import plain


def write(path: Path, **columns: Any) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_columns_of_every_type(tmp_path: Path) -> None:
    file = write(
        tmp_path / "p.parquet",
        note_id=[1, 2],
        desc=["1. 什么是 RAG？", None],
        title=["一面", None],
        tag_list=[[{"name": "面经"}], None],
        images=[["a.png"], []],
        liked_count=["1.2万", "3"],
        blob=[b"\xff", b""],
    )
    plain(tmp_path / "a.png")
    first, second = read(file).posts
    assert (first.id, first.title, first.text, first.tags) == ("1", "一面", "1. 什么是 RAG？", ("面经",))
    assert first.images == (str(tmp_path / "a.png"),)
    assert (second.id, second.text) == ("2", "")


def test_many_batches(tmp_path: Path) -> None:
    file = write(tmp_path / "p.parquet", text=[f"第{count}问" for count in range(1000)])
    assert [post.text for post in clean(file)] == [f"第{count}问" for count in range(1000)]


def test_broken_string_costs_its_row(tmp_path: Path) -> None:
    lengths, data = pa.array([0, 1, 2, 3], pa.int32()).buffers()[1], pa.py_buffer(b"a\xffc")
    table = pa.Table.from_arrays([pa.StringArray.from_buffers(3, lengths, data)], ["text"])
    pq.write_table(table, tmp_path / "p.parquet")
    reading = read(tmp_path / "p.parquet")
    assert (reading.texts, reading.rows) == (["a", "c"], [2])


def test_other_tables_are_named(tmp_path: Path) -> None:
    assert "only: a, b" in read(write(tmp_path / "a.parquet", a=[1], b=[2])).problems[0].why
    assert len(read(write(tmp_path / "b.parquet", comment_id=["c1"], content=["同问"])).left_out) == 1


@pytest.mark.parametrize(
    "data", [b"", b"PAR1", b"PAR1" + b"\0" * 100 + b"PAR1", b"no parquet at all", b"PAR1\xff\xff\xff\x7fPAR1"]
)
def test_what_is_no_parquet_is_named(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "p.parquet"
    file.write_bytes(data)
    reading = read(file)
    assert reading.posts == []
    assert "no Parquet" in reading.problems[0].why


def test_file_that_went_away_is_not_told_as_broken(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(parquet_rows(tmp_path / "gone.parquet", None))


def test_cut_file_is_named(tmp_path: Path) -> None:
    file = write(tmp_path / "p.parquet", text=["问题"] * 1000)
    file.write_bytes(file.read_bytes()[:-20])
    assert "broken" in read(file).problems[0].why


@on_disk
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4))
def test_texts_come_back_as_they_were(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    assert read(write(tmp_path_factory.mktemp("parquet") / "p.parquet", text=texts)).texts == texts
