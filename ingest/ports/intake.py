"""What one commit makes durable, and where intake goes on from."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from configs.plant import MachineId, SensorId
from ingest.meter import MeterState
from ingest.operation import OperatingState
from ingest.reading import ReadingBatch, Rejection
from ingest.sequence_ledger import StreamLedger
from ingest.waveform import Waveform

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


class StoredValue(NamedTuple):
    """One stored row's value of a sensor, with the number of the message that it came by."""

    machine: str
    boot: str | None
    seq: int
    value: float | None


class IntakeStore(Protocol):
    """Takes in readings durably. One process at a time."""

    def load(self) -> IntakeState:
        """Return the ledgers and meters of the last commit."""

    def commit(self, batch: IntakeBatch) -> None:
        """Make the whole batch durable, in one transaction; raise StoreUnavailableError and keep nothing."""
