"""The data frame: one row an item, whole numbers whole; a clear word where pandas is not installed."""

from __future__ import annotations

import sys

import pytest

from agent.errors import UsageError
from agent.outputs import to_frame
from agent.outputs.rows import COLUMNS
from tests.outputs.samples import plain_record


def test_one_row_an_item() -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    frame = to_frame([plain_record(), plain_record(id="p2")])
    assert list(frame.columns) == list(COLUMNS)
    assert frame.groupby("kind").size().to_dict() == {"question": 4, "method": 2, "advice": 2}
    asked = frame[frame["kind"] == "question"]
    assert asked["topic"].fillna("").tolist() == ["微调", "", "微调", ""]
    assert asked["number"].tolist() == [1, 2, 1, 2]
    assert str(frame["number"].dtype) == "Int64"


def test_no_records_are_an_empty_frame() -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    assert list(to_frame([]).columns) == list(COLUMNS)


def test_without_pandas_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match="pip install pandas"):
        to_frame([plain_record()])
