"""The Parquet file as pyarrow sees it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from agent.outputs import export
from agent.records import Record
from tests.outputs.samples import asked, nasty_record, plain_record


def test_records_come_back_nested(tmp_path: Path) -> None:
    records = [plain_record(), asked("什么是索引")]
    export(records, tmp_path / "x.parquet")
    rows = pq.read_table(tmp_path / "x.parquet").to_pylist()
    assert [Record.model_validate(row) for row in rows] == records


def test_the_schema_is_the_record_s_even_with_no_record(tmp_path: Path) -> None:
    export([], tmp_path / "x.parquet")
    schema = pq.read_schema(tmp_path / "x.parquet")
    assert schema.names == list(Record.model_fields)
    question = schema.field("questions").type.value_type
    assert (question.field("start").type, question.field("number").type) == (pa.int64(), pa.int64())
    assert (question.field("number").nullable, question.field("start").nullable) == (True, False)
    assert schema.field("provenance").type.field("cost_usd").type == pa.float64()


def test_lone_surrogates_are_replaced_in_their_place(tmp_path: Path) -> None:
    record = nasty_record()
    export([record], tmp_path / "x.parquet")
    (row,) = pq.read_table(tmp_path / "x.parquet").to_pylist()
    back = Record.model_validate(row)
    for before, after in zip(record.questions, back.questions, strict=True):
        assert len(after.quote) == after.end - after.start
        assert after.quote == "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in before.quote)


def test_more_than_a_row_group(tmp_path: Path) -> None:
    export((asked("什么是索引", post=str(index)) for index in range(2100)), tmp_path / "x.parquet")
    file = pq.ParquetFile(tmp_path / "x.parquet")
    assert (file.metadata.num_rows, file.metadata.num_row_groups) == (2100, 3)
