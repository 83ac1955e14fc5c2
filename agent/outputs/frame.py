"""Records as a pandas data frame, one row an item. Needs pandas, which is not loaded before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from agent.errors import UsageError
from agent.records import Record


if TYPE_CHECKING:
    import pandas as pd


def to_frame(records: Iterable[Record]) -> pd.DataFrame:
    """A data frame with the columns of the CSV, texts as they are in the records.

    Raises:
        UsageError: pandas is not installed.

    """
    from agent.outputs.rows import COLUMNS, rows_of

    try:
        import pandas as pd
    except ImportError:
        raise UsageError("to_frame needs pandas: pip install pandas") from None
    frame = pd.DataFrame((row for record in records for row in rows_of(record)), columns=list(COLUMNS))
    return frame.astype({"number": "Int64"})  # else one question without a number makes all of them fractions
