"""Meters: monotone counters of what wears a part, derived from the operating state where none is reported."""

from dataclasses import dataclass

from configs.plant import LifeUnit, MachineId


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterState:
    """Where one meter of a machine stands: `value` in `unit` at event time `at_ns`."""

    machine: MachineId
    unit: LifeUnit
    value: float
    at_ns: int
