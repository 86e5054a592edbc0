"""Keeping the 1-minute rollups of the embedded store up to date, and retiring raw readings."""

import numpy as np

from configs.plant import EquipmentTypeId
from ingest.standing import MINUTE_NS, Minute, Standing
from ingest.stores.duckdb_file import DuckDBFile, registered, texts
from ingest.stores.duckdb_schema import Schema, minute_columns
from ingest.stores.duckdb_windows import merged_instants, windows

MINUTES_PER_STEP = 20_000


def roll_up_closed(file: DuckDBFile, schema: Schema, standing: Standing, everything_before_ns: int) -> int:
    """Roll up the minutes that were touched and are closed, again if they were closed before; return how many.

    A minute is closed once its machine's newest event time has passed its end, and in any case once it lies before
    `everything_before_ns`.
    """
    done = 0
    for equipment_type in schema.types():
        with standing.lock:
            minutes = standing.take_closed(equipment_type, everything_before_ns)
        for at in range(0, len(minutes), MINUTES_PER_STEP):
            _roll_up_step(file, schema, standing, (equipment_type, minutes[at:]))
            done += len(minutes[at : at + MINUTES_PER_STEP])
    return done


def retire_raw(file: DuckDBFile, schema: Schema, before_ns: int) -> None:
    """Let go of raw readings older than `before_ns`; their rollups stay."""
    for equipment_type in schema.types():
        with file.transaction() as cursor:
            cursor.execute(f"delete from {schema.raw_table(equipment_type)} where event_time_ns < ?", [before_ns])


def _roll_up_step(
    file: DuckDBFile, schema: Schema, standing: Standing, taken: tuple[EquipmentTypeId, list[Minute]]
) -> None:
    equipment_type, minutes = taken
    try:
        _replace_minutes(file, schema, equipment_type, minutes[:MINUTES_PER_STEP])
    except BaseException:
        with standing.lock:
            standing.give_back(equipment_type, minutes)
        raise


def _replace_minutes(file: DuckDBFile, schema: Schema, equipment_type: EquipmentTypeId, minutes: list[Minute]) -> None:
    names = tuple(schema.columns(equipment_type).values())
    table = schema.minute_table(equipment_type)
    first, last = minutes[0][1], minutes[-1][1] + MINUTE_NS
    where = (
        f"event_time_ns >= {first} and event_time_ns < {last} and (machine, event_time_ns // {MINUTE_NS} * {MINUTE_NS})"
        " in (select (machine, minute_ns) from touched)"
    )
    fresh = windows(merged_instants(schema.raw_table(equipment_type), names, where), names, MINUTE_NS)
    listed = ", ".join(["machine", "start_ns", "state", *(cell for name in names for cell in minute_columns(name))])
    touched = {
        "machine": texts([machine for machine, _ in minutes]),
        "minute_ns": np.array([minute for _, minute in minutes], np.int64),
    }
    with file.transaction() as cursor, registered(cursor, "touched", touched):
        for known in (table, schema.history_table(equipment_type)):
            cursor.execute(
                f"delete from {known} where start_ns >= {first} and start_ns < {last}"
                " and (machine, start_ns) in (select (machine, minute_ns) from touched)"
            )
        cursor.execute(f"insert into {table} by name select {listed} from ({fresh})")
