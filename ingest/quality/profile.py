"""What quality needs to know of the machines of one equipment type, and by which spans of time it judges."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from configs.plant import EquipmentType, Machine, MachineId, OperatingRule, Sensor, SensorId, SensorRole
from configs.units import Conversion, conversion, units_like
from ingest.reading import Times, Values

_CELSIUS = frozenset({"degC"})
_POWERS = (1e-6, 1e-3, 1e-2, 1e-1, 1e1, 1e2, 1e3, 1e6)


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
    sensors measure the condition (the others hold set points and counts), and `celsius`. `unit_factor` and `unit_offset`
    (n_machines, n_sensors, n_units) put values right that came in another unit. A sensor that a machine does not have is
    NaN, and never stuck.
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
    unit_factor: Values
    unit_offset: Values
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
    measured, celsius = (np.zeros(shape, dtype=bool) for _ in range(2))
    ways = {sensor: unit_ways(sensor) for machine in members for sensor in machine.sensors}
    factor, offset = (np.full((*shape, max(map(len, ways.values()), default=0)), np.nan) for _ in range(2))
    for row, machine in enumerate(members):
        for sensor in machine.sensors:
            at = (row, columns[sensor.id])
            low[at], high[at], resolution[at] = sensor.range_low, sensor.range_high, sensor.resolution
            usual_low[at], usual_high[at] = sensor.normal_low, sensor.normal_high
            gap[at] = int(max(rules.gap_after_s, rules.gap_periods * sensor.period_s) * 1e9)
            measured[at], celsius[at] = sensor.role is SensorRole.CONDITION, sensor.unit in _CELSIUS
            for each, way in enumerate(ways[sensor]):
                factor[(*at, each)], offset[(*at, each)] = way.factor, way.offset
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
        unit_factor=factor,
        unit_offset=offset,
        clock_skew_ns=int(rules.clock_skew_s * 1e9),
        window_ns=int(max(equipment_type.window_s, rules.late_after_s) * 1e9),
    )


def unit_ways(sensor: Sensor) -> tuple[Conversion, ...]:
    """Return how values of a sensor are put right that came with a shifted decimal point, or in another unit."""
    points = tuple(Conversion(factor=power, offset=0.0) for power in _POWERS)
    return points + other_units(sensor)


def other_units(sensor: Sensor) -> tuple[Conversion, ...]:
    """Return how values in the other units of a sensor's kind are put right; units of nearly the same size are left out."""
    ways = (conversion(stated, sensor.unit, sensor.measurand) for stated in units_like(sensor.unit))
    return tuple(way for way in ways if way is not None and (way.offset or not 0.5 < way.factor < 2.0))


def _coarseness(resolution: float, span: float) -> float:
    """How coarse a sensor is from 0 (fine) to 1: a twentieth of its usual span, or more, is fully coarse."""
    if resolution <= 0 or span <= 0:
        return 0.0
    return min(1.0, 20 * resolution / span)


def _stuck_after_ns(sensor: Sensor, rules: QualityRules) -> int:
    coarse = _coarseness(sensor.resolution, sensor.normal_high - sensor.normal_low)
    patience_s = max(rules.stuck_after_s, rules.stuck_reports * sensor.period_s)
    return int(patience_s * (1 + (rules.stuck_coarse_factor - 1) * coarse) * 1e9)
