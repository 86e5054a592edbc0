"""A store in memory that keeps the promises of the ports by the plainest means: lists, dicts and `roll_up`."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from configs.instant import utc_of_ns
from configs.plant import EquipmentTypeId, LifeUnit, MachineId, SensorId
from ingest.errors import StoreUnavailableError
from ingest.meter import MeterState
from ingest.operation import OperatingState
from ingest.ports import (
    ConditionBlock,
    DeadLetter,
    Fingerprint,
    Gap,
    IntakeBatch,
    IntakeState,
    Judge,
    LastValue,
    MachineProgress,
    Reflagged,
    SettledAs,
    Settlement,
)
from ingest.reading import QualityFlag, ReadingBatch, Rejection, Series
from ingest.reflagging import reflagged
from ingest.rollup import WindowBlock, roll_up
from ingest.sequence_ledger import StreamLedger
from tests.fakes.readings import a_batch

NS = 1_000_000_000
Cell = tuple[float, int]


class MemoryStore:
    """All ports of ingest over one plant's worth of memory. `trouble` makes every commit fail with that message."""

    def __init__(self) -> None:
        self.trouble: str | None = None
        self.committed: list[IntakeBatch] = []
        self._types: dict[MachineId, EquipmentTypeId] = {}
        self._sensors: dict[EquipmentTypeId, dict[SensorId, None]] = {}
        self._rows: dict[MachineId, dict[int, list[tuple[str, dict[SensorId, Cell]]]]] = {}
        self._received: dict[MachineId, dict[int, int]] = {}
        self._ledgers: dict[tuple[str, str], StreamLedger] = {}
        self._meters: dict[tuple[MachineId, LifeUnit], MeterState] = {}
        self._fingerprints: list[Fingerprint] = []
        self._letters: dict[tuple[str, bytes], DeadLetter] = {}
        self._hours: dict[tuple[str, str, int], tuple[float, float]] = {}
        self._files: set[tuple[EquipmentTypeId, bytes]] = set()
        self._rolled: dict[MachineId, int] = {}
        self._changes: dict[MachineId, int] = {}

    def load(self) -> IntakeState:
        return IntakeState(
            ledgers=tuple(self._ledgers.values()),
            meters=tuple(self._meters.values()),
            progress=tuple(self.progress()),
            last_values=tuple(self.last_values()),
            fingerprints=tuple(self._fingerprints),
        )

    def commit(self, batch: IntakeBatch) -> None:
        if self.trouble is not None:
            raise StoreUnavailableError(self.trouble)
        self.committed.append(batch)
        for readings in batch.readings:
            self._keep(readings)
        self._ledgers |= {(ledger.stream, ledger.boot): ledger for ledger in batch.ledgers}
        self._fingerprints += batch.fingerprints
        for meter in batch.meters:
            known = self._meters.get((meter.machine, meter.unit))
            value, at_ns = (known.value, max(known.at_ns, meter.at_ns)) if known else (0.0, meter.at_ns)
            self._meters[meter.machine, meter.unit] = MeterState(
                machine=meter.machine, unit=meter.unit, value=value + meter.value, at_ns=at_ns
            )
        self._settle(batch.settlements)
        self._refuse(batch.rejections)

    def _keep(self, readings: ReadingBatch) -> None:
        for i, machine in enumerate(readings.machines.tolist()):
            cells = {
                sensor: (float(readings.values[i, j]), int(readings.quality[i, j]))
                for j, sensor in enumerate(readings.sensors)
                if not np.isnan(readings.values[i, j])
            }
            at, received = int(readings.event_times_ns[i]), int(readings.received_times_ns[i])
            self._sensors.setdefault(readings.equipment_type, {}).update(dict.fromkeys(readings.sensors))
            self._add(machine, readings.equipment_type, at, (received, readings.states[i], cells))

    def _settle(self, settlements: Sequence[Settlement]) -> None:
        for settlement in settlements:
            for key, letter in self._letters.items():
                if letter.id == settlement.letter and letter.settled_as is SettledAs.OPEN:
                    self._letters[key] = replace(
                        letter,
                        settled_as=settlement.settled_as,
                        settled_by=settlement.by,
                        settled_at=utc_of_ns(settlement.at_ns),
                    )

    def _refuse(self, rejections: Sequence[Rejection]) -> None:
        for rejection in rejections:
            key = (rejection.topic, rejection.payload)
            known_letter = self._letters.get(key)
            at = utc_of_ns(rejection.received_time_ns)
            self._letters[key] = DeadLetter(
                id=str(hash(key)),
                topic=rejection.topic,
                payload=rejection.payload,
                reason=rejection.reason.value,
                detail=rejection.detail,
                first_seen=known_letter.first_seen if known_letter else at,
                last_seen=at,
                count=known_letter.count + 1 if known_letter else 1,
            )

    def progress(self) -> Sequence[MachineProgress]:
        return [
            MachineProgress(
                machine=machine,
                first_event_time_ns=min(rows),
                newest_event_time_ns=max(rows),
                newest_received_time_ns=max(self._received[machine].values()),
                state=OperatingState(rows[max(rows)][-1][0]),
                changes=self._changes[machine],
            )
            for machine, rows in self._rows.items()
        ]

    def last_values(self) -> Sequence[LastValue]:
        found = []
        for machine in self._rows:
            series = self.read_series(machine, -(2**62), 2**62)
            for j, sensor in enumerate(series.sensors):
                reported = np.flatnonzero(~np.isnan(series.values[:, j]))
                if reported.size:
                    at = int(series.event_times_ns[reported[-1]])
                    found.append(
                        LastValue(
                            machine=machine,
                            sensor=sensor,
                            event_time_ns=at,
                            received_time_ns=self._received[machine][at],
                            value=float(series.values[reported[-1], j]),
                            quality=int(series.quality[reported[-1], j]) & ~QualityFlag.DUPLICATE,
                        )
                    )
        return found

    def read_series(self, machine: MachineId, start_ns: int, end_ns: int) -> Series:
        rows = self._rows.get(machine, {})
        times = sorted(at for at in rows if start_ns <= at < end_ns)
        sensors = tuple(self._sensors.get(self._types.get(machine, EquipmentTypeId("")), {}))
        values = np.full((len(times), len(sensors)), np.nan)
        quality = np.zeros((len(times), len(sensors)), np.uint16)
        for i, at in enumerate(times):
            for j, sensor in enumerate(sensors):
                cells = [own[sensor] for _, own in rows[at] if sensor in own]
                if cells:
                    values[i, j], quality[i, j] = _merged(cells)
        states = np.array([max(state for state, _ in rows[at]) for at in times] or [None], dtype=object)[: len(times)]
        return Series(
            machine=machine,
            sensors=sensors,
            event_times_ns=np.array(times, np.int64),
            states=states,
            values=values,
            quality=quality,
        )

    def read_windows(
        self,
        equipment_type: EquipmentTypeId,
        machines: Sequence[MachineId],
        *,
        start_ns: int,
        end_ns: int,
        width_s: float,
    ) -> WindowBlock:
        width = round(width_s * NS)
        first, end = -(-start_ns // width) * width, -(-end_ns // width) * width
        blocks = []
        for machine in sorted(set(machines) & set(self._rows)):
            block = roll_up(self.read_series(machine, first, end), equipment_type, width_s)
            newest = self._rolled.get(machine, 0) if width % (60 * NS) == 0 else max(self._rows[machine])
            blocks.append((block, block.starts_ns + width <= newest))
        if not blocks:
            blocks = [(roll_up(self.read_series(MachineId(""), 0, 0), equipment_type, width_s), np.empty(0, bool))]
        sensors = tuple(self._sensors.get(equipment_type, {}))
        joined = {
            name: np.concatenate([getattr(block, name)[closed] for block, closed in blocks])
            for name in WindowBlock.__dataclass_fields__
            if name not in {"equipment_type", "sensors", "width_s"}
        }
        return WindowBlock(equipment_type=equipment_type, sensors=sensors, width_s=width_s, **joined)

    def roll_up(self, now_ns: int) -> int:
        self._rolled = {machine: max(rows) for machine, rows in self._rows.items()}
        return 0

    def import_parquet(self, equipment_type: EquipmentTypeId, files: Sequence[Path]) -> int:
        taken = 0
        for path in files:
            if (equipment_type, path.read_bytes()) in self._files:
                continue
            self._files.add((equipment_type, path.read_bytes()))
            rows = pq.read_table(path).to_pylist()
            names = [
                SensorId(name) for name in (rows[0] if rows else {}) if name not in {"machine", "event_time", "state"}
            ]
            self._sensors.setdefault(equipment_type, {}).update(dict.fromkeys(names))
            for row in rows:
                at = round(row["event_time"].timestamp() * 1000) * 1_000_000
                cells = {name: (float(row[name]), 0) for name in names if row[name] is not None}
                self._add(row["machine"], equipment_type, at, (at, row["state"], cells))
                self._rolled[row["machine"]] = max(self._rolled.get(row["machine"], 0), at)
            taken += len(rows)
        return taken

    def reflag(self, machine: MachineId, start_ns: int, end_ns: int, judge: Judge) -> Reflagged:
        kind = self._types.get(machine, EquipmentTypeId(""))
        rows = [
            (at, state, cells)
            for at, own in sorted(self._rows.get(machine, {}).items())
            if start_ns <= at < end_ns
            for state, cells in own
        ]
        if not rows:
            return Reflagged(equipment_type=kind, machine=machine, cells=0, minutes_ns=(), last_flags=())
        batch = a_batch(*((machine, at, {s: value for s, (value, _) in cells.items()}) for at, _, cells in rows))
        known = [[cells.get(sensor, (0.0, 0))[1] for sensor in batch.sensors] for _, _, cells in rows]
        states = np.array([state for _, state, _ in rows], dtype=object)
        batch = replace(
            batch, equipment_type=kind, states=states, quality=np.array(known, np.uint16).reshape(batch.values.shape)
        )
        flags = judge(batch)
        for row, (_, _, cells) in enumerate(rows):
            for column, sensor in enumerate(batch.sensors):
                if sensor in cells:
                    cells[sensor] = (cells[sensor][0], int(flags[row, column]))
        return reflagged(batch, flags)[0]

    def set_meters(self, meters: Iterable[MeterState]) -> None:
        self._meters |= {(meter.machine, meter.unit): meter for meter in meters}

    def meters(self, machine: MachineId | None = None) -> Sequence[MeterState]:
        return [meter for meter in self._meters.values() if machine in {None, meter.machine}]

    def set_meter(self, machine: MachineId, unit: LifeUnit, value: float, at_ns: int) -> None:
        self.set_meters([MeterState(machine=machine, unit=unit, value=value, at_ns=at_ns)])

    def write_condition(self, block: ConditionBlock) -> None:
        columns = (block.machines, block.keys, block.hours_ns, block.values, block.weights)
        for machine, key, hour, value, weight in zip(*(column.tolist() for column in columns), strict=True):
            self._hours[machine, key, hour] = (value, weight)

    def read_condition(self, machine: MachineId, start_ns: int, end_ns: int) -> ConditionBlock:
        own = sorted((hour, key) for m, key, hour in self._hours if m == machine and start_ns <= hour < end_ns)
        cells = [self._hours[machine, key, hour] for hour, key in own]
        return ConditionBlock(
            machines=np.array([machine] * len(own), dtype=object),
            keys=np.array([key for _, key in own], dtype=object),
            hours_ns=np.array([hour for hour, _ in own], np.int64),
            values=np.array([value for value, _ in cells], np.float64),
            weights=np.array([weight for _, weight in cells], np.float64),
        )

    def dead_letters(self, limit: int) -> Sequence[DeadLetter]:
        return sorted(self._letters.values(), key=lambda letter: letter.last_seen, reverse=True)[:limit]

    def gaps(self) -> Sequence[Gap]:
        return [
            Gap(stream=ledger.stream, boot=ledger.boot, first=first, last=last, since=utc_of_ns(since_ns))
            for ledger in self._ledgers.values()
            for first, last, since_ns in ledger.gaps
        ]

    def close(self) -> None:
        """Close nothing: a store in memory stays as it is."""

    def _add(
        self, machine: MachineId, kind: EquipmentTypeId, at: int, row: tuple[int, str, dict[SensorId, Cell]]
    ) -> None:
        received, state, cells = row
        self._types[machine] = kind
        self._rows.setdefault(machine, {}).setdefault(at, []).append((state, cells))
        own = self._received.setdefault(machine, {})
        own[at] = max(received, own.get(at, received))
        self._changes[machine] = self._changes.get(machine, 0) + 1


def _merged(cells: list[Cell]) -> Cell:
    values = [value for value, _ in cells]
    flags = 0
    for _, flag in cells:
        flags |= flag
    if len(cells) > 1:
        flags |= QualityFlag.CONFLICT if min(values) != max(values) else QualityFlag.DUPLICATE
    return min(values), flags
