"""Taking whole columns of the past into the embedded store: straight into the rollups, once per file."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from configs.plant import SensorId
from ingest.history_file import figure_columns
from ingest.ports import HistoryChange, HistoryFile
from ingest.standing import MINUTE_NS
from ingest.stores.duckdb_file import DuckDBFile, quoted
from ingest.stores.duckdb_schema import Schema, minute_columns, quality_column
from ingest.stores.duckdb_windows import merged_instants, windows


def is_taken(file: DuckDBFile, history: HistoryFile) -> bool:
    """Whether the store has taken a file of this content before."""
    query = "select count(*) as n from imports where equipment_type = ? and digest = ?"
    return bool(file.fetch(query, [history.equipment_type, history.digest])["n"][0])


def take_history(cursor: duckdb.DuckDBPyConnection, schema: Schema, history: HistoryFile) -> HistoryChange:
    """Put a file's rows into the rollups, in the cursor's transaction; return what changes by it.

    Minutes that the store has already are left as they are. A file whose rows are alone in their minutes goes in as
    it is; others are aggregated.
    """
    columns = schema.columns(history.equipment_type)
    names = [columns[sensor] for sensor in history.sensors]
    cursor.execute(f"create or replace temp view history as {_rows(history, columns)}")
    count, minutes, first, last = _extent(cursor)
    if history.has_figures:
        fresh, table = "history", schema.minute_table(history.equipment_type)
        cells = [cell for name in names for cell in minute_columns(name)]
    elif count == minutes:
        fresh, table = "history", schema.history_table(history.equipment_type)
        cells = [quoted(name) for name in names]
    else:
        fresh, table = (
            f"({windows(merged_instants('history', names, 'true'), names, MINUTE_NS)})",
            schema.minute_table(history.equipment_type),
        )
        cells = [cell for name in names for cell in minute_columns(name)]
    cursor.execute(
        f"insert into {table} by name select {', '.join(['machine', 'start_ns', 'state', *cells])} from {fresh} as fresh"
        f" where not exists (select 1 from {schema.minutes(history.equipment_type)} as known"
        f" where known.machine = fresh.machine and known.start_ns = fresh.start_ns"
        f" and known.start_ns between {first} and {last})"
    )
    cursor.execute("insert into imports values (?, ?, ?)", [history.equipment_type, history.digest, count])
    change = HistoryChange(
        equipment_type=history.equipment_type,
        rows=count,
        progress=_progress(cursor, MINUTE_NS if history.is_closed else 0),
        last_values=_last_values(cursor, history.sensors, names),
    )
    cursor.execute("drop view history")
    return change


def _parquet(path: Path) -> str:
    return "read_parquet('" + str(path).replace("'", "''") + "')"


def _rows(history: HistoryFile, columns: dict[SensorId, str]) -> str:
    time = "epoch_ns(event_time)"
    if history.has_figures:
        cells = [
            f"{quoted(told)}::double as {cell}"
            for sensor in history.sensors
            for told, cell in zip(figure_columns(sensor), minute_columns(columns[sensor]), strict=True)
        ]
    else:
        cells = [f"{quoted(sensor)}::double as {quoted(columns[sensor])}" for sensor in history.sensors]
    cells += [f"0::usmallint as {quality_column(columns[sensor])}" for sensor in history.sensors]
    own = (
        "machine::varchar as machine",
        f"{time} as event_time_ns",
        f"{time} // {MINUTE_NS} * {MINUTE_NS} as start_ns",
        "coalesce(state::varchar, 'executing') as state",
    )
    return f"select {', '.join([*own, *cells])} from {_parquet(history.path)}"


def _extent(cursor: duckdb.DuckDBPyConnection) -> tuple[int, int, int, int]:
    ((count, minutes, first, last),) = cursor.execute(
        "select count(*), count(distinct (machine, start_ns)), coalesce(min(start_ns), 0), coalesce(max(start_ns), 0)"
        " from history"
    ).fetchall()
    return int(count), int(minutes), int(first), int(last)


def _progress(cursor: duckdb.DuckDBPyConnection, row_ns: int) -> Sequence[tuple[str, int, int, str, int]]:
    """Return how far each machine's rows reach, each of which lasts `row_ns`."""
    query = (
        "select machine, min(event_time_ns), max(event_time_ns), arg_max(state, event_time_ns), count(*)"
        " from history group by machine order by machine"
    )
    return [(str(a), int(b), int(c) + row_ns, str(d), int(e)) for a, b, c, d, e in cursor.execute(query).fetchall()]


def _last_values(
    cursor: duckdb.DuckDBPyConnection, sensors: tuple[SensorId, ...], names: list[str]
) -> Sequence[tuple[str, str, int, float]]:
    if not names:
        return []
    cells = [
        cell
        for name in map(quoted, names)
        for cell in (f"max(event_time_ns) filter (where {name} is not null)", f"arg_max({name}, event_time_ns)")
    ]
    rows = cursor.execute(
        f"select machine, {', '.join(cells)} from history group by machine order by machine"
    ).fetchall()
    return [
        (str(row[0]), sensor, int(row[1 + 2 * at]), float(row[2 + 2 * at]))
        for row in rows
        for at, sensor in enumerate(sensors)
        if row[1 + 2 * at] is not None
    ]
