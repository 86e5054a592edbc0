"""What quality needs to know of the machines of one equipment type, and by which spans of time it judges."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from configs.plant import EquipmentType, Machine, MachineId, OperatingRule, Sensor, SensorId, SensorRole
from ingest.reading import Times, Values

_CELSIUS = frozenset({"degC"})
_FLOWS = frozenset({"m3/h", "l/min"})


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRules:
    """The spans of time that quality is judged by, in seconds.

    A sensor is stuck that shows the same value over `stuck_reports` of its own periods, at least `stuck_after_s`,
    while the machine runs; a coarse sensor, whose resolution is a large share of its usual span, is given up to
    `stuck_coarse_factor` times as long. A reading comes after a gap when the machine was silent for more than
    `gap_after_s` and `gap_periods` periods.
    """

    stuck_after_s: float = 120.0
    stuck_reports: float = 60.0
    stuck_coarse_factor: float = 60.0
    gap_after_s: float = 30.0
    gap_periods: float = 5.0
    clock_skew_s: float = 300.0
    late_after_s: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeProfile:
    """What quality needs to know of the machines of one equipment type, as columns.

    `machines` and `sensors` give the positions of the rows and columns; the range (`low`, `high`), the usual span,
    `resolution`, `stuck_after_ns` and `gap_after_ns` have shape (n_machines, n_sensors), and so have `measured`, which
    sensors measure the condition (the others hold set points and counts), `celsius` and `flow`. A sensor that a machine does
    not have is NaN, and never stuck.
    """

    machines: Mapping[MachineId, int]
    sensors: Mapping[SensorId, int]
    operating_rule: OperatingRule | None
    low: Values
    high: Values
    usual_low: Values
    usual_high: Values
    resolution: Values
    stuck_after_ns: Times
    gap_after_ns: Times
    measured: NDArray[np.bool_]
    celsius: NDArray[np.bool_]
    flow: NDArray[np.bool_]
    clock_skew_ns: int
    window_ns: int


def profile_type(equipment_type: EquipmentType, machines: Iterable[Machine], rules: QualityRules) -> TypeProfile:
    """Return the profile of the machines of one equipment type."""
    members = [machine for machine in machines if machine.equipment_type == equipment_type.id]
    names = sorted({sensor.id for machine in members for sensor in machine.sensors})
    columns = {name: i for i, name in enumerate(names)}
    shape = (len(members), len(names))
    low, high, usual_low, usual_high, resolution = (np.full(shape, np.nan) for _ in range(5))
    stuck, gap = (np.full(shape, np.iinfo(np.int64).max, np.int64) for _ in range(2))
    measured, celsius, flow = (np.zeros(shape, dtype=bool) for _ in range(3))
    for row, machine in enumerate(members):
        for sensor in machine.sensors:
            at = (row, columns[sensor.id])
            low[at], high[at], resolution[at] = sensor.range_low, sensor.range_high, sensor.resolution
            usual_low[at], usual_high[at] = sensor.normal_low, sensor.normal_high
            gap[at] = int(max(rules.gap_after_s, rules.gap_periods * sensor.period_s) * 1e9)
            measured[at], celsius[at] = sensor.role is SensorRole.CONDITION, sensor.unit in _CELSIUS
            flow[at] = sensor.unit in _FLOWS
            if measured[at]:
                stuck[at] = _stuck_after_ns(sensor, rules)
    return TypeProfile(
        machines={machine.id: i for i, machine in enumerate(members)},
        sensors=columns,
        operating_rule=equipment_type.operating_rule,
        low=low,
        high=high,
        usual_low=usual_low,
        usual_high=usual_high,
        resolution=resolution,
        stuck_after_ns=stuck,
        gap_after_ns=gap,
        measured=measured,
        celsius=celsius,
        flow=flow,
        clock_skew_ns=int(rules.clock_skew_s * 1e9),
        window_ns=int(max(equipment_type.window_s, rules.late_after_s) * 1e9),
    )


def _coarseness(resolution: float, span: float) -> float:
    """How coarse a sensor is from 0 (fine) to 1: a twentieth of its usual span, or more, is fully coarse."""
    if resolution <= 0 or span <= 0:
        return 0.0
    return min(1.0, 20 * resolution / span)


def _stuck_after_ns(sensor: Sensor, rules: QualityRules) -> int:
    coarse = _coarseness(sensor.resolution, sensor.normal_high - sensor.normal_low)
    patience_s = max(rules.stuck_after_s, rules.stuck_reports * sensor.period_s)
    return int(patience_s * (1 + (rules.stuck_coarse_factor - 1) * coarse) * 1e9)
