"""Any CSV with a header and a time column, for a machine whose sensors its columns are named after."""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from configs.plant import SensorId
from service.errors import InvalidRequestError
from service.operations.recordings.recording import Recording, Track
from service.operations.recordings.table_text import numbers_of, read_table, time_column, times_of

LABELS = frozenset({"anomaly", "changepoint", "label", "is_anomaly", "target", "failure", "rul", "class"})
"""Columns that say what should be found out; they are never published."""


def read_csv(path: Path, *, time: str | None = None, renamed: Mapping[str, str] | None = None) -> Recording:
    """Return the numeric columns of a file.

    Parameters
    ----------
    path
        The file; `,` `;` tab or `|` between cells, UTF-8 or CP949.
    time
        The column that holds the time; a usual name is found by itself.
    renamed
        Column to sensor, where a column is not named after its sensor.
    """
    names = renamed or {}
    table = read_table(path)
    clock = time_column(path, list(table.columns), time)
    strangers = [column for column in names if column not in table.columns]
    if strangers:
        raise InvalidRequestError(f"{path}: has no column {', '.join(strangers)}; it has {', '.join(table.columns)}")
    columns = {column: numbers_of(table[column]) for column in table.columns if column != clock}
    taken = {
        column: SensorId(names.get(column) or sensor_name(column) or f"column_{position}")
        for position, (column, numbers) in enumerate(columns.items(), start=1)
        if column in names or (column.lower() not in LABELS and not np.isnan(numbers).all())
    }
    if not taken:
        raise InvalidRequestError(f"{path}: has no column of numbers besides {clock}")
    if len(set(taken.values())) < len(taken):
        raise InvalidRequestError(
            f"{path}: two columns stand for one sensor; name them apart with --column COLUMN=SENSOR"
        )
    times = times_of(path, table[clock])
    order = np.argsort(times, kind="stable")
    values = np.column_stack([columns[column] for column in taken])[order]
    track = Track(name=path.stem, times_ns=times[order], sensors=tuple(taken.values()), values=values)
    left_out = tuple(column for column in columns if column not in taken)
    titles = {sensor: column for column, sensor in taken.items()}
    return Recording(equipment_type=None, tracks=(track,), left_out=left_out, titles=titles)


def sensor_name(column: str) -> str:
    """Return the sensor id that a column's name stands for: lower case, words joined by `_`, without its unit; "" for none."""
    bare = re.sub(r"[(\[].*?[)\]]", "", column).strip().lower()
    return re.sub(r"[^a-z0-9]+", "_", bare).strip("_")[:64]
