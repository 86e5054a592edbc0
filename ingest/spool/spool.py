"""The spool: a bounded queue on the disk in front of a remote store.

```
intake ──commit──► entries ──► forwarder ──► remote store
                     │            └─ trims what is stored there and covered by the snapshot
                     └─► standing: ledgers, meters, progress, newest values, by heart; a snapshot of it now and then
```

A commit is acknowledged once it is here. When the queue has reached its bound it takes nothing more, so that nothing
more is acknowledged.
"""

import sqlite3
import threading
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from configs.plant import EquipmentTypeId, SensorId
from ingest.dead_letter_box import DeadLetterBox
from ingest.errors import StoreUnavailableError
from ingest.meter import MeterState
from ingest.ports import DeadLetter, HistoryChange, HistoryFile, IntakeBatch, IntakeState
from ingest.reading import ReadingBatch, Rejection
from ingest.spool import snapshot
from ingest.spool.entry import decode, encode
from ingest.spool.letters import read_letters, write_letters, write_settlements
from ingest.spool.spool_file import SpoolFile
from ingest.standing import Standing, changes_of, history_change, set_meters_change

ENTRIES_AT_ONCE = 200
_NOTHING = encode(())


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Entries that are to be forwarded: up to which number, and their readings in order."""

    upto: int
    batches: tuple[ReadingBatch, ...]


class Spool:
    """The queue, and how far everything stands; any thread may use it.

    Parameters
    ----------
    path
        The SQLite file; made where it is missing.
    limit_bytes
        Bytes of readings that may wait; a commit beyond them is refused.
    dead_letters_per_device
        Dead letters kept whole per device and reason.

    Raises
    ------
    StoreLockedError
        Another process has the file open.
    StoreUnavailableError
        The file cannot be read or written.
    """

    def __init__(self, path: Path, *, limit_bytes: int, dead_letters_per_device: int) -> None:
        self._file = SpoolFile(path)
        self._limit = limit_bytes
        self._commits = threading.Lock()
        self.standing = _load_standing(self._file)
        self._letters = DeadLetterBox(self._file.rows("select id, account from dead_letters"), dead_letters_per_device)
        self._sensors: dict[EquipmentTypeId, dict[SensorId, None]] = {}
        for kind, sensor in self._file.rows("select equipment_type, sensor from sensors order by id"):
            self._sensors.setdefault(kind, {})[sensor] = None
        ((size, first),) = self._file.rows("select coalesce(sum(size), 0), min(number) from entries")
        self._bytes = int(size)
        self._oldest = self.newest if first is None else int(first) - 1
        self.changed = threading.Condition()

    @property
    def newest(self) -> int:
        """The number of the newest commit."""
        return self.standing.commit_no

    @property
    def oldest(self) -> int:
        """The number before the oldest commit that is still here."""
        return self._oldest

    @property
    def size(self) -> int:
        """Bytes of readings that are here."""
        return self._bytes

    def writer(self) -> str:
        """Return the name under which this spool writes to a remote store, the same for ever."""
        with self._file.transaction() as connection:
            connection.execute("insert or ignore into facts values ('writer', ?)", (uuid.uuid4().hex,))
        return str(self._file.rows("select value from facts where name = 'writer'")[0][0])

    def load(self) -> IntakeState:
        """Return where everything stood at the last commit."""
        return self.standing.intake_state()

    def commit(self, batch: IntakeBatch) -> None:
        """Make the whole batch durable here, or raise StoreUnavailableError and keep nothing."""
        content, changes = encode(batch.readings), changes_of(batch)
        with self._commits:
            if self._bytes + len(content) > self._limit:
                raise StoreUnavailableError(
                    f"{self._file.path} is full: {self._bytes / 1e6:.0f} MB wait for the remote store, as many as"
                    " store.spool_mb allows; see that the store answers, or allow more"
                )
            letters = self._letters.letters(batch.rejections)
            fresh = self._unknown_sensors(batch.readings)
            with self._file.transaction() as connection:
                number = self._add(connection, content, changes)
                connection.executemany("insert into sensors (equipment_type, sensor) values (?, ?)", fresh)
                write_letters(connection, self._letters, letters)
                write_settlements(connection, batch.settlements)
            self._letters.written(letters)
            self._know(fresh)
            self._move_on(number, len(content), changes, batch.readings)

    def note(self, changes: str, history: HistoryFile | None = None, rows: int = 0) -> None:
        """Make a change without readings durable: meters that are set, or a history file that was taken."""
        fresh = [] if history is None else self._unknown(history.equipment_type, history.sensors)
        with self._commits:
            with self._file.transaction() as connection:
                number = self._add(connection, _NOTHING, changes)
                if history is not None:
                    row = (history.equipment_type, history.digest, rows)
                    connection.execute("insert into imports values (?, ?, ?)", row)
                    connection.executemany("insert into sensors (equipment_type, sensor) values (?, ?)", fresh)
            self._know(fresh)
            self._move_on(number, len(_NOTHING), changes)

    def set_meters(self, meters: Iterable[MeterState]) -> None:
        """Set where meters stand; what is counted from now on is added to it."""
        self.note(set_meters_change(meters))

    def is_taken(self, history: HistoryFile) -> bool:
        """Whether a file of this content was taken before."""
        query = "select 1 from imports where equipment_type = ? and digest = ?"
        return bool(self._file.rows(query, (history.equipment_type, history.digest)))

    def take(self, history: HistoryFile, change: HistoryChange) -> None:
        """Note that a history file has been taken."""
        self.note(history_change(change), history, change.rows)

    def sensors(self, equipment_type: EquipmentTypeId) -> tuple[SensorId, ...]:
        """Return the sensors of a type, in the order of their appearance."""
        return tuple(self._sensors.get(equipment_type, ()))

    def types(self) -> tuple[EquipmentTypeId, ...]:
        """Return the equipment types that have reported."""
        return tuple(self._sensors)

    def waiting(self, after: int, at_most_bytes: int) -> Waiting | None:
        """Return the entries behind `after`, as many as fit into the bound but at least one; None where there is none."""
        query = "select number, readings from entries where number > ? order by number limit ?"
        chosen: list[tuple[int, bytes]] = []
        size = 0
        for number, content in self._file.rows(query, (after, ENTRIES_AT_ONCE)):
            size += len(content)
            if chosen and size > at_most_bytes:
                break
            chosen.append((number, content))
        if not chosen:
            return None
        return Waiting(upto=chosen[-1][0], batches=tuple(batch for _, content in chosen for batch in decode(content)))

    def reject(self, rejections: Sequence[Rejection]) -> None:
        """Keep readings that the remote store refuses among the dead letters."""
        with self._commits:
            letters = self._letters.letters(rejections)
            with self._file.transaction() as connection:
                write_letters(connection, self._letters, letters)
            self._letters.written(letters)

    def trim(self, forwarded: int) -> None:
        """Save how far everything stands, and let go of entries that are forwarded and covered by it."""
        with self._commits:
            with self.standing.lock:
                number, content = self.standing.commit_no, snapshot.dump(self.standing)
            upto = min(number, forwarded)
            with self._file.transaction() as connection:
                connection.execute("insert or replace into snapshot values (1, ?)", (content,))
                ((gone,),) = connection.execute("select coalesce(sum(size), 0) from entries where number <= ?", (upto,))
                connection.execute("delete from entries where number <= ?", (upto,))
            self.standing.saved_no = number
            self._bytes, self._oldest = self._bytes - gone, max(self._oldest, upto)
        self._file.give_space_back()

    def dead_letters(self, limit: int) -> Sequence[DeadLetter]:
        """Return the newest dead letters."""
        return read_letters(self._file, limit)

    def close(self) -> None:
        """Close the file; safe to repeat."""
        self._file.close()

    def _add(self, connection: sqlite3.Connection, content: bytes, changes: str) -> int:
        number = self.newest + 1
        connection.execute("insert into entries values (?, ?, ?, ?)", (number, len(content), content, changes))
        return number

    def _move_on(self, number: int, size: int, changes: str, readings: Sequence[ReadingBatch] = ()) -> None:
        self._bytes += size
        with self.standing.lock:
            self.standing.commit_no = number
            self.standing.add_changes(changes)
            for batch in readings:
                self.standing.add_readings(batch)
        with self.changed:
            self.changed.notify_all()

    def _unknown_sensors(self, batches: Sequence[ReadingBatch]) -> list[tuple[EquipmentTypeId, SensorId]]:
        found: dict[tuple[EquipmentTypeId, SensorId], None] = {}
        for batch in batches:
            found.update(dict.fromkeys(self._unknown(batch.equipment_type, batch.sensors)))
        return list(found)

    def _unknown(self, kind: EquipmentTypeId, sensors: Iterable[SensorId]) -> list[tuple[EquipmentTypeId, SensorId]]:
        known = self._sensors.get(kind, {})
        return [(kind, sensor) for sensor in sensors if sensor not in known]

    def _know(self, fresh: Iterable[tuple[EquipmentTypeId, SensorId]]) -> None:
        for kind, sensor in fresh:
            self._sensors[kind] = {**self._sensors.get(kind, {}), sensor: None}


def _load_standing(file: SpoolFile) -> Standing:
    """Return how far everything stands: the snapshot, and the entries since."""
    saved = file.rows("select content from snapshot")
    standing = snapshot.load(saved[0][0]) if saved else Standing()
    numbers = file.rows("select number from entries where number > ? order by number", (standing.commit_no,))
    for (number,) in numbers:
        ((readings, changes),) = file.rows("select readings, changes from entries where number = ?", (number,))
        standing.add_changes(changes)
        for batch in decode(readings):
            standing.add_readings(batch)
        standing.commit_no = number
    standing.assume_rolled()
    return standing
