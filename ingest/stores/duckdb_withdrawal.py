"""Taking an import back out of the embedded store: its rows, the minutes that it alone filled, and what stood by it."""

from collections.abc import Sequence

import duckdb
import numpy as np

from ingest.ports import Withdrawal
from ingest.standing import MINUTE_NS, WithdrawnChange
from ingest.stores.duckdb_file import quoted, registered
from ingest.stores.duckdb_schema import Schema


def take_out(cursor: duckdb.DuckDBPyConnection, schema: Schema, wanted: Withdrawal) -> tuple[int, WithdrawnChange]:
    """Delete an import's rows and minutes in the cursor's transaction; return how many rows, and how things stand then.

    Minutes that hold other raw rows too stay, to be rolled up anew.
    """
    kind, machine = wanted.equipment_type, wanted.machine
    raw = schema.raw_table(kind)
    ((rows,),) = cursor.execute(
        f"select count(*) from {raw} where machine = ? and boot = ?", [machine, wanted.boot]
    ).fetchall()
    cursor.execute(f"delete from {raw} where machine = ? and boot = ?", [machine, wanted.boot])
    minutes = np.unique(wanted.minutes_ns)
    with registered(cursor, "gone", {"start_ns": minutes}):
        for table in (schema.minute_table(kind), schema.history_table(kind)):
            cursor.execute(
                f"delete from {table} where machine = ? and start_ns in (select start_ns from gone)", [machine]
            )
        touched = cursor.execute(
            f"select distinct event_time_ns // {MINUTE_NS} * {MINUTE_NS} as minute_ns from {raw} where machine = ?"
            " and minute_ns in (select start_ns from gone)",
            [machine],
        ).fetchall()
    change = WithdrawnChange(
        equipment_type=kind,
        machine=machine,
        extent=_extent(cursor, schema, wanted),
        last_values=_last_values(cursor, schema, wanted),
        dirty_minutes=[int(minute) for (minute,) in touched],
    )
    return int(rows), change


def _extent(cursor: duckdb.DuckDBPyConnection, schema: Schema, wanted: Withdrawal) -> tuple[int, int] | None:
    query = (
        f"select min(moment), max(moment) from (select event_time_ns as moment from {schema.raw_table(wanted.equipment_type)}"
        f" where machine = ? union all select start_ns from {schema.minutes(wanted.equipment_type)} where machine = ?)"
    )
    ((first, newest),) = cursor.execute(query, [wanted.machine, wanted.machine]).fetchall()
    return None if first is None else (int(first), int(newest))


def _last_values(
    cursor: duckdb.DuckDBPyConnection, schema: Schema, wanted: Withdrawal
) -> Sequence[tuple[str, int, float]]:
    """Return the newest value of each sensor that is left: raw, or else the mean of the newest minute."""
    columns = schema.columns(wanted.equipment_type)
    found: dict[str, tuple[str, int, float]] = {}
    places = (
        (schema.minutes(wanted.equipment_type), "start_ns"),
        (schema.raw_table(wanted.equipment_type), "event_time_ns"),
    )
    for table, time in places:
        cells = [
            cell
            for name in map(quoted, columns.values())
            for cell in (f"max({time}) filter (where {name} is not null)", f"arg_max({name}, {time})")
        ]
        (row,) = cursor.execute(
            f"select {', '.join(cells)} from {table} as kept where machine = ?", [wanted.machine]
        ).fetchall()
        for at, sensor in enumerate(columns):
            if row[2 * at] is not None:
                found[sensor] = (sensor, int(row[2 * at]), float(row[2 * at + 1]))
    return list(found.values())
