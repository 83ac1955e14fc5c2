"""JSON and JSONL give every record back, whatever is in it, one record a line by `\\n` alone."""

from __future__ import annotations

import io
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.outputs import write
from agent.records import Record
from tests.outputs.samples import asked, nasty_record, plain_record


ANY_TEXT = st.text(st.characters(exclude_categories=()), min_size=1)


def written(records: list[Record], name: str) -> str:
    stream = io.StringIO()
    write(records, stream, name)
    return stream.getvalue()


def test_json_is_one_array() -> None:
    records = [plain_record(), nasty_record()]
    assert [Record.model_validate(one) for one in json.loads(written(records, "json"))] == records
    assert json.loads(written([], "json")) == []


def test_jsonl_is_one_record_a_line() -> None:
    records = [plain_record(), nasty_record(), plain_record()]
    assert [Record.from_json(line) for line in written(records, "jsonl").splitlines()] == records


@settings(deadline=None)
@given(ANY_TEXT)
def test_any_text_comes_back(text: str) -> None:
    record = asked(text)
    for name, back in (
        ("json", json.loads(written([record], "json"))[0]),
        ("jsonl", json.loads(written([record], "jsonl"))),
    ):
        assert Record.model_validate(back) == record, name
    assert len(written([record], "jsonl").splitlines()) == 1
    written([record], "json").encode("utf-8")
