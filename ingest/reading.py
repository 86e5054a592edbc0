"""A reading: what one machine's sensors said at one instant, and how far it can be trusted."""

from dataclasses import dataclass
from enum import IntFlag, StrEnum

import numpy as np
from numpy.typing import NDArray

from configs.plant import EquipmentTypeId, MachineId, SensorId
from ingest.operation import OperatingState

Times = NDArray[np.int64]
"""Nanoseconds since 1970-01-01 UTC."""

Values = NDArray[np.float64]
Flags = NDArray[np.uint16]


class QualityFlag(IntFlag):
    """Why a value cannot be taken at face value; several may hold at once."""

    GOOD = 0
    STUCK = 1
    GAP = 2
    OUT_OF_RANGE = 4
    LATE = 8
    CLOCK_SKEW = 16
    DUPLICATE = 32
    SUSPECT_UNIT = 64
    CONFLICT = 128
    SPIKE = 256
    RATE = 512
    SUSPECT_SWAP = 1024
    NOISE = 2048
    SATURATED = 4096
    SHIFTED = 8192


UNTRUSTED = (
    QualityFlag.STUCK
    | QualityFlag.OUT_OF_RANGE
    | QualityFlag.SUSPECT_UNIT
    | QualityFlag.CONFLICT
    | QualityFlag.SPIKE
    | QualityFlag.SUSPECT_SWAP
)
"""The flags that say the value itself may be wrong: it is kept and shown, but aggregated nowhere.

The other flags tell how a value arrived (late, after a gap, with a doubtful clock, twice), or what a failing machine may
do as well as a failing sensor: that it changed faster than usual, scatters more, stands at a bound or apart from the
machine's other sensors. It counts, and the doubt is said.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One decoded reading set, as it came off the wire: one or more instants of one machine.

    `values[i][j]` belongs to `event_times_ns[i]` and `sensors[j]`; NaN where the instant has no value of
    that sensor. `stream` is what carries the sequence numbers; `boot` and `seq` are None for devices that
    have none.
    """

    stream: str
    machine: MachineId
    boot: str | None
    seq: int | None
    received_time_ns: int
    event_times_ns: tuple[int, ...]
    sensors: tuple[SensorId, ...]
    values: tuple[tuple[float, ...], ...]
    state: OperatingState | None
    job: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingBatch:
    """Readings of machines of one equipment type, by column, sorted by machine, then event time.

    `machines`, `states`, `jobs`, `boots` (object arrays), `seqs`, `rows` and the two times have shape (n,);
    `values` and `quality` (n, len(sensors)). NaN in `values` is "not reported".
    """

    equipment_type: EquipmentTypeId
    sensors: tuple[SensorId, ...]
    machines: NDArray[np.object_]
    event_times_ns: Times
    received_times_ns: Times
    boots: NDArray[np.object_]
    seqs: NDArray[np.int64]
    rows: NDArray[np.int32]
    states: NDArray[np.object_]
    jobs: NDArray[np.object_]
    values: Values
    quality: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Readings of one machine in order of event time, merged per instant: arrays (n,) and (n, n_sensors)."""

    machine: MachineId
    sensors: tuple[SensorId, ...]
    event_times_ns: Times
    states: NDArray[np.object_]
    values: Values
    quality: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """A device says that it has come, or the broker that it has gone (birth and last will); no reading."""

    stream: str
    machine: MachineId
    alive: bool
    received_time_ns: int


class RejectionReason(StrEnum):
    """Why a message cannot be stored; it is kept whole in the dead letters under this code."""

    MALFORMED_JSON = "malformed_json"
    NOT_A_READING_SET = "not_a_reading_set"
    NOT_A_NUMBER = "not_a_number"
    UNKNOWN_VERSION = "unknown_version"
    UNKNOWN_TOPIC = "unknown_topic"
    UNKNOWN_MACHINE = "unknown_machine"
    UNKNOWN_SENSOR = "unknown_sensor"
    WRONG_UNIT = "wrong_unit"
    IDENTITY_MISMATCH = "identity_mismatch"
    BAD_TIME = "bad_time"
    TIME_WINDOW = "time_window"
    BAD_SEQUENCE = "bad_sequence"
    TOO_LARGE = "too_large"
    NOT_SPARKPLUG = "not_sparkplug"
    NO_BIRTH = "no_birth"
    UNSUPPORTED_TYPE = "unsupported_type"
    UNMAPPED = "unmapped"
    BAD_WAVEFORM = "bad_waveform"
    NOT_UNDERSTOOD = "not_understood"
    STORE_REFUSED = "store_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A message that is not a reading: data for the dead letters, not an exception.

    `detail` says what is wrong, where, and how to mend it. `stream`, `boot` and `seq` are known where the
    message could be read that far: its number then counts as arrived.
    """

    topic: str
    payload: bytes
    received_time_ns: int
    reason: RejectionReason
    detail: str
    stream: str | None = None
    boot: str | None = None
    seq: int | None = None
