"""The embedded store: one DuckDB file behind all the store ports of ingest.

```
intake thread ──commit──► raw_<type>, dead_letters, commits          one transaction a batch
                              │
monitor thread ─roll_up─► min_<type>, then a snapshot of the standing   never in the way of a commit
other threads  ──read───► cursors of their own on the same file
```

Adding a column, rolling up, importing and setting meters take turns (`_upkeep`); a commit waits for them only when
a sensor appears for the first time.
"""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from configs.instant import utc_of_ns
from configs.plant import EquipmentTypeId, LifeUnit, MachineId, SensorId
from ingest.dead_letter_box import DeadLetterBox
from ingest.history_file import look_at
from ingest.meter import MeterState
from ingest.ports import (
    ConditionBlock,
    DeadLetter,
    Gap,
    HistoryFile,
    IntakeBatch,
    IntakeState,
    Judge,
    LastValue,
    MachineProgress,
    Reflagged,
    Withdrawal,
)
from ingest.reading import ReadingBatch, Series
from ingest.rollup import WindowBlock
from ingest.standing import changes_of, history_change, reflagged_change, set_meters_change, withdrawn_change
from ingest.stores import duckdb_condition, duckdb_flags
from ingest.stores.duckdb_dead_letters import read_letters, write_letters, write_settlements
from ingest.stores.duckdb_file import Columns, DuckDBFile, registered
from ingest.stores.duckdb_import import is_taken, take_history
from ingest.stores.duckdb_reader import (
    WindowQuery,
    empty_series,
    empty_windows,
    is_by_minute,
    read_series,
    read_windows,
)
from ingest.stores.duckdb_rollups import retire_raw, roll_up_closed
from ingest.stores.duckdb_schema import Schema, quality_name
from ingest.stores.duckdb_snapshot import load_standing, save_standing
from ingest.stores.duckdb_withdrawal import take_out

NS_PER_DAY = 86_400_000_000_000
RETIRE_EVERY_NS = 3_600_000_000_000
SNAPSHOT_EVERY_NS = 60_000_000_000
SNAPSHOT_EVERY_COMMITS = 5_000
"""How much is left to be gone through again after a kill, at most: it takes a second or so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DuckDBOptions:
    """How the embedded store keeps its file.

    Days of raw readings, dead letters kept whole per device and reason, and what a query may use: threads, and MiB of memory
    together with what the store holds ready.
    """

    raw_days: float = 30.0
    dead_letters_per_device: int = 1_000
    threads: int = 2
    memory_mib: int = 256


class DuckDBStore:
    """Readings, rollups, dead letters, ledgers and meters in one DuckDB file of this process.

    It is an `IntakeStore`, `TelemetryStore`, `HistoryImport`, `ConditionSeries`, `IntakeRecords`,
    `MeterReader` and `QualityStore`.

    Parameters
    ----------
    path
        The file; made where it is missing.
    options
        Retention and threads.

    Raises
    ------
    StoreLockedError
        Another process has the file open.
    StoreUnavailableError
        The file cannot be read or written.
    """

    def __init__(self, path: Path, options: DuckDBOptions | None = None) -> None:
        self._options = options or DuckDBOptions()
        self._file = DuckDBFile(path, self._options.threads, self._options.memory_mib)
        try:
            self._schema = Schema(self._file)
            self._standing = load_standing(self._file, self._schema)
            known = self._file.fetch("select id, account from dead_letters")
            rows = zip(known["id"].tolist(), known["account"].tolist(), strict=True)
            self._letters = DeadLetterBox(rows, self._options.dead_letters_per_device)
        except BaseException:
            self._file.close()
            raise
        self._upkeep = threading.Lock()
        self._commits = threading.Lock()
        self._last_number = self._standing.commit_no
        self._snapshot_at = self._standing.saved_no
        self._saved_ns = 0
        self._retired_before_ns = 0

    # IntakeStore

    def load(self) -> IntakeState:
        """Return where everything stood at the last commit."""
        return self._standing.intake_state()

    def commit(self, batch: IntakeBatch) -> None:
        """Make the whole batch durable in one transaction, or raise StoreUnavailableError and keep nothing."""
        self._make_room(batch.readings)
        changes = changes_of(batch)
        with self._commits:
            letters = self._letters.letters(batch.rejections)
            number = self._last_number + 1
            with self._file.transaction() as cursor:
                for readings in batch.readings:
                    self._insert(cursor, readings, number)
                write_letters(cursor, self._letters, letters)
                write_settlements(cursor, batch.settlements)
                cursor.execute("insert into commits values (?, ?)", [number, changes])
            self._letters.written(letters)
            self._move_on(number, changes, batch.readings)

    # TelemetryStore

    def progress(self) -> Sequence[MachineProgress]:
        """Return, per machine that ever reported, how far its data reaches."""
        with self._standing.lock:
            return self._standing.progress()

    def last_values(self) -> Sequence[LastValue]:
        """Return the newest value of every sensor of every machine."""
        with self._standing.lock:
            return self._standing.last_values()

    def read_series(self, machine: MachineId, start_ns: int, end_ns: int) -> Series:
        """Return the raw readings of one machine; empty where raw readings have been retired."""
        known = self._standing.machines.get(machine)
        if known is None or known.equipment_type not in self._schema.types():
            return empty_series(machine)
        return read_series(self._file, self._schema, known.equipment_type, (machine, start_ns, end_ns))

    def read_windows(
        self,
        equipment_type: EquipmentTypeId,
        machines: Sequence[MachineId],
        *,
        start_ns: int,
        end_ns: int,
        width_s: float,
    ) -> WindowBlock:
        """Return closed windows of `width_s` seconds that begin in [start_ns, end_ns), sorted by machine then time."""
        query = WindowQuery(
            equipment_type=equipment_type,
            machines=tuple(machine for machine in machines if machine in self._standing.machines),
            start_ns=start_ns,
            end_ns=end_ns,
            width_s=width_s,
        )
        if equipment_type not in self._schema.types():
            return empty_windows(query)
        with self._standing.lock:
            by_minute = is_by_minute(query)
            closed_to = dict(self._standing.rolled_ns) if by_minute else self._standing.newest()
        return read_windows(self._file, self._schema, query, closed_to)

    def roll_up(self, now_ns: int) -> int:
        """Bring the rollups of all closed minutes up to date, retire old raw readings; return minutes done."""
        with self._upkeep:
            keep_from_ns = int(now_ns - self._options.raw_days * NS_PER_DAY)
            with self._standing.lock:
                reaching = self._standing.newest()
            done = roll_up_closed(self._file, self._schema, self._standing, keep_from_ns)
            with self._standing.lock:
                self._standing.rolled_ns.update(reaching)
            if keep_from_ns - self._retired_before_ns >= RETIRE_EVERY_NS:
                retire_raw(self._file, self._schema, keep_from_ns)
                self._retired_before_ns = keep_from_ns
            behind = self._last_number - self._snapshot_at
            if behind >= SNAPSHOT_EVERY_COMMITS or ((behind or done) and now_ns - self._saved_ns >= SNAPSHOT_EVERY_NS):
                self._save()
                self._saved_ns = now_ns
            return done

    # HistoryImport

    def import_parquet(self, equipment_type: EquipmentTypeId, files: Sequence[Path]) -> int:
        """Put the rows of history files into the rollups, each file once; return rows taken."""
        taken = 0
        for path in files:
            with self._upkeep:
                history = look_at(equipment_type, path)
                if not is_taken(self._file, history):
                    taken += self._take(history)
        return taken

    def set_meters(self, meters: Iterable[MeterState]) -> None:
        """Set where meters stand; what is counted from now on is added to it."""
        changes = set_meters_change(meters)
        with self._upkeep, self._commits:
            number = self._last_number + 1
            with self._file.transaction() as cursor:
                cursor.execute("insert into commits values (?, ?)", [number, changes])
            self._move_on(number, changes)

    # Withdrawing

    def withdraw(self, wanted: Withdrawal) -> int:
        """Delete what an import stored, in one transaction; return how many rows were still raw."""
        if wanted.equipment_type not in self._schema.types():
            return 0
        with self._upkeep:
            with self._commits:
                number = self._last_number + 1
                with self._file.transaction() as cursor:
                    rows, change = take_out(cursor, self._schema, wanted)
                    changes = withdrawn_change(change, wanted.meters)
                    cursor.execute("insert into commits values (?, ?)", [number, changes])
                self._move_on(number, changes)
            self._save()
        return rows

    # QualityStore

    def reflag(self, machine: MachineId, start_ns: int, end_ns: int, judge: Judge) -> Reflagged:
        """Give the raw readings of a span the flags that `judge` gives them, in one transaction."""
        known = self._standing.machines.get(machine)
        if known is None or known.equipment_type not in self._schema.types():
            kind = EquipmentTypeId("") if known is None else known.equipment_type
            return Reflagged(equipment_type=kind, machine=machine, cells=0, minutes_ns=(), last_flags=())
        with self._upkeep, self._commits:
            number = self._last_number + 1
            with self._file.transaction() as cursor:
                place = (known.equipment_type, machine, start_ns, end_ns)
                outcome = duckdb_flags.reflag(cursor, self._schema, place, judge)
                changes = reflagged_change(outcome)
                cursor.execute("insert into commits values (?, ?)", [number, changes])
            self._move_on(number, changes)
        return outcome

    # MeterReader

    def meters(self, machine: MachineId | None = None) -> Sequence[MeterState]:
        """Return the meters, of one machine or of all."""
        with self._standing.lock:
            return [meter for meter in self._standing.meters.values() if machine in {None, meter.machine}]

    def set_meter(self, machine: MachineId, unit: LifeUnit, value: float, at_ns: int) -> None:
        """Take a meter value that a person or a device reported."""
        self.set_meters([MeterState(machine=machine, unit=unit, value=value, at_ns=at_ns)])

    # ConditionSeries

    def write_condition(self, block: ConditionBlock) -> None:
        """Replace the hours of the block's machines and keys."""
        duckdb_condition.write_condition(self._file, block)

    def read_condition(self, machine: MachineId, start_ns: int, end_ns: int) -> ConditionBlock:
        """Return one machine's hours in order of time."""
        return duckdb_condition.read_condition(self._file, machine, start_ns, end_ns)

    # IntakeRecords

    def dead_letters(self, limit: int) -> Sequence[DeadLetter]:
        """Return the newest dead letters, settled ones too."""
        return read_letters(self._file, limit)

    def gaps(self) -> Sequence[Gap]:
        """Return the gaps that are open now."""
        with self._standing.lock:
            ledgers = list(self._standing.ledgers)
        return [
            Gap(stream=ledger.stream, boot=ledger.boot, first=first, last=last, since=utc_of_ns(since_ns))
            for ledger in ledgers
            for first, last, since_ns in ledger.gaps
        ]

    def close(self) -> None:
        """Save the standing and close the file; safe to repeat."""
        with self._upkeep:
            if self._last_number > self._snapshot_at:
                self._save()
            self._file.close()

    def _save(self) -> None:
        save_standing(self._file, self._standing)
        self._snapshot_at = self._standing.saved_no

    def _insert(self, cursor: duckdb.DuckDBPyConnection, readings: ReadingBatch, number: int) -> None:
        columns = self._schema.columns(readings.equipment_type)
        table = self._schema.raw_table(readings.equipment_type)
        with registered(cursor, "fresh", _raw_columns(readings, columns, number)):
            cursor.execute(f"insert into {table} by name select * from fresh")

    def _take(self, history: HistoryFile) -> int:
        self._schema.make_room(history.equipment_type, history.sensors)
        with self._commits:
            number = self._last_number + 1
            with self._file.transaction() as cursor:
                change = take_history(cursor, self._schema, history)
                changes = history_change(change)
                cursor.execute("insert into commits values (?, ?)", [number, changes])
            self._move_on(number, changes)
        return change.rows

    def _move_on(self, number: int, changes: str, readings: Iterable[ReadingBatch] = ()) -> None:
        self._last_number = number
        with self._standing.lock:
            self._standing.commit_no = number
            self._standing.add_changes(changes)
            for batch in readings:
                self._standing.add_readings(batch)

    def _make_room(self, batches: Iterable[ReadingBatch]) -> None:
        for batch in batches:
            if not self._schema.knows(batch.equipment_type, batch.sensors):
                with self._upkeep:
                    self._schema.make_room(batch.equipment_type, batch.sensors)


def _raw_columns(batch: ReadingBatch, columns: dict[SensorId, str], number: int) -> Columns:
    size = batch.machines.size
    own: dict[str, NDArray[np.generic]] = {
        "commit_no": np.full(size, number, np.int64),
        "machine": batch.machines,
        "event_time_ns": batch.event_times_ns,
        "received_time_ns": batch.received_times_ns,
        "boot": batch.boots,
        "seq": batch.seqs,
        "row": batch.rows,
        "state": batch.states,
        "job": batch.jobs,
    }
    for at, sensor in enumerate(batch.sensors):
        own[columns[sensor]] = batch.values[:, at]
        own[quality_name(columns[sensor])] = batch.quality[:, at]
    return own
