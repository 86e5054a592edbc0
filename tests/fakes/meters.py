"""Meters in memory, where a test can put them."""

from collections.abc import Sequence

from configs.plant import LifeUnit, MachineId
from ingest.meter import MeterState


class MemoryMeters:
    """Implements `ingest.ports.MeterReader`; `failing` makes every change of a meter fail."""

    def __init__(self, *states: MeterState, failing: Exception | None = None) -> None:
        self.states = {(each.machine, each.unit): each for each in states}
        self.failing = failing

    def meters(self, machine: MachineId | None = None) -> Sequence[MeterState]:
        return [each for each in self.states.values() if machine in {None, each.machine}]

    def set_meter(self, machine: MachineId, unit: LifeUnit, value: float, at_ns: int) -> None:
        if self.failing is not None:
            raise self.failing
        self.states[machine, unit] = MeterState(machine=machine, unit=unit, value=value, at_ns=at_ns)
