"""What a store knows by heart: how far everything stands, kept beside its tables and rebuilt from them.

Only one process takes readings in, so this is the truth for all who read there. Every commit writes its readings and
what else it changes (`changes_of`); from both, and from a snapshot taken now and then, it can always be rebuilt.
"""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson

from configs.plant import EquipmentTypeId, LifeUnit, MachineId
from ingest.columns import segment_starts
from ingest.last_table import LastTable
from ingest.meter import MeterState
from ingest.operation import OperatingState
from ingest.ports import Fingerprint, HistoryChange, IntakeBatch, IntakeState, LastValue, MachineProgress, Reflagged
from ingest.reading import ReadingBatch
from ingest.sequence_ledger import LedgerBook, StreamLedger

MINUTE_NS = 60_000_000_000
FINGERPRINTS_KEPT = 2_000
"""How many messages without sequence numbers are remembered per stream to tell repeats: twice what is in flight."""

Minute = tuple[MachineId, int]


@dataclass(slots=True)
class MachineStanding:
    """How far one machine's data reaches, and its state at the newest event time."""

    equipment_type: EquipmentTypeId
    first_ns: int
    newest_ns: int
    received_ns: int
    state: str
    changes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawnChange:
    """How a machine stands after an import was taken back: `extent` is (first, newest) or None where nothing is left.

    `last_values` is (sensor, at, value); `dirty_minutes` are to be rolled up anew.
    """

    equipment_type: EquipmentTypeId
    machine: MachineId
    extent: tuple[int, int] | None
    last_values: Sequence[tuple[str, int, float]]
    dirty_minutes: Sequence[int]


@dataclass(slots=True)
class Standing:
    """How far every stream, machine, sensor and meter stands. Guard with `lock`."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    commit_no: int = 0
    saved_no: int = 0
    """The last commit that the snapshot in the file covers."""

    ledgers: LedgerBook = field(default_factory=LedgerBook)
    meters: dict[tuple[MachineId, LifeUnit], MeterState] = field(default_factory=dict)
    fingerprints: dict[str, dict[Fingerprint, None]] = field(default_factory=dict)
    machines: dict[MachineId, MachineStanding] = field(default_factory=dict)
    last: dict[EquipmentTypeId, LastTable] = field(default_factory=dict)
    dirty: dict[EquipmentTypeId, set[Minute]] = field(default_factory=dict)
    rolled_ns: dict[MachineId, int] = field(default_factory=dict)
    """Up to which event time each machine's closed minutes are all rolled up."""

    def intake_state(self) -> IntakeState:
        """Return where intake goes on from: how everything stood at the last commit."""
        with self.lock:
            return IntakeState(
                ledgers=tuple(self.ledgers),
                meters=tuple(self.meters.values()),
                progress=tuple(self.progress()),
                last_values=tuple(self.last_values()),
                fingerprints=tuple(one for own in self.fingerprints.values() for one in own),
            )

    def progress(self) -> list[MachineProgress]:
        """Return how far each machine's data reaches."""
        return [
            MachineProgress(
                machine=machine,
                first_event_time_ns=own.first_ns,
                newest_event_time_ns=own.newest_ns,
                newest_received_time_ns=own.received_ns,
                state=OperatingState(own.state),
                changes=own.changes,
            )
            for machine, own in self.machines.items()
        ]

    def last_values(self) -> list[LastValue]:
        """Return the newest value of every sensor of every machine."""
        return [value for table in self.last.values() for value in table.values()]

    def newest(self) -> dict[MachineId, int]:
        """Return the newest event time of each machine."""
        return {machine: own.newest_ns for machine, own in self.machines.items()}

    def assume_rolled(self) -> None:
        """Work out, after a start, how far the rollups reach: up to the first minute that is still to be done."""
        self.rolled_ns = self.newest()
        for minutes in self.dirty.values():
            for machine, minute_ns in minutes:
                self.rolled_ns[machine] = min(self.rolled_ns[machine], minute_ns)

    def take_closed(self, equipment_type: EquipmentTypeId, before_ns: int) -> list[Minute]:
        """Take the closed minutes out of the dirty ones, oldest first; whoever takes them rolls them up or gives them back.

        A minute is closed once its machine's newest event time has passed its end, and in any case once it lies before
        `before_ns`.
        """
        dirty = self.dirty.get(equipment_type, set())
        closed = [
            (machine, minute)
            for machine, minute in dirty
            if minute + MINUTE_NS <= max(self.machines[machine].newest_ns, before_ns)
        ]
        dirty.difference_update(closed)
        return sorted(closed, key=lambda touched: touched[1])

    def give_back(self, equipment_type: EquipmentTypeId, minutes: Iterable[Minute]) -> None:
        """Take back minutes that could not be rolled up."""
        self.dirty.setdefault(equipment_type, set()).update(minutes)

    def add_readings(self, batch: ReadingBatch) -> None:
        """Move on by a committed batch, sorted by machine and event time."""
        if batch.machines.size == 0:
            return
        names = batch.machines.tolist()
        minutes = (batch.event_times_ns // MINUTE_NS * MINUTE_NS).tolist()
        self.dirty.setdefault(batch.equipment_type, set()).update(zip(names, minutes, strict=True))
        table = self.last.setdefault(batch.equipment_type, LastTable())
        codes = table.codes(names)
        table.take(batch, codes)
        starts = segment_starts(codes)
        ends = np.append(starts[1:], codes.size) - 1
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            self._add_machine(batch, start, end)

    def _add_machine(self, batch: ReadingBatch, start: int, end: int) -> None:
        times = batch.event_times_ns
        machine = batch.machines[end]
        known = self.machines.get(machine)
        if known is None:
            known = self.machines[machine] = MachineStanding(
                equipment_type=batch.equipment_type,
                first_ns=int(times[start]),
                newest_ns=int(times[start]),
                received_ns=0,
                state=batch.states[start],
                changes=0,
            )
        known.first_ns = min(known.first_ns, int(times[start]))
        known.received_ns = max(known.received_ns, int(batch.received_times_ns[start : end + 1].max()))
        known.changes += end - start + 1
        if times[end] >= known.newest_ns:
            known.newest_ns, known.state = int(times[end]), batch.states[end]

    def add_changes(self, changes: bytes | str) -> None:
        """Move on by what a commit wrote beside its readings, as `changes_of` gives it."""
        said = orjson.loads(changes)
        for content in said["ledgers"]:
            self.ledgers.put(ledger_from(content))
        for machine, unit, value, at_ns in said["meters"]:
            self._add_to_meter(machine, LifeUnit(unit), value, at_ns)
        for machine, unit, value, at_ns in said.get("set_meters", ()):
            self.meters[machine, LifeUnit(unit)] = MeterState(
                machine=machine, unit=LifeUnit(unit), value=value, at_ns=at_ns
            )
        for stream, event_time_ns, digest in said["fingerprints"]:
            self._remember(stream, (stream, event_time_ns, bytes.fromhex(digest)))
        if "history" in said:
            self._add_history(said["history"])
        if "withdrawn" in said:
            self._take_back(said["withdrawn"])
        if "reflagged" in said:
            self._reflag(said["reflagged"])

    def _add_history(self, history: dict[str, Any]) -> None:
        equipment_type = history["equipment_type"]
        for machine, first, newest, state, rows in history["progress"]:
            known = self.machines.get(machine)
            if known is None or newest >= known.newest_ns:
                first_ns, changes = (
                    (first, rows) if known is None else (min(first, known.first_ns), known.changes + rows)
                )
                self.machines[machine] = MachineStanding(equipment_type, first_ns, newest, newest, state, changes)
            else:
                known.first_ns, known.changes = min(known.first_ns, first), known.changes + rows
            self.rolled_ns[machine] = max(self.rolled_ns.get(machine, newest), newest)
        table = self.last.setdefault(equipment_type, LastTable())
        for machine, sensor, at_ns, value in history["last_values"]:
            table.put(
                LastValue(
                    machine=machine, sensor=sensor, event_time_ns=at_ns, received_time_ns=at_ns, value=value, quality=0
                )
            )

    def _take_back(self, withdrawn: dict[str, Any]) -> None:
        machine, kind = MachineId(withdrawn["machine"]), EquipmentTypeId(withdrawn["equipment_type"])
        table = self.last.setdefault(kind, LastTable())
        table.forget(machine)
        own, extent = self.machines.get(machine), withdrawn["extent"]
        minutes = self.dirty.setdefault(kind, set())
        if own is None or extent is None:
            self.machines.pop(machine, None)
            self.rolled_ns.pop(machine, None)
            minutes.difference_update([minute for minute in minutes if minute[0] == machine])
            return
        own.first_ns, own.newest_ns = extent
        own.changes += 1
        minutes.update((machine, minute) for minute in withdrawn["dirty_minutes"])
        for sensor, at_ns, value in withdrawn["last_values"]:
            table.put(
                LastValue(
                    machine=machine, sensor=sensor, event_time_ns=at_ns, received_time_ns=at_ns, value=value, quality=0
                )
            )

    def _reflag(self, reflagged: dict[str, Any]) -> None:
        machine, kind = MachineId(reflagged["machine"]), EquipmentTypeId(reflagged["equipment_type"])
        self.dirty.setdefault(kind, set()).update((machine, minute) for minute in reflagged["minutes_ns"])
        table = self.last.setdefault(kind, LastTable())
        for sensor, at_ns, quality in reflagged["last_flags"]:
            table.reflag(machine, sensor, at_ns, quality)
        if machine in self.machines:
            self.machines[machine].changes += reflagged["cells"]

    def _add_to_meter(self, machine: MachineId, unit: LifeUnit, increase: float, at_ns: int) -> None:
        known = self.meters.get((machine, unit))
        value, since = (known.value, known.at_ns) if known else (0.0, at_ns)
        self.meters[machine, unit] = MeterState(
            machine=machine, unit=unit, value=value + increase, at_ns=max(since, at_ns)
        )

    def _remember(self, stream: str, fingerprint: Fingerprint) -> None:
        own = self.fingerprints.setdefault(stream, {})
        own[fingerprint] = None
        while len(own) > FINGERPRINTS_KEPT:
            del own[next(iter(own))]


def changes_of(batch: IntakeBatch) -> str:
    """Return what a commit writes beside its readings."""
    return orjson.dumps(
        {
            "ledgers": [ledger_content(ledger) for ledger in batch.ledgers],
            "meters": meter_contents(batch.meters),
            "fingerprints": [(stream, at_ns, digest.hex()) for stream, at_ns, digest in batch.fingerprints],
        }
    ).decode()


def set_meters_change(meters: Iterable[MeterState]) -> str:
    """Return what a commit writes that sets meters."""
    change = {"ledgers": [], "meters": [], "fingerprints": [], "set_meters": meter_contents(meters)}
    return orjson.dumps(change).decode()


def history_change(history: HistoryChange) -> str:
    """Return what a commit writes that took a history file in."""
    change = {"ledgers": [], "meters": [], "fingerprints": [], "history": history}
    return orjson.dumps(change).decode()


def withdrawn_change(withdrawn: WithdrawnChange, meters: Iterable[MeterState]) -> str:
    """Return what a commit writes that took an import back; `meters` hold what is taken from them."""
    less = [(machine, unit, -value, at_ns) for machine, unit, value, at_ns in meter_contents(meters)]
    change = {"ledgers": [], "meters": less, "fingerprints": [], "withdrawn": withdrawn}
    return orjson.dumps(change).decode()


def reflagged_change(reflagged: Reflagged) -> str:
    """Return what a commit writes that gave stored readings other flags."""
    change = {"ledgers": [], "meters": [], "fingerprints": [], "reflagged": reflagged}
    return orjson.dumps(change).decode()


def meter_contents(meters: Iterable[MeterState]) -> list[tuple[str, str, float, int]]:
    """Return meters as plain rows."""
    return [(meter.machine, meter.unit.value, meter.value, meter.at_ns) for meter in meters]


def ledger_content(ledger: StreamLedger) -> list[object]:
    """Return a ledger as a plain row."""
    return [ledger.stream, ledger.boot, ledger.first, ledger.highest, ledger.gaps, ledger.written_off]


def ledger_from(content: list[Any]) -> StreamLedger:
    """Return the ledger of a plain row."""
    stream, boot, first, highest, gaps, written_off = content
    return StreamLedger(
        stream=stream,
        boot=boot,
        first=first,
        highest=highest,
        gaps=tuple((low, high, since_ns) for low, high, since_ns in gaps),
        written_off=written_off,
    )
