"""Tables inside a Sparkplug metric: a column of times, and a column for each sensor."""

from collections.abc import Iterator
from typing import Any

from ingest.decode.refusal import refuse
from ingest.decode.sparkplug_values import DataType, number_of
from ingest.reading import RejectionReason

MAX_ROWS = 10_000


def cells_of(table: Any, at_ns: int) -> Iterator[tuple[str, int, Any, int]]:
    """Yield column, event time, element and data type of every cell that is no time; raise the refusal.

    `at_ns` is the time of a table of one row that has no column of times.
    """
    columns, types = tuple(table.columns), tuple(table.types)
    if len(columns) != len(types) or len(set(columns)) != len(columns) or len(table.rows) > MAX_ROWS:
        detail = f"is a data set whose columns and types do not match, or of more than {MAX_ROWS} rows"
        raise refuse(RejectionReason.NOT_SPARKPLUG, detail)
    timed = [i for i, datatype in enumerate(types) if datatype == DataType.DATE_TIME]
    if len(timed) != 1 and len(table.rows) > 1:
        detail = "is a data set of several rows; it needs exactly one column of data type DateTime"
        raise refuse(RejectionReason.BAD_TIME, detail)
    for row in table.rows:
        elements = tuple(row.elements)
        if len(elements) != len(columns):
            raise refuse(RejectionReason.NOT_SPARKPLUG, "is a data set with a row of another length than its columns")
        row_ns = int(number_of(elements[timed[0]], 0)) * 1_000_000 if timed else at_ns
        for i, element in enumerate(elements):
            if i not in timed:
                yield columns[i], row_ns, element, types[i]
