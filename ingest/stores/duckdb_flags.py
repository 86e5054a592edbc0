"""Other flags for the rows of the embedded store."""

from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from configs.plant import EquipmentTypeId, MachineId
from ingest.ports import Judge, Reflagged
from ingest.reading import Flags, ReadingBatch
from ingest.reflagging import reflagged
from ingest.stores.duckdb_file import quoted, registered
from ingest.stores.duckdb_schema import Schema, quality_column, quality_name


def reflag(
    cursor: duckdb.DuckDBPyConnection, schema: Schema, place: tuple[EquipmentTypeId, MachineId, int, int], judge: Judge
) -> Reflagged:
    """Judge the rows of (type, machine, start, end) in the cursor's transaction, and write what is different."""
    kind, machine, start_ns, end_ns = place
    columns = schema.columns(kind)
    names = list(columns.values())
    cells = [quoted(name) for name in names] + [f"coalesce({quality_column(name)}, 0)::usmallint" for name in names]
    listed = ", ".join(f"{cell} as c{at}" for at, cell in enumerate(cells))
    found = cursor.execute(
        f"select rowid as row_id, event_time_ns, received_time_ns, boot, seq, row, state, job, {listed}"
        f" from {schema.raw_table(kind)} where machine = ? and event_time_ns >= ? and event_time_ns < ?"
        " order by event_time_ns, commit_no, row",
        [machine, start_ns, end_ns],
    ).fetchnumpy()
    size, width = found["row_id"].size, len(names)
    batch = ReadingBatch(
        equipment_type=kind,
        sensors=tuple(columns),
        machines=np.full(size, machine, dtype=object),
        event_times_ns=_plain(found["event_time_ns"]),
        received_times_ns=_plain(found["received_time_ns"]),
        boots=_texts(found["boot"]),
        seqs=_plain(found["seq"]),
        rows=_plain(found["row"]),
        states=_texts(found["state"]),
        jobs=_texts(found["job"]),
        values=np.column_stack([_values(found[f"c{at}"]) for at in range(width)]),
        quality=np.column_stack([_plain(found[f"c{at}"]) for at in range(width, 2 * width)]).astype(np.uint16),
    )
    flags = judge(batch)
    outcome, changed = reflagged(batch, flags)
    _write(cursor, schema, kind, (names, _plain(found["row_id"])[changed], flags[changed]))
    return outcome


def _write(
    cursor: duckdb.DuckDBPyConnection,
    schema: Schema,
    kind: EquipmentTypeId,
    changed: tuple[list[str], NDArray[np.int64], Flags],
) -> None:
    names, row_ids, flags = changed
    if row_ids.size == 0:
        return
    fresh = {"row_id": row_ids} | {quality_name(name): flags[:, at] for at, name in enumerate(names)}
    sets = ", ".join(f"{quality_column(name)} = fresh.{quality_column(name)}" for name in names)
    with registered(cursor, "fresh", fresh):
        table = schema.raw_table(kind)
        cursor.execute(f"update {table} set {sets} from fresh where {table}.rowid = fresh.row_id")


def _plain(column: Any) -> NDArray[Any]:
    return np.asarray(np.ma.getdata(column))


def _values(column: Any) -> NDArray[np.float64]:
    return np.asarray(np.ma.filled(column, np.nan))


def _texts(column: Any) -> NDArray[Any]:
    return np.asarray(np.ma.filled(column, None) if isinstance(column, np.ma.MaskedArray) else column)
