"""Writes a history bundle: the open folder format that a factory hands over, with checksums."""

import csv
import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from simulators.records import Books, moment
from simulators.signals import OFF, STATES, Report, Shard

MANIFEST_NAME = "manifest.json"


def readings_table(shard: Shard, reports: Sequence[Report], was_on: NDArray[np.bool_]) -> pa.Table:
    """Arrange a shard's reports as rows by machine and time: all rows while powered, and one when a machine goes off.

    `was_on` (n,) tells which machines were powered just before; it is brought up to date.
    """
    state = np.concatenate([report.state for report in reports])
    times_s = np.concatenate([report.times_s for report in reports])
    powered = state != OFF
    before = np.concatenate([was_on[None], powered[:-1]])
    was_on[:] = powered[-1]
    column, row = np.nonzero((powered | before).T)
    arrays: list[pa.Array] = [
        pa.DictionaryArray.from_arrays(column.astype(np.int32), [machine.id for machine in shard.machines]),
        pa.array((np.round(times_s * 1000.0).astype(np.int64))[row], type=pa.timestamp("ms", tz="UTC")),
        pa.DictionaryArray.from_arrays(state[row, column].astype(np.int32), list(STATES)),
    ]
    silent = ~powered[row, column]
    sensors = [sensor.id for sensor in shard.equipment_type.sensors]
    for sensor in sensors:
        values = np.concatenate([report.values[sensor] for report in reports])[row, column]
        arrays.append(pa.array(values, mask=silent | np.isnan(values)))
    return pa.Table.from_arrays(arrays, names=["machine", "event_time", "state", *sensors])


def off_table(shard: Shard, was_on: NDArray[np.bool_], at_s: float) -> pa.Table:
    """Give one `off` row at a moment for each machine that was powered; none is afterwards."""
    count = int(was_on.sum())
    machines = [machine.id for machine, on in zip(shard.machines, was_on, strict=True) if on]
    was_on[:] = False
    nothing = pa.nulls(count, pa.float32())
    arrays: list[pa.Array] = [
        pa.array(machines, type=pa.string()).dictionary_encode(),
        pa.array([round(at_s * 1000.0)] * count, type=pa.timestamp("ms", tz="UTC")),
        pa.array([STATES[OFF]] * count, type=pa.string()).dictionary_encode(),
    ]
    sensors = [sensor.id for sensor in shard.equipment_type.sensors]
    arrays.extend(nothing for _ in sensors)
    return pa.Table.from_arrays(arrays, names=["machine", "event_time", "state", *sensors])


class ReadingsFile:
    """One parquet file of one equipment type and month; it appears under its name only when it is whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self._partial = path.with_suffix(".partial")
        self._writer: pq.ParquetWriter | None = None

    def append(self, table: pa.Table) -> None:
        """Add the rows of one shard."""
        if self._writer is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = pq.ParquetWriter(self._partial, table.schema, compression="zstd", compression_level=1)
        self._writer.write_table(table, row_group_size=500_000)
        self.rows += table.num_rows

    def close(self) -> None:
        """Finish the file and give it its name."""
        if self._writer is not None:
            self._writer.close()
            self._partial.replace(self.path)

    def abandon(self) -> None:
        """Give up on a full disk: a writer that is not told that it is closed complains again when it is forgotten."""
        if self._writer is not None:
            self._writer.is_open = False


def write_books(folder: Path, books: Books) -> None:
    """Write the parts book, the maintenance book and the labels as CSV."""
    _write_csv(folder / "part_lives.csv", _LIFE_COLUMNS, [
        (r.id, r.machine, r.slot, r.part_type, r.life_unit, moment(r.installed_s), r.meter_at_install, r.age_at_install,
         None if r.removed_s is None else moment(r.removed_s), r.meter_at_removal, r.removal_reason, r.failure_mode, r.note)
        for r in books.lives
    ])  # fmt: skip
    _write_csv(folder / "maintenance_events.csv", ("machine", "slot", "at", "kind", "note"), [
        (r.machine, r.slot, moment(r.at_s), r.kind, r.note) for r in books.works
    ])  # fmt: skip
    _write_csv(folder / "labels.csv", ("machine", "slot", "start", "end", "kind", "said_by", "said_at"), [
        (r.machine, r.slot, moment(r.start_s), moment(r.end_s), r.kind, r.said_by, moment(r.said_s)) for r in books.labels
    ])  # fmt: skip


def write_meters(folder: Path, meters: Iterable[tuple[str, str, float, float]]) -> None:
    """Write where each meter stands: (machine, life unit, value, epoch seconds)."""
    rows = [(machine, unit, value, moment(at_s)) for machine, unit, value, at_s in meters]
    _write_csv(folder / "meters.csv", ("machine", "unit", "value", "at"), rows)


def write_manifest(folder: Path, rows: int) -> None:
    """Seal a bundle: the checksum of every file in it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST_NAME)
    sums = {path.relative_to(folder).as_posix(): _sha256(path) for path in files}
    manifest = {"format": "yeji-bundle", "version": 1, "files": sums, "rows": rows, "simulated": True}
    (folder / MANIFEST_NAME).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")


_LIFE_COLUMNS = (
    "id", "machine", "slot", "part_type", "life_unit", "installed_at", "meter_at_install", "age_at_install", "removed_at",
    "meter_at_removal", "removal_reason", "failure_mode", "note",
)  # fmt: skip


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([_cell(value) for value in row] for row in rows)


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return round(value, 3) if isinstance(value, float) else value


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
