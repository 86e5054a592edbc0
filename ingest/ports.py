"""What ingest needs of a store, and what the rooms behind it may ask of one.

Each port has one contract suite in `tests/contracts`, run against every adapter and the fake.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from configs.plant import EquipmentTypeId, LifeUnit, MachineId, SensorId
from ingest.label import Label
from ingest.maintenance_event import MaintenanceEvent
from ingest.meter import MeterState
from ingest.operation import OperatingState
from ingest.part_life import PartLife
from ingest.reading import ReadingBatch, Rejection, Series, Times, Values
from ingest.rollup import WindowBlock
from ingest.sequence_ledger import StreamLedger
from ingest.waveform import Waveform

CANARY_TOPICS = "yeji/v1/canary/"
"""Where a source sends itself a message now and then, to see that what is published comes round and is stored."""

__all__ = [
    "CANARY_TOPICS",
    "ConditionBlock",
    "ConditionSeries",
    "DeadLetter",
    "Delivery",
    "Fingerprint",
    "Gap",
    "HistoryChange",
    "HistoryFile",
    "HistoryImport",
    "HistoryStore",
    "IntakeBatch",
    "IntakeRecords",
    "IntakeState",
    "IntakeStore",
    "LastValue",
    "MachineProgress",
    "MessageSource",
    "MeterReader",
    "Outgoing",
    "Portion",
    "RefusedRow",
    "RemoteArchive",
    "RemoteReadings",
    "Series",
    "SettledAs",
    "Settlement",
    "SourceStatus",
    "TelemetryStore",
    "WaveformKey",
    "WaveformStore",
    "Withdrawal",
    "Withdrawing",
]

HOUR_NS = 3_600_000_000_000


class Delivery(NamedTuple):
    """One message as a source hands it out; `token` is what the source needs to acknowledge it.

    The first half of the token numbers the connection that the message came by, and rises with each.
    """

    topic: str
    payload: bytes
    received_time_ns: int
    token: tuple[int, int]

    @property
    def connection(self) -> int:
        """The connection that it came by."""
        return self.token[0]


class Outgoing(NamedTuple):
    """A message that goes out."""

    topic: str
    payload: bytes
    qos: int
    retain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """How a source stands: `trouble` says in one line what is wrong, or is None.

    `unanswered_s` is how long a message that the source sent to itself has been on its way while nothing else got
    through either; 0 while messages come round.
    """

    alive: bool
    connected: bool
    subscribed: bool
    received: int
    waiting: int
    reconnects: int
    trouble: str | None
    unanswered_s: float = 0.0


class MessageSource(Protocol):
    """Hands out messages, and keeps each until it is acknowledged."""

    def start(self) -> None:
        """Begin to receive, and go on trying for as long as it takes."""

    def take(self, limit: int, wait_s: float) -> list[Delivery]:
        """Return up to `limit` messages in order of arrival; none if nothing came within `wait_s`."""

    def acknowledge(self, deliveries: Sequence[Delivery]) -> int:
        """Let go of messages that are durable now, in order; return how many the source still knew."""

    def status(self) -> SourceStatus:
        """Return how the source stands."""

    def stop(self, within_s: float) -> None:
        """Take leave of the other side so that it keeps what was not acknowledged; safe to repeat."""


Fingerprint = tuple[str, int, bytes]
"""What tells a message without `boot` and `seq` from others: stream, first event time, hash of the payload."""


class SettledAs(StrEnum):
    """What became of a dead letter: still open, stored after all, or given up by a person."""

    OPEN = "open"
    REPLAYED = "replayed"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """A dead letter is done with: `by` says who did it, at `at_ns` (nanoseconds UTC)."""

    letter: str
    settled_as: SettledAs
    by: str
    at_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeBatch:
    """Everything that one commit makes durable, or nothing of it.

    `ledgers` are the changed ones as they stand after the batch; `meters` hold increments; `fingerprints` belong to
    the batch's messages without sequence numbers; `settlements` are of dead letters that the batch stores after all,
    or that a person has given up. `waveforms` go to a store of their own, in front of the rest.
    """

    readings: tuple[ReadingBatch, ...]
    rejections: tuple[Rejection, ...]
    ledgers: tuple[StreamLedger, ...]
    meters: tuple[MeterState, ...]
    fingerprints: tuple[Fingerprint, ...] = ()
    settlements: tuple[Settlement, ...] = ()
    waveforms: tuple[Waveform, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LastValue:
    """The newest reading of one sensor, by event time."""

    machine: MachineId
    sensor: SensorId
    event_time_ns: int
    received_time_ns: int
    value: float
    quality: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineProgress:
    """How far a machine's data reaches. `changes` rises whenever a reading of the machine is committed."""

    machine: MachineId
    first_event_time_ns: int
    newest_event_time_ns: int
    newest_received_time_ns: int
    state: OperatingState
    changes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeState:
    """What intake goes on from: where every stream, meter, machine and sensor stood at the last commit."""

    ledgers: tuple[StreamLedger, ...]
    meters: tuple[MeterState, ...]
    progress: tuple[MachineProgress, ...] = ()
    last_values: tuple[LastValue, ...] = ()
    fingerprints: tuple[Fingerprint, ...] = ()


class IntakeStore(Protocol):
    """Takes in readings durably. One process at a time."""

    def load(self) -> IntakeState:
        """Return the ledgers and meters of the last commit."""

    def commit(self, batch: IntakeBatch) -> None:
        """Make the whole batch durable, in one transaction; raise StoreUnavailableError and keep nothing."""


class WaveformKey(NamedTuple):
    """Which capture: of a machine's measuring point, begun at an event time."""

    machine: MachineId
    point: str
    event_time_ns: int


class WaveformStore(Protocol):
    """Keeps raw waveforms, as many as a policy says."""

    def keep(self, waveform: Waveform) -> None:
        """Keep a waveform, durable when it returns; the same one again changes nothing. StoreUnavailableError."""

    def captures(self, machine: MachineId, point: str, limit: int) -> Sequence[WaveformKey]:
        """Return the captures of a point, newest first; the newest of all is always there."""

    def read(self, key: WaveformKey) -> Waveform | None:
        """Return a capture; None where it is not kept, or any more."""

    def retire(self, now_ns: int) -> int:
        """Delete what is past its time; return how many captures that were."""


class TelemetryStore(Protocol):
    """Reads what was taken in. Times are half-open [start, end) in nanoseconds UTC."""

    def progress(self) -> Sequence[MachineProgress]:
        """Return, per machine that ever reported, how far its data reaches."""

    def last_values(self) -> Sequence[LastValue]:
        """Return the newest value of every sensor of every machine."""

    def read_series(self, machine: MachineId, start_ns: int, end_ns: int) -> Series:
        """Return the raw readings of one machine; empty where raw readings have been retired."""

    def read_windows(
        self,
        equipment_type: EquipmentTypeId,
        machines: Sequence[MachineId],
        *,
        start_ns: int,
        end_ns: int,
        width_s: float,
    ) -> WindowBlock:
        """Return closed windows of `width_s` seconds, aligned to the epoch, sorted by machine then time.

        From the 1-minute rollups where `width_s` is a multiple of 60, from raw readings otherwise.
        """

    def roll_up(self, now_ns: int) -> int:
        """Bring the rollups of all closed minutes up to date, retire raw readings past their time; return minutes done."""


class HistoryImport(Protocol):
    """Takes whole columns of the past, bypassing the message path."""

    def import_parquet(self, equipment_type: EquipmentTypeId, files: Sequence[Path]) -> int:
        """Put rows (machine, event_time, state, one column per sensor) into the rollups, once; return rows taken."""

    def set_meters(self, meters: Iterable[MeterState]) -> None:
        """Set where meters stand after an import."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """A reading that a remote store will never take: row `row` of batch `batch` of those sent, and why."""

    batch: int
    row: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFile:
    """One Parquet file of a bundle: machine, event_time, state, and a column per sensor of one equipment type.

    `has_figures` says that sensors have columns beside their means, `is_closed` that its rows are minutes that are over.
    """

    equipment_type: EquipmentTypeId
    path: Path
    digest: str
    sensors: tuple[SensorId, ...]
    has_figures: bool = False
    is_closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryChange:
    """What an import adds: `progress` is (machine, first, newest, state, rows), `last_values` (machine, sensor, at, value)."""

    equipment_type: EquipmentTypeId
    rows: int
    progress: Sequence[tuple[str, int, int, str, int]]
    last_values: Sequence[tuple[str, str, int, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """Which points of a remote store are meant: machines of one type, their sensors, those of [start_ns, end_ns)."""

    equipment_type: EquipmentTypeId
    machines: tuple[MachineId, ...]
    sensors: tuple[SensorId, ...]
    start_ns: int
    end_ns: int


class RemoteReadings(Protocol):
    """A store on a server that may be away: every method raises StoreUnavailableError then, and may be called again.

    It knows no standing: who asks says which sensors there are and which minutes are to be rolled up.
    """

    def write(self, batches: Sequence[ReadingBatch]) -> Sequence[RefusedRow]:
        """Store readings, each on itself however often it is sent; return those that it refuses for good."""

    def read_series(self, wanted: Portion) -> Mapping[MachineId, Series]:
        """Return readings, merged per instant."""

    def read_windows(self, wanted: Portion, width_s: float, closed_to_ns: Mapping[MachineId, int]) -> WindowBlock:
        """Return windows that end by `closed_to_ns`, sorted by machine then time."""

    def roll_up(self, wanted: Portion, minutes: Sequence[tuple[MachineId, int]]) -> None:
        """Compute the rollups of minutes, given by machine and start and sorted by time, again from their readings."""

    def retire(self, before_ns: int) -> None:
        """Let go of readings that are older; their rollups stay."""


class RemoteArchive(Protocol):
    """What a store on a server keeps for long, beside the readings; raises StoreUnavailableError while it is away."""

    def claim(self, writer: str, now_ns: int) -> None:
        """Say that `writer` writes here; raise StoreLockedError where another one does."""

    def release(self, writer: str) -> None:
        """Say that `writer` has stopped."""

    def take_history(self, history: HistoryFile, known: frozenset[MachineId]) -> HistoryChange:
        """Put a file's rows into the rollups, but for minutes that are there already, of the machines that are `known`."""

    def write_condition(self, block: "ConditionBlock") -> None:
        """Replace the hours of the block's machines and slots."""

    def read_condition(self, machine: MachineId, start_ns: int, end_ns: int) -> "ConditionBlock":
        """Return one machine's hours in order of time."""


class ConditionSeries(Protocol):
    """Keeps what the models concluded window by window, by the hour: a derived series, kept long."""

    def write_condition(self, block: "ConditionBlock") -> None:
        """Replace the hours of the block's machines and slots."""

    def read_condition(self, machine: MachineId, start_ns: int, end_ns: int) -> "ConditionBlock":
        """Return one machine's hours in order of time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """An import to be taken back from one machine: its rows are those of `boot`, `minutes_ns` those that it filled.

    `meters` hold what it added to the machine's meters.
    """

    equipment_type: EquipmentTypeId
    machine: MachineId
    boot: str
    minutes_ns: Times
    meters: tuple[MeterState, ...]


@runtime_checkable
class Withdrawing(Protocol):
    """A store that can take an import back."""

    def withdraw(self, wanted: Withdrawal) -> int:
        """Delete what an import stored, in one transaction; return how many rows were still raw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionBlock:
    """Hourly means of concluded quantities: `values[i]` of `keys[i]` of `machines[i]` at `hours_ns[i]`, all (n,).

    `keys` are slot ids for a slot's degradation indicator and "" for the machine's anomaly score;
    `weights` count the windows behind each mean.
    """

    machines: NDArray[np.object_]
    keys: NDArray[np.object_]
    hours_ns: Times
    values: Values
    weights: Values

    def until(self, at_ns: int) -> "ConditionBlock":
        """Return the hours that were over at a moment."""
        over = self.hours_ns + HOUR_NS <= at_ns
        return ConditionBlock(
            machines=self.machines[over],
            keys=self.keys[over],
            hours_ns=self.hours_ns[over],
            values=self.values[over],
            weights=self.weights[over],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A message that could not be stored, with how often it came, and who settled it how.

    `is_whole` is False where only the beginning of the payload is kept, or where the letter stands for all those that
    were over the quota: such a letter cannot be replayed. One that comes again after it was settled is open again.
    """

    id: str
    topic: str
    payload: bytes
    reason: str
    detail: str
    first_seen: datetime
    last_seen: datetime
    count: int
    is_whole: bool = True
    settled_as: SettledAs = SettledAs.OPEN
    settled_by: str | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A range of sequence numbers that a stream lacks: first to last, both missing."""

    stream: str
    boot: str
    first: int
    last: int
    since: datetime


class IntakeRecords(Protocol):
    """What intake could not store, and what it never received."""

    def dead_letters(self, limit: int) -> Sequence[DeadLetter]:
        """Return the newest dead letters, settled ones too."""

    def gaps(self) -> Sequence[Gap]:
        """Return the gaps that are open now."""


class HistoryStore(Protocol):
    """Facts about parts and work, wherever they were recorded."""

    def part_lives(self) -> Sequence[PartLife]:
        """Return every part life, open ones too."""

    def add_history(
        self,
        lives: Iterable[PartLife],
        events: Iterable[MaintenanceEvent],
        labels: Iterable[Label],
    ) -> int:
        """Add what is not known yet; return how many rows were new."""


class MeterReader(Protocol):
    """Tells where the meters of the machines stand."""

    def meters(self, machine: MachineId | None = None) -> Sequence[MeterState]:
        """Return the meters, of one machine or of all."""

    def set_meter(self, machine: MachineId, unit: LifeUnit, value: float, at_ns: int) -> None:
        """Take a meter value that a person or a device reported."""
