"""Sensor faults that hours and days tell, on the rollups of pumps that report every ten seconds: does the product doubt the sensor."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.simulated.recordings import DAY_S, NO_FAULTS, START_S
from configs.catalogue.load import load_catalogue
from configs.plant import Machine, MachineId, SensorId
from ingest.quality.steady import SteadyBlocks, steady_blocks
from ingest.quality.watch import suspect
from ingest.reading import QualityFlag, Series
from ingest.rollup import WindowBlock, roll_up
from simulators.calendar import CONTINUOUS
from simulators.factory import PUMPS, build_factory
from simulators.scenario import Scenario
from simulators.sensor_faults import FaultSpan, SensorFault
from simulators.signals import STATES, Report, Shard
from simulators.simulation import start_simulation

_REPORT_S, _BASE_DAYS, _DAYS = 10.0, 21, 36
_WEAR = 1e-3
_NAMES = np.array(STATES, dtype=object)
PLANS = (
    (SensorFault.NOISE_RISE, "vib", 3.0, QualityFlag.NOISE),
    (SensorFault.GAIN, "flow", 1.25, QualityFlag.SHIFTED),
    (SensorFault.SATURATION, "motor_current", 0.35, QualityFlag.SATURATED),
    (SensorFault.DRIFT, "suction_pressure", 0.02, QualityFlag.SHIFTED),
)
"""Kind, sensor, size as `FaultSpan` has it, and the flag that tells it; one pump each, from the fourth week on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubted:
    """One fault as it stands in the truth, and whether the product doubted its sensor before it was over."""

    span: FaultSpan
    is_doubted: bool


def slow_faults(seed: int) -> Iterator[Doubted]:
    """Let one sensor of each pump mislead over two weeks, and ask once a day which sensors are doubted."""
    plant, shifts = build_factory(load_catalogue(), len(PLANS), (replace(PUMPS, shifts=(CONTINUOUS,)),))
    scenario = Scenario(plant=plant, seed=seed, shifts=shifts, rates=NO_FAULTS, damage_speed=_WEAR)
    simulation = start_simulation(scenario, START_S)
    (shard,) = simulation.shards
    for machine, (kind, sensor, size, _) in zip(shard.machines, PLANS, strict=True):
        shard.add_fault(_span(machine, kind, sensor, size))
    minutes: dict[MachineId, list[SteadyBlocks]] = {machine.id: [] for machine in shard.machines}
    for _ in range(_DAYS):
        trace = simulation.advance_to(simulation.at_s + DAY_S)
        said = list(simulation.reports(shard, trace, _REPORT_S))
        for column, machine in enumerate(shard.machines):
            minutes[machine.id].append(steady_blocks(_minutes(shard, said, column)))
    truth = [span for span in shard.spans_between(START_S, simulation.at_s) if span.kind in {plan[0] for plan in PLANS}]
    for machine, (_, sensor, _, flag) in zip(shard.machines, PLANS, strict=True):
        span = next(each for each in truth if each.machine == machine.id)
        yield Doubted(span=span, is_doubted=_is_doubted(machine, minutes[machine.id], SensorId(sensor), flag))


def _span(machine: Machine, kind: SensorFault, sensor: str, size: float) -> FaultSpan:
    from_s, to_s = (START_S + days * DAY_S for days in (_BASE_DAYS, _DAYS))
    return FaultSpan(kind=kind, machine=machine.id, sensor=sensor, from_s=from_s, to_s=to_s, size=size)


def _minutes(shard: Shard, said: list[Report], column: int) -> WindowBlock:
    names = tuple(sensor.id for sensor in shard.equipment_type.sensors)
    values = np.concatenate([np.stack([report.values[name][:, column] for name in names], axis=1) for report in said])
    times_s = np.concatenate([report.times_s for report in said])
    series = Series(
        machine=shard.machines[column].id, sensors=names, event_times_ns=np.round(times_s * 1e9).astype(np.int64),
        states=_NAMES[np.concatenate([report.state[:, column] for report in said])], values=values.astype(float),
        quality=np.zeros(values.shape, np.uint16),
    )  # fmt: skip
    return roll_up(series, shard.equipment_type.id, 60.0)


def _is_doubted(machine: Machine, days: list[SteadyBlocks], sensor: SensorId, flag: QualityFlag) -> bool:
    seen = (suspect(machine, _joined(days[: day + 1])) for day in range(_BASE_DAYS, _DAYS))
    return any(each.sensor == sensor and each.flag & flag for found in seen for each in found)


def _joined(days: list[SteadyBlocks]) -> SteadyBlocks:
    return SteadyBlocks(
        sensors=days[0].sensors, starts_ns=np.concatenate([day.starts_ns for day in days]),
        mean=np.concatenate([day.mean for day in days]), noise=np.concatenate([day.noise for day in days]),
        highest=np.concatenate([day.highest for day in days]), lowest=np.concatenate([day.lowest for day in days]),
    )  # fmt: skip
