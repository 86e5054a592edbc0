"""What may be read of the past and put into it, and the meters."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from configs.plant import EquipmentTypeId, LifeUnit, MachineId
from ingest.meter import MeterState
from ingest.ports.intake import LastValue, MachineProgress
from ingest.reading import Series, Times
from ingest.rollup import WindowBlock


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


class MeterReader(Protocol):
    """Tells where the meters of the machines stand."""

    def meters(self, machine: MachineId | None = None) -> Sequence[MeterState]:
        """Return the meters, of one machine or of all."""

    def set_meter(self, machine: MachineId, unit: LifeUnit, value: float, at_ns: int) -> None:
        """Take a meter value that a person or a device reported."""
