"""Saving what the embedded store knows by heart, and rebuilding it from the last snapshot and the commits since."""

import duckdb
import numpy as np
import orjson

from configs.plant import EquipmentTypeId, LifeUnit, MachineId, SensorId
from ingest.last_table import LastTable
from ingest.meter import MeterState
from ingest.ports import LastValue
from ingest.reading import ReadingBatch
from ingest.standing import MachineStanding, Standing, ledger_content, ledger_from
from ingest.stores.duckdb_file import Columns, DuckDBFile, quoted, registered, texts
from ingest.stores.duckdb_schema import Schema, quality_column

REBUILD_ROWS = 100_000


def load_standing(file: DuckDBFile, schema: Schema) -> Standing:
    """Return how far everything stands, after the last commit that is in the file."""
    cursor = file.cursor()
    standing = Standing()
    saved = cursor.execute("select max(commit_no) from snapshot").fetchone()
    since = int(saved[0]) if saved and saved[0] is not None else 0
    _load_tables(cursor, standing)
    _load_machines(cursor, standing)
    for equipment_type in schema.types():
        _replay_rows(file, schema, standing, (equipment_type, since))
    standing.commit_no = standing.saved_no = since
    commits = cursor.execute("from commits where commit_no > ? order by commit_no", [since]).fetchall()
    for commit_no, changes in commits:
        standing.add_changes(changes)
        standing.commit_no = int(commit_no)
    standing.assume_rolled()
    return standing


def save_standing(file: DuckDBFile, standing: Standing) -> None:
    """Save how far everything stands now, and let go of the commits that led there."""
    with standing.lock:
        commit_no, tables = standing.commit_no, _tables(standing)
    with file.transaction() as cursor:
        for name, columns in tables.items():
            cursor.execute(f"delete from {name}")
            if next(iter(columns.values())).size:
                with registered(cursor, "saved", columns):
                    cursor.execute(f"insert into {name} by name select * from saved")
        cursor.execute("delete from commits where commit_no <= ?", [commit_no])
        cursor.execute("delete from snapshot")
        cursor.execute("insert into snapshot values (?)", [commit_no])
    standing.saved_no = commit_no


def _load_tables(cursor: duckdb.DuckDBPyConnection, standing: Standing) -> None:
    for (content,) in cursor.execute("select content from ledgers").fetchall():
        standing.ledgers.put(ledger_from(orjson.loads(content)))
    for machine, unit, value, at_ns in cursor.execute("from meters").fetchall():
        meter = MeterState(machine=MachineId(machine), unit=LifeUnit(unit), value=value, at_ns=at_ns)
        standing.meters[meter.machine, meter.unit] = meter
    for stream, event_time_ns, digest in cursor.execute("from fingerprints").fetchall():
        standing.fingerprints.setdefault(stream, {})[stream, event_time_ns, bytes.fromhex(digest)] = None
    for equipment_type, machine, minute_ns in cursor.execute("from dirty_minutes").fetchall():
        standing.dirty.setdefault(EquipmentTypeId(equipment_type), set()).add((MachineId(machine), minute_ns))


def _load_machines(cursor: duckdb.DuckDBPyConnection, standing: Standing) -> None:
    for machine, equipment_type, first, newest, received, state, changes in cursor.execute("from progress").fetchall():
        standing.machines[machine] = MachineStanding(
            equipment_type=equipment_type,
            first_ns=first,
            newest_ns=newest,
            received_ns=received,
            state=state,
            changes=changes,
        )
    for machine, sensor, event_time, received, value, quality in cursor.execute("from last_values").fetchall():
        standing.last.setdefault(standing.machines[machine].equipment_type, LastTable()).put(
            LastValue(
                machine=machine,
                sensor=sensor,
                event_time_ns=event_time,
                received_time_ns=received,
                value=value,
                quality=quality,
            )
        )


def _replay_rows(file: DuckDBFile, schema: Schema, standing: Standing, since: tuple[EquipmentTypeId, int]) -> None:
    """Move on by the readings committed after the snapshot, in steps of bounded memory."""
    equipment_type, commit_no = since
    table, columns = schema.raw_table(equipment_type), schema.columns(equipment_type)
    names = [quoted(name) for name in columns.values()]
    flags = [f"coalesce({quality_column(name)}, 0)::usmallint as {quality_column(name)}" for name in columns.values()]
    listed = ", ".join(["machine", "event_time_ns", "received_time_ns", "state", *names, *flags])
    query = f"select {listed} from {table} where commit_no > ? order by machine, event_time_ns limit ? offset ?"
    offset = 0
    while True:
        found = file.fetch(query, [commit_no, REBUILD_ROWS, offset])
        if found["machine"].size == 0:
            return
        standing.add_readings(_batch(equipment_type, tuple(columns), found))
        offset += REBUILD_ROWS


def _batch(equipment_type: EquipmentTypeId, sensors: tuple[SensorId, ...], found: Columns) -> ReadingBatch:
    size, width = found["machine"].size, len(sensors)
    parts = list(found.values())[4:]
    blank = np.full(size, None, dtype=object)
    return ReadingBatch(
        equipment_type=equipment_type,
        sensors=sensors,
        machines=found["machine"],
        event_times_ns=found["event_time_ns"],
        received_times_ns=found["received_time_ns"],
        boots=blank,
        seqs=np.zeros(size, np.int64),
        rows=np.zeros(size, np.int32),
        states=found["state"],
        jobs=blank,
        values=np.column_stack(parts[:width]) if width else np.empty((size, 0)),
        quality=np.column_stack(parts[width:]).astype(np.uint16) if width else np.empty((size, 0), np.uint16),
    )


def _tables(standing: Standing) -> dict[str, Columns]:
    return {
        "ledgers": _ledger_columns(standing),
        "meters": _meter_columns(standing),
        "fingerprints": _fingerprint_columns(standing),
        "dirty_minutes": _dirty_columns(standing),
        "progress": _progress_columns(standing),
        "last_values": _last_columns(standing),
    }


def _ledger_columns(standing: Standing) -> Columns:
    ledgers = list(standing.ledgers)
    return {
        "stream": texts([ledger.stream for ledger in ledgers]),
        "boot": texts([ledger.boot for ledger in ledgers]),
        "content": texts([orjson.dumps(ledger_content(ledger)).decode() for ledger in ledgers]),
    }


def _meter_columns(standing: Standing) -> Columns:
    meters = list(standing.meters.values())
    return {
        "machine": texts([meter.machine for meter in meters]),
        "unit": texts([meter.unit.value for meter in meters]),
        "value": np.array([meter.value for meter in meters], np.float64),
        "at_ns": np.array([meter.at_ns for meter in meters], np.int64),
    }


def _fingerprint_columns(standing: Standing) -> Columns:
    prints = [one for own in standing.fingerprints.values() for one in own]
    return {
        "stream": texts([stream for stream, _, _ in prints]),
        "event_time_ns": np.array([at_ns for _, at_ns, _ in prints], np.int64),
        "digest": texts([digest.hex() for _, _, digest in prints]),
    }


def _dirty_columns(standing: Standing) -> Columns:
    minutes = [(kind, machine, start) for kind, own in standing.dirty.items() for machine, start in own]
    return {
        "equipment_type": texts([kind for kind, _, _ in minutes]),
        "machine": texts([machine for _, machine, _ in minutes]),
        "minute_ns": np.array([start for _, _, start in minutes], np.int64),
    }


def _progress_columns(standing: Standing) -> Columns:
    machines = list(standing.machines.values())
    return {
        "machine": texts(list(standing.machines)),
        "equipment_type": texts([own.equipment_type for own in machines]),
        "first_ns": np.array([own.first_ns for own in machines], np.int64),
        "newest_ns": np.array([own.newest_ns for own in machines], np.int64),
        "received_ns": np.array([own.received_ns for own in machines], np.int64),
        "state": texts([own.state for own in machines]),
        "changes": np.array([own.changes for own in machines], np.int64),
    }


def _last_columns(standing: Standing) -> Columns:
    values = standing.last_values()
    return {
        "machine": texts([last.machine for last in values]),
        "sensor": texts([last.sensor for last in values]),
        "event_time_ns": np.array([last.event_time_ns for last in values], np.int64),
        "received_time_ns": np.array([last.received_time_ns for last in values], np.int64),
        "value": np.array([last.value for last in values], np.float64),
        "quality": np.array([last.quality for last in values], np.uint16),
    }
