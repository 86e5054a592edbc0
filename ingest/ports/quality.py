"""Flags of readings that are stored already."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from configs.plant import EquipmentTypeId, MachineId
from ingest.reading import Flags, ReadingBatch

Judge = Callable[[ReadingBatch], Flags]
"""Gives the flags (n, n_sensors) of stored rows of one machine, which are in order of event time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reflagged:
    """What came of judging stored readings again: how many `cells` have other flags now, and in which `minutes_ns`.

    `last_flags` are (sensor, event time, flags) of the newest readings among them.
    """

    equipment_type: EquipmentTypeId
    machine: MachineId
    cells: int
    minutes_ns: Sequence[int]
    last_flags: Sequence[tuple[str, int, int]]


class QualityStore(Protocol):
    """Takes other flags for what is stored."""

    def reflag(self, machine: MachineId, start_ns: int, end_ns: int, judge: Judge) -> Reflagged:
        """Give the raw readings of [start_ns, end_ns) the flags that `judge` gives them, durably.

        The rollups of the minutes in question follow with the next `roll_up`. A span of more than a day is better given
        day by day: all its rows are in memory at once.
        """
