"""The tables of the embedded store, and how types and sensors are named in them.

Each equipment type has three wide tables: `raw_<type>` with a column and a quality column per sensor, `min_<type>`
with seven columns per sensor and minute, and `his_<type>` for minutes of imported history that hold one value, which
is all their figures: a column per sensor. A minute is in one of the last two. DuckDB does not tell upper from lower case in names, while identifiers
of a plant do, so the name that a type or a sensor has here is looked up in `type_names` and `sensor_names`.
"""

import threading
from collections.abc import Iterable

import duckdb

from configs.plant import EquipmentTypeId, SensorId
from ingest.stores.duckdb_file import DuckDBFile, quoted

LAYOUT = 1
"""The version of these tables; a store of another version is refused."""

_TABLES = """
create table if not exists layout (version integer);
create table if not exists type_names (equipment_type varchar, name varchar);
create table if not exists sensor_names (equipment_type varchar, sensor varchar, name varchar);
create table if not exists commits (commit_no bigint, changes varchar);
create table if not exists snapshot (commit_no bigint);
create table if not exists ledgers (stream varchar, boot varchar, content varchar);
create table if not exists meters (machine varchar, unit varchar, value double, at_ns bigint);
create table if not exists fingerprints (stream varchar, event_time_ns bigint, digest varchar);
create table if not exists progress (machine varchar, equipment_type varchar, first_ns bigint, newest_ns bigint,
    received_ns bigint, state varchar, changes bigint);
create table if not exists last_values (machine varchar, sensor varchar, event_time_ns bigint,
    received_time_ns bigint, value double, quality usmallint);
create table if not exists dirty_minutes (equipment_type varchar, machine varchar, minute_ns bigint);
create table if not exists dead_letters (id varchar, account varchar, topic varchar, payload blob, reason varchar,
    detail varchar, first_seen_ns bigint, last_seen_ns bigint, count bigint);
alter table dead_letters add column if not exists size bigint;
alter table dead_letters add column if not exists settled_as varchar;
alter table dead_letters add column if not exists settled_by varchar;
alter table dead_letters add column if not exists settled_at_ns bigint;
create table if not exists imports (equipment_type varchar, digest varchar, row_count bigint);
create table if not exists condition_hours (machine varchar, key varchar, hour_ns bigint, value double, weight double);
"""


class Schema:
    """The names of types and sensors in one store, added to as they first appear."""

    def __init__(self, file: DuckDBFile) -> None:
        self._file = file
        self._lock = threading.Lock()
        with file.transaction() as cursor:
            cursor.execute(_TABLES)
            cursor.execute("insert into layout select ? where not exists (from layout)", [LAYOUT])
            self._types = {EquipmentTypeId(t): str(n) for t, n in cursor.execute("from type_names").fetchall()}
            self._sensors: dict[EquipmentTypeId, dict[SensorId, str]] = {name: {} for name in self._types}
            for equipment_type, sensor, name in cursor.execute("from sensor_names").fetchall():
                self._sensors[equipment_type][sensor] = name

    def types(self) -> tuple[EquipmentTypeId, ...]:
        """Return the equipment types that have tables."""
        return tuple(self._types)

    def knows(self, equipment_type: EquipmentTypeId, sensors: Iterable[SensorId]) -> bool:
        """Whether the tables have a place for these sensors of a type."""
        return equipment_type in self._types and self._sensors[equipment_type].keys() >= set(sensors)

    def raw_table(self, equipment_type: EquipmentTypeId) -> str:
        """Return the quoted name of the table of raw readings of a type."""
        return quoted(f"raw_{self._types[equipment_type]}")

    def minute_table(self, equipment_type: EquipmentTypeId) -> str:
        """Return the quoted name of the table of 1-minute rollups of a type."""
        return quoted(f"min_{self._types[equipment_type]}")

    def history_table(self, equipment_type: EquipmentTypeId) -> str:
        """Return the quoted name of the table of imported minutes of a type."""
        return quoted(f"his_{self._types[equipment_type]}")

    def minutes(self, equipment_type: EquipmentTypeId) -> str:
        """Return a query for all minutes of a type; of imported ones only the means are there."""
        return f"(from {self.minute_table(equipment_type)} union all by name from {self.history_table(equipment_type)})"

    def columns(self, equipment_type: EquipmentTypeId) -> dict[SensorId, str]:
        """Return the column name of every sensor of a type, in the order of their appearance; unquoted."""
        return dict(self._sensors.get(equipment_type, {}))

    def make_room(self, equipment_type: EquipmentTypeId, sensors: Iterable[SensorId]) -> None:
        """Add what is missing for these sensors of a type."""
        with self._lock:
            types, own = dict(self._types), self.columns(equipment_type)
            with self._file.transaction() as cursor:
                if equipment_type not in types:
                    types[equipment_type] = _free_name(equipment_type, types.values())
                    _create_tables(cursor, equipment_type, types[equipment_type])
                for sensor in sensors:
                    if sensor not in own:
                        own[sensor] = _free_name(sensor, own.values())
                        _add_columns(cursor, (equipment_type, types[equipment_type]), sensor, own[sensor])
            self._types, self._sensors = types, {**self._sensors, equipment_type: own}


def quality_name(name: str) -> str:
    """Return the name of the quality column of a sensor's column; unquoted."""
    return f"{name}__q"


def quality_column(name: str) -> str:
    """Return the quoted name of the quality column of a sensor's column."""
    return quoted(quality_name(name))


def minute_names(name: str) -> tuple[str, ...]:
    """Return the names of a sensor's columns in a rollup: mean, count, reported, minimum, maximum, std, last; unquoted."""
    return tuple(name + suffix for suffix in ("", "__n", "__r", "__min", "__max", "__std", "__last"))


def minute_columns(name: str) -> tuple[str, ...]:
    """Return the quoted names of a sensor's columns in a rollup."""
    return tuple(quoted(column) for column in minute_names(name))


def _free_name(wanted: str, taken: Iterable[str]) -> str:
    used = {name.casefold() for name in taken}
    reserved = {
        "commit_no",
        "machine",
        "event_time_ns",
        "received_time_ns",
        "boot",
        "seq",
        "row",
        "state",
        "job",
        "start_ns",
    }
    name, number = wanted.replace("__", "_"), 1
    while name.casefold() in used | reserved:
        number += 1
        name = f"{wanted.replace('__', '_')}_{number}"
    return name


def _create_tables(cursor: duckdb.DuckDBPyConnection, equipment_type: str, name: str) -> None:
    cursor.execute("insert into type_names values (?, ?)", [equipment_type, name])
    cursor.execute(
        f"create table {quoted(f'raw_{name}')} (commit_no bigint, machine varchar, event_time_ns bigint,"
        " received_time_ns bigint, boot varchar, seq bigint, row integer, state varchar, job varchar)"
    )
    for table in (f"min_{name}", f"his_{name}"):
        cursor.execute(f"create table {quoted(table)} (machine varchar, start_ns bigint, state varchar)")


def _add_columns(cursor: duckdb.DuckDBPyConnection, of_type: tuple[str, str], sensor: str, name: str) -> None:
    equipment_type, table = of_type
    cursor.execute("insert into sensor_names values (?, ?, ?)", [equipment_type, sensor, name])
    cursor.execute(f"alter table {quoted(f'raw_{table}')} add column {quoted(name)} double")
    cursor.execute(f"alter table {quoted(f'raw_{table}')} add column {quality_column(name)} usmallint")
    cursor.execute(f"alter table {quoted(f'his_{table}')} add column {quoted(name)} float")
    for column in minute_columns(name):
        cursor.execute(f"alter table {quoted(f'min_{table}')} add column {column} double")
