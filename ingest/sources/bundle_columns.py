"""Checking the Parquet files of a history bundle, column by column."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from configs.plant import EquipmentTypeId, Plant, SensorId
from ingest.history_file import CLOSED_MINUTES, OWN_COLUMNS, figure_columns
from ingest.operation import OperatingState

_STATES = frozenset(state.value for state in OperatingState)
_EARLIEST_NS = 946_684_800_000_000_000
"""2000-01-01: what lies before is a clock that was never set."""

_LATEST_NS = 4_102_444_800_000_000_000
"""2100-01-01."""

ROWS_AT_ONCE = 65_536


def check_readings(path: Path, equipment_type: EquipmentTypeId, plant: Plant) -> list[str]:
    """Return what is wrong with one file of readings."""
    try:
        with pq.ParquetFile(path) as file:
            mistakes = _check_schema(file.schema_arrow, equipment_type, plant)
            if not mistakes:
                for rows in file.iter_batches(ROWS_AT_ONCE):
                    mistakes += _check_rows(rows, equipment_type, plant)
    except (pa.ArrowException, OSError) as error:
        mistakes = [f"not a readable Parquet file ({' '.join(str(error).split())[:120]}); export it again"]
    return [f"{path.name}: {mistake}" for mistake in dict.fromkeys(mistakes)]


def _check_schema(schema: Any, equipment_type: EquipmentTypeId, plant: Plant) -> list[str]:
    kinds = {field.name: field.type for field in schema}
    known: set[str] = {sensor.id for sensor in plant.equipment_type(equipment_type).sensors}
    known |= {s.id for machine in plant.machines if machine.equipment_type == equipment_type for s in machine.sensors}
    known |= {column for sensor in known for column in figure_columns(SensorId(sensor))}
    mistakes = [f"column {name} is missing" for name in ("machine", "event_time") if name not in kinds]
    for name, kind in kinds.items():
        mistakes += _check_column(name, kind, known=name in known)
    return mistakes + _check_figures(schema)


def _check_figures(schema: Any) -> list[str]:
    """Return what is amiss in a file of minutes with more figures than means."""
    told = [name for name in schema.names if "." in name]
    if not told:
        return []
    sensors = [SensorId(name) for name in schema.names if name not in OWN_COLUMNS and "." not in name]
    wanted = [column for sensor in sensors for column in figure_columns(sensor)]
    mistakes = [
        f"column {name} is missing beside its sensor's other figures" for name in wanted if name not in told + sensors
    ]
    mistakes += [f"column {name} has no sensor's mean beside it" for name in told if name not in wanted]
    if any((schema.metadata or {}).get(key) != value for key, value in CLOSED_MINUTES.items()):
        mistakes.append("columns such as " + told[0] + " belong to whole minutes, which the file does not say it holds")
    return mistakes


def _check_column(name: str, kind: Any, *, known: bool) -> Iterator[str]:
    if name in {"machine", "state"}:
        if not pa.types.is_string(kind.value_type if pa.types.is_dictionary(kind) else kind):
            yield f"column {name} must hold text, not {kind}"
    elif name == "event_time":
        if not pa.types.is_timestamp(kind) or kind.tz is None:
            yield f"column event_time must be a timestamp with a time zone, not {kind}"
    elif not known:
        yield f"column {name} is no sensor of this equipment type; add it to plant.toml, or leave it out"
    elif not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
        yield f"column {name} must hold numbers, not {kind}"


def _check_rows(rows: Any, equipment_type: EquipmentTypeId, plant: Plant) -> Iterator[str]:
    own = {machine.id for machine in plant.machines if machine.equipment_type == equipment_type}
    machines = set(pc.unique(rows["machine"]).to_pylist())
    for stranger in sorted(str(name) for name in machines - own):
        yield f"machine {stranger} is not a {equipment_type} of the plant; add it to plant.toml"
    yield from _check_times(rows["event_time"])
    if "state" in rows.schema.names:
        for state in sorted(set(pc.unique(rows["state"]).to_pylist()) - _STATES - {None}):
            yield f"state {state} is none of {', '.join(sorted(_STATES))}"
    for name in rows.schema.names:
        if pa.types.is_floating(rows[name].type) and not _all_finite(rows[name]):
            yield f"column {name} holds NaN or infinity; leave the cell empty (null) instead"


def _check_times(column: Any) -> Iterator[str]:
    if column.null_count:
        yield "column event_time has empty cells"
    ends = pc.min_max(column.cast(pa.timestamp("ns", tz="UTC"), safe=False).cast(pa.int64())).as_py()
    if ends["min"] is not None and not _EARLIEST_NS <= ends["min"] <= ends["max"] < _LATEST_NS:
        yield "column event_time reaches outside the years 2000 to 2099"


def _all_finite(column: Any) -> bool:
    return bool(pc.all(pc.is_finite(column), min_count=0).as_py())
