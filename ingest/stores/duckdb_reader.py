"""Reading series and windows out of the embedded store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from configs.plant import EquipmentTypeId, MachineId, SensorId
from ingest.reading import Series, Times, Values
from ingest.rollup import WindowBlock, merge_instants
from ingest.standing import MINUTE_NS
from ingest.stores.duckdb_file import Columns, DuckDBFile, quoted
from ingest.stores.duckdb_schema import Schema, minute_columns, minute_names, quality_column
from ingest.stores.duckdb_windows import full_minutes, joined_minutes, merged_instants, windows


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowQuery:
    """Which windows are asked for: machines of one type, those that begin in [start_ns, end_ns)."""

    equipment_type: EquipmentTypeId
    machines: tuple[MachineId, ...]
    start_ns: int
    end_ns: int
    width_s: float


def read_series(
    file: DuckDBFile, schema: Schema, equipment_type: EquipmentTypeId, span: tuple[str, int, int]
) -> Series:
    """Return the readings of one machine in (machine, start, end), merged per instant."""
    columns = schema.columns(equipment_type)
    parts = [quoted(name) for name in columns.values()]
    parts += [f"coalesce({quality_column(name)}, 0)::usmallint as {quality_column(name)}" for name in columns.values()]
    found = file.fetch(
        f"select event_time_ns, state, {', '.join(parts)} from {schema.raw_table(equipment_type)}"
        " where machine = ? and event_time_ns >= ? and event_time_ns < ? order by event_time_ns",
        list(span),
    )
    machine, width = MachineId(span[0]), len(columns)
    cells = list(found.values())[2:]
    return merge_instants(
        Series(
            machine=machine,
            sensors=tuple(columns),
            event_times_ns=found["event_time_ns"],
            states=found["state"],
            values=_stack(cells[:width], found["state"].size),
            quality=_stack(cells[width:], found["state"].size).astype(np.uint16),
        )
    )


def is_by_minute(query: WindowQuery) -> bool:
    """Whether the windows are made of whole minutes."""
    return round(query.width_s * 1e9) % MINUTE_NS == 0


def read_windows(
    file: DuckDBFile, schema: Schema, query: WindowQuery, closed_to_ns: Mapping[MachineId, int]
) -> WindowBlock:
    """Return the closed windows asked for, sorted by machine, then time: those that end by `closed_to_ns`."""
    width_ns = round(query.width_s * 1e9)
    columns = schema.columns(query.equipment_type)
    first, end = (-(-edge // width_ns) * width_ns for edge in (query.start_ns, query.end_ns))
    inner = _minute_query(schema, query, width_ns) if is_by_minute(query) else _raw_query(schema, query, width_ns)
    cells = [f"{cell}::double as {cell}" for name in columns.values() for cell in minute_columns(name)]
    listed = ", ".join(["machine", "start_ns", "state", *cells])
    found = file.fetch(f"select {listed} from ({inner}) order by machine, start_ns", [list(query.machines), first, end])
    return _block(query, columns, found, _closed(found, closed_to_ns, width_ns))


def _minute_query(schema: Schema, query: WindowQuery, width_ns: int) -> str:
    where = "machine in (select unnest(?)) and start_ns >= ? and start_ns < ?"
    source, names = schema.minutes(query.equipment_type), schema.columns(query.equipment_type).values()
    if width_ns == MINUTE_NS:
        return full_minutes(source, names, where)
    return joined_minutes(source, names, where, width_ns)


def _raw_query(schema: Schema, query: WindowQuery, width_ns: int) -> str:
    where = "machine in (select unnest(?)) and event_time_ns >= ? and event_time_ns < ?"
    names = schema.columns(query.equipment_type).values()
    return windows(merged_instants(schema.raw_table(query.equipment_type), names, where), names, width_ns)


def empty_series(machine: MachineId) -> Series:
    """Return the series of a machine that never reported."""
    return Series(
        machine=machine,
        sensors=(),
        event_times_ns=np.empty(0, np.int64),
        states=np.empty(0, dtype=object),
        values=np.empty((0, 0)),
        quality=np.empty((0, 0), np.uint16),
    )


def empty_windows(query: WindowQuery) -> WindowBlock:
    """Return the windows of a type that never reported."""
    found: Columns = {
        "machine": np.empty(0, dtype=object),
        "start_ns": np.empty(0, np.int64),
        "state": np.empty(0, dtype=object),
    }
    return _block(query, {}, found, np.empty(0, dtype=bool))


def _stack(cells: Sequence[NDArray[np.float64]], size: int) -> Values:
    return np.column_stack(cells) if cells else np.empty((size, 0))


def _closed(found: Columns, closed_to_ns: Mapping[MachineId, int], width_ns: int) -> NDArray[np.bool_]:
    newest: Times = np.fromiter(
        (closed_to_ns.get(m, 0) for m in found["machine"].tolist()), np.int64, found["machine"].size
    )
    closed: NDArray[np.bool_] = found["start_ns"] + width_ns <= newest
    return closed


def _block(
    query: WindowQuery, columns: Mapping[SensorId, str], found: Columns, closed: NDArray[np.bool_]
) -> WindowBlock:
    figures = [
        _stack([found[minute_names(name)[at]][closed] for name in columns.values()], int(closed.sum()))
        for at in range(7)
    ]
    mean, count, reported, low, high, std, last = figures
    empty = count == 0
    return WindowBlock(
        equipment_type=query.equipment_type,
        sensors=tuple(columns),
        width_s=query.width_s,
        machines=found["machine"][closed],
        starts_ns=found["start_ns"][closed],
        states=found["state"][closed],
        count=count,
        mean=mean,
        minimum=low,
        maximum=high,
        std=np.where(empty, np.nan, std),
        last=last,
        good_share=np.divide(count, reported, out=np.full(count.shape, np.nan), where=reported > 0),
    )
