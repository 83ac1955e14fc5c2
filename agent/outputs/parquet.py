"""Records as Parquet: one row a record, nested and typed as the record itself. Lone surrogates become U+FFFD, all else is unchanged."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from agent.errors import MissingExtra
from agent.outputs.harmless import well_formed
from agent.records import Record


if TYPE_CHECKING:
    import pyarrow as pa


ROWS_IN_A_GROUP = 1000


def write_parquet(records: Iterable[Record], path: Path) -> None:
    """Write the file a row group at a time.

    Raises:
        MissingExtra: pyarrow is not installed.

    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise MissingExtra("Parquet", "parquet") from None
    schema = pa.schema(_struct(Record).fields)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for rows in _groups(records):
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))


def _groups(records: Iterable[Record]) -> Iterator[list[dict[str, Any]]]:
    waiting = iter(records)
    while rows := [_storable(record.model_dump(mode="json")) for record in islice(waiting, ROWS_IN_A_GROUP)]:
        yield rows


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, dict):
        return {key: _storable(inner) for key, inner in value.items()}
    return [_storable(inner) for inner in value] if isinstance(value, list) else value


def _struct(model: type[BaseModel]) -> pa.StructType:
    import pyarrow as pa

    return pa.struct([_field(name, info.annotation) for name, info in model.model_fields.items()])


def _field(name: str, annotation: Any) -> pa.Field:
    import pyarrow as pa

    optional = get_origin(annotation) in (Union, types.UnionType)
    inner = next(part for part in get_args(annotation) if part is not types.NoneType) if optional else annotation
    return pa.field(name, _type(inner), nullable=optional)


def _type(annotation: Any) -> pa.DataType:
    import pyarrow as pa

    if get_origin(annotation) is list:
        return pa.list_(_field("element", get_args(annotation)[0]))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _struct(annotation)
    plain = str if get_origin(annotation) is Literal else annotation
    return {str: pa.string(), int: pa.int64(), float: pa.float64()}[plain]
