"""What a Parquet file of a history bundle holds, told from its head.

A row is an instant, or, where the file's metadata say so, a whole minute that is over. Beside a sensor's mean a minute
may have its other figures: `<sensor>.n` good values of `<sensor>.r` reported, `.min`, `.max`, `.std` and `.last`.
"""

import hashlib
from pathlib import Path

import pyarrow.parquet as pq

from configs.plant import EquipmentTypeId, SensorId
from ingest.ports import HistoryFile

OWN_COLUMNS = frozenset({"machine", "event_time", "state"})
FIGURES = ("n", "r", "min", "max", "std", "last")
CLOSED_MINUTES = {b"yeji.rows": b"closed minutes"}
"""The metadata of a file whose rows are minutes that are over, by their start."""


def look_at(equipment_type: EquipmentTypeId, path: Path) -> HistoryFile:
    """Return what a history file holds, without reading its rows."""
    schema = pq.read_schema(path)
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    names = [name for name in schema.names if name not in OWN_COLUMNS]
    metadata = schema.metadata or {}
    return HistoryFile(
        equipment_type=equipment_type,
        path=path,
        digest=digest,
        sensors=tuple(SensorId(name) for name in names if "." not in name),
        has_figures=any("." in name for name in names),
        is_closed=all(metadata.get(key) == value for key, value in CLOSED_MINUTES.items()),
    )


def figure_columns(sensor: SensorId) -> tuple[str, ...]:
    """Return a sensor's columns: mean, good, reported, minimum, maximum, std, last.

    Examples
    --------
    >>> figure_columns(SensorId("vib"))
    ('vib', 'vib.n', 'vib.r', 'vib.min', 'vib.max', 'vib.std', 'vib.last')
    """
    return (sensor, *(f"{sensor}.{figure}" for figure in FIGURES))
