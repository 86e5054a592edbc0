"""A store on a server that may be away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from configs.plant import EquipmentTypeId, MachineId, SensorId
from ingest.ports.condition import ConditionBlock
from ingest.ports.quality import Judge, Reflagged
from ingest.reading import ReadingBatch, Series
from ingest.rollup import WindowBlock


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

    def reflag(self, wanted: Portion, judge: Judge) -> Reflagged:
        """Give the readings of one machine the flags that `judge` gives them."""

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

    def write_condition(self, block: ConditionBlock) -> None:
        """Replace the hours of the block's machines and slots."""

    def read_condition(self, machine: MachineId, start_ns: int, end_ns: int) -> ConditionBlock:
        """Return one machine's hours in order of time."""
