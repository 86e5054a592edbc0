"""Sensor faults that single reports tell: stuck sensors and spikes, and what is flagged where nothing is wrong."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality_plant import DAY_S, START_S, Key, Tally, hand_out
from configs.plant import EquipmentType, Machine, MachineId, Plant, SensorRole
from ingest.quality import QualityRules, TypeProfile, blank_memory, judge, profile_type
from ingest.reading import QualityFlag, ReadingBatch
from simulators.scenario import Rates, Scenario
from simulators.sensor_faults import FaultSpan, SensorFault
from simulators.signals import Report as Said
from simulators.signals import Shard
from simulators.simulation import Simulation, start_simulation

FAULTY_DAYS, HEALTHY_DAYS = 1, 2
SHORT_S, SETTLE_S, APART_S = 60.0, 600.0, 600.0
SPIKES = QualityFlag.SPIKE | QualityFlag.OUT_OF_RANGE | QualityFlag.SUSPECT_UNIT
DOUBT = QualityFlag.STUCK | QualityFlag.RATE | QualityFlag.SUSPECT_SWAP | SPIKES
STATES = np.array(["off", "idle", "executing"], dtype=object)

Flags = NDArray[np.uint16]
Mask = NDArray[np.bool_]


def watch_reports(plant: Plant, seed: int, tally: Tally) -> None:
    """Judge every report of a day with faults and of two days without."""
    _watch(plant, seed, FAULTY_DAYS, tally, spike_share=2e-5)
    _watch(plant, seed + 1, HEALTHY_DAYS, tally, spike_share=0.0)


def _watch(plant: Plant, seed: int, days: int, tally: Tally, *, spike_share: float) -> None:
    rates = Rates(stuck_per_year=0, drift_per_year=0, noise_rise_per_year=0, spike_share=spike_share)
    simulation = start_simulation(Scenario(plant=plant, seed=seed, rates=rates), START_S)
    for shard in simulation.shards if spike_share else ():
        for span in _stuck_spans(shard):
            shard.add_fault(span)
    for shard, day in _days(simulation, days):
        _score(shard, day, tally, faulty=spike_share > 0)


def _days(simulation: Simulation, days: int) -> Iterator[tuple[Shard, list[Said]]]:
    traces = [simulation.advance_to(START_S + (day + 1) * DAY_S) for day in range(days)]
    for shard in simulation.shards:
        yield shard, [said for trace in traces for said in simulation.reports(shard, trace, 1.0)]


def _stuck_spans(shard: Shard) -> Iterator[FaultSpan]:
    """Plan one fault of two hours for every condition sensor, each at an hour of its own."""
    for place, machine in enumerate(shard.machines):
        for number, sensor in enumerate(s for s in machine.sensors if s.role is SensorRole.CONDITION):
            start = START_S + (2 + 1.2 * number + place * 0.3) * 3600
            yield FaultSpan(
                kind=SensorFault.STUCK, machine=machine.id, sensor=sensor.id, from_s=start, to_s=start + 7200, size=1.0
            )


def _score(shard: Shard, said: list[Said], tally: Tally, *, faulty: bool) -> None:
    profile = profile_type(shard.equipment_type, shard.machines, QualityRules())
    spans = {
        (span.machine, span.sensor): span
        for span in shard.spans_between(float(said[0].times_s[0]), float(said[-1].times_s[-1]))
    }
    spikes: dict[Key, list[float]] = defaultdict(list)
    for point in (point for report in said for point in report.point_faults):
        if point.kind is SensorFault.SPIKE:
            spikes[point.machine, point.sensor].append(point.at_s)
    for column, machine in enumerate(shard.machines):
        at_s, running, flags = _judged(profile, shard.equipment_type, machine, said, column)
        for sensor, own in flags.items():
            key = (machine.id, sensor)
            excused = _score_stuck(profile, spans.get(key), (at_s, own, running), tally)
            excused |= _score_spikes(spikes[key], (at_s, own, running & ~excused), tally)
            if not faulty:
                tally.sensor_months += float(at_s[-1] - at_s[0]) / (30 * DAY_S)
                _count_false(at_s, own, excused, tally)


def _judged(
    profile: TypeProfile, kind: EquipmentType, machine: Machine, said: list[Said], column: int
) -> tuple[NDArray[np.float64], Mask, Mapping[str, Flags]]:
    memory = blank_memory(profile)
    parts: list[Flags] = []
    batches = [hand_out(kind, machine, report, column, STATES) for report in said]
    for batch in batches:
        flags, memory = judge(profile, memory, batch)
        parts.append(flags)
    joined = np.concatenate(parts)
    return (
        np.concatenate([report.times_s for report in said]),
        _runs(batches),
        {sensor: joined[:, at] for at, sensor in enumerate(batches[0].sensors)},
    )


def _runs(batches: list[ReadingBatch]) -> Mask:
    runs: Mask = (np.concatenate([batch.states for batch in batches]) == "executing").astype(bool)
    return runs


def _score_stuck(
    profile: TypeProfile, span: FaultSpan | None, track: tuple[NDArray[np.float64], Flags, Mask], tally: Tally
) -> Mask:
    """Count a labelled episode; return which seconds are excused from being false."""
    at_s, flags, running = track
    if span is None:
        return np.zeros(at_s.size, dtype=bool)
    within = (at_s >= span.from_s) & (at_s < span.to_s)
    row, column = profile.machines[MachineId(span.machine)], list(profile.sensors).index(span.sensor)  # type: ignore[arg-type]
    delay_s = profile.stuck_after_ns[row, column] / 1e9 + SHORT_S
    ran = np.cumsum(within & running)
    if ran[-1] >= delay_s:
        in_time = within & (ran <= delay_s)
        tally.note(SensorFault.STUCK, found=bool((flags[in_time] & int(QualityFlag.STUCK)).any()))
    excused: Mask = (at_s >= span.from_s) & (at_s < span.to_s + SETTLE_S)
    return excused


def _score_spikes(hits: list[float], track: tuple[NDArray[np.float64], Flags, Mask], tally: Tally) -> Mask:
    """Count the spikes that are reported: of a sensor that is not stuck, on a machine that runs."""
    at_s, flags, running = track
    excused = np.zeros(at_s.size, dtype=bool)
    for hit in hits:
        at = int(np.searchsorted(at_s, hit))
        excused[max(0, at - 1) : at + 3] = True
        if at > 0 and running[at - 1 : at + 1].all():
            tally.note(SensorFault.SPIKE, found=bool(flags[at] & int(SPIKES)))
    return excused


def _count_false(at_s: NDArray[np.float64], flags: Flags, excused: Mask, tally: Tally) -> None:
    doubted = np.flatnonzero(((flags & np.uint16(DOUBT)) != 0) & ~excused)
    if doubted.size:
        begins = doubted[np.concatenate(([True], np.diff(at_s[doubted]) > APART_S))]
        for at in begins.tolist():
            tally.false[str(QualityFlag(int(flags[at]) & int(DOUBT)).name).lower()] += 1
