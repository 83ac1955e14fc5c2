"""Parquet, streamed by batches of rows; only the columns that a post has are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent.errors import MissingExtra
from agent.inputs.columns import columns_of, has_text, no_text, what_instead
from agent.inputs.rows import Row, Rows
from agent.inputs.unreadable import NoPost, Unreadable


_BATCH = 256


def parquet_rows(path: Path, _encoding: str | None) -> Rows:
    """The rows of the file, counted from 1."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise MissingExtra("a Parquet file", "parquet") from None
    try:
        with parquet.ParquetFile(path) as file:
            yield from _rows_of(file)
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise Unreadable(f"is no Parquet, or broken ({str(error).splitlines()[0]})") from None


def _rows_of(file: Any) -> Rows:
    names = file.schema_arrow.names
    if instead := what_instead(names):
        raise NoPost(f"holds {instead}, no posts; they are left out")
    if not has_text(names):
        raise Unreadable(no_text(names))
    wanted = [name for found in columns_of(names).values() for name in found]
    number = 0
    for batch in file.iter_batches(batch_size=_BATCH, columns=wanted):
        for row in _values(batch):
            number += 1
            yield Row(row, number) if row is not None else Unreadable("holds a text that is no UTF-8", number)


def _values(batch: Any) -> Iterator[dict[str, Any] | None]:
    """The rows of a batch; null for one whose strings are broken."""
    for place in range(batch.num_rows):
        try:
            yield batch.slice(place, 1).to_pylist()[0]
        except UnicodeDecodeError:
            yield None
