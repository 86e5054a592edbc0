"""Quality flags on labelled sensor faults: found in time, kind by kind, and false episodes per sensor and month."""

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Bar, Report, Sense
from benchmarks.runner import Wish
from configs.catalogue.load import load_catalogue
from configs.plant import EquipmentType, Machine, MachineId, Plant, Sensor, SensorRole
from configs.plant_file import load_plant
from ingest.quality import QualityMemory, QualityRules, TypeProfile, blank_memory, judge, profile_type
from ingest.reading import QualityFlag, ReadingBatch
from simulators.scenario import Rates, Scenario
from simulators.sensor_faults import FaultSpan, SensorFault
from simulators.signals import Report as Said
from simulators.signals import Shard
from simulators.simulation import Simulation, start_simulation

START_S = 1_795_564_800.0
DAY_S = 86_400.0
FAULTY_DAYS, HEALTHY_DAYS, MACHINES, SEED = 1, 2, 3, 79
MUST_RECALL, MUST_FALSE = 0.9, 0.1
SHORT_S, SETTLE_S, APART_S = 60.0, 600.0, 600.0
TYPES = (
    "air_compressor", "centrifugal_pump", "cnc_machining_centre", "conveyor_gear_motor",
    "cooling_fan_chiller", "hydraulic_press", "injection_moulding_machine", "robot_arm_6axis",
)  # fmt: skip
FLAG_OF = {
    SensorFault.STUCK: QualityFlag.STUCK,
    SensorFault.WRONG_UNIT: QualityFlag.SUSPECT_UNIT | QualityFlag.OUT_OF_RANGE,
    SensorFault.SWAPPED: QualityFlag.SUSPECT_SWAP | QualityFlag.SPIKE | QualityFlag.RATE | QualityFlag.SUSPECT_UNIT,
    SensorFault.SPIKE: QualityFlag.SPIKE | QualityFlag.OUT_OF_RANGE | QualityFlag.SUSPECT_UNIT,
}
"""Which flags find a kind of fault. A swap counts by any flag that says that the sensor leapt to where it cannot be."""

UNSEEN = (SensorFault.DRIFT, SensorFault.NOISE_RISE, SensorFault.GAIN, SensorFault.SATURATION)
DOUBT = (
    QualityFlag.STUCK | QualityFlag.OUT_OF_RANGE | QualityFlag.SPIKE | QualityFlag.RATE
    | QualityFlag.SUSPECT_UNIT | QualityFlag.SUSPECT_SWAP
)  # fmt: skip
STATES = np.array(["off", "idle", "executing"], dtype=object)
MISTAKEN = frozenset({"degC", "bar", "mm/s", "m3/h"})
"""The units that the simulator can mistake for others."""

Key = tuple[str, str]


@dataclass(slots=True)
class Tally:
    """What was found: episodes and hits by kind, false episodes, and how many sensor-months were watched."""

    episodes: dict[SensorFault, int] = field(default_factory=lambda: defaultdict(int))
    hits: dict[SensorFault, int] = field(default_factory=lambda: defaultdict(int))
    false: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    sensor_months: float = 0.0


@dataclass(slots=True)
class Track:
    """What one sensor's flags and its machine's running were, second by second."""

    at_s: list[NDArray[np.float64]] = field(default_factory=list)
    flags: list[NDArray[np.uint16]] = field(default_factory=list)
    running: list[NDArray[np.bool_]] = field(default_factory=list)


def run(wish: Wish) -> Report:
    """Judge days of a simulated factory, with and without sensor faults."""
    started = time.perf_counter()
    wish.work.mkdir(parents=True, exist_ok=True)
    plant = _plant(wish.work)
    tally = Tally()
    for days, faulty in ((FAULTY_DAYS, True), (HEALTHY_DAYS, False)):
        _watch(plant, days, tally, faulty=faulty)
    false = sum(tally.false.values())
    bars = [_recall(tally, kind) for kind in FLAG_OF]
    bars += [
        Bar(name=f"{kind.value}: no flag tells it yet", value=None, unit="", must=MUST_RECALL, sense=Sense.AT_LEAST)
        for kind in UNSEEN
    ]
    bars.append(Bar(name="false episodes", value=false / tally.sensor_months, unit="per sensor-month", must=MUST_FALSE))
    bars.append(Bar(name="sensor-months watched", value=tally.sensor_months, unit="", must=None))
    return Report(
        benchmark="quality",
        version=version("yeji"),
        bars=tuple(bars),
        seconds=time.perf_counter() - started,
        notes=(
            f"seed {SEED}; code was changed after seeds 77 and 78 had been seen; {MACHINES} machines of each of {len(TYPES)} types",
            f"at 1 Hz; delays: stuck as long as the sensor's own patience, all others {SHORT_S:.0f} s of running",
            f"false episodes by flag: {dict(tally.false)}",
        ),
    )


def _recall(tally: Tally, kind: SensorFault) -> Bar:
    episodes = tally.episodes[kind]
    recall = tally.hits[kind] / episodes if episodes else None
    return Bar(
        name=f"{kind.value}: found in time, of {episodes}",
        value=recall,
        unit="",
        must=MUST_RECALL,
        sense=Sense.AT_LEAST,
    )


def _plant(work: Path) -> Plant:
    known = {kind.id for kind in load_catalogue().equipment_types}
    parts = [
        '[[site]]\nid = "s"\nname = "S"\ntime_zone = "Asia/Seoul"\n',
        '[[line]]\nid = "l"\nname = "L"\nsite = "s"\n',
    ]
    parts += [
        f'[[machine]]\nid = "{kind.replace("_", "-")}-{n}"\nname = "M"\nline = "l"\ntype = "{kind}"\n'
        for kind in TYPES
        if kind in known
        for n in range(MACHINES)
    ]
    path = work / "plant.toml"
    path.write_text("\n".join(parts), encoding="utf-8")
    return load_plant(path)


def _watch(plant: Plant, days: int, tally: Tally, *, faulty: bool) -> None:
    quiet = Rates(stuck_per_year=0, drift_per_year=0, noise_rise_per_year=0, spike_share=2e-5 if faulty else 0.0)
    simulation = start_simulation(Scenario(plant=plant, seed=SEED + faulty, rates=quiet), START_S)
    if faulty:
        for shard in simulation.shards:
            for span in _spans_of(shard):
                shard.add_fault(span)
    memories = {shard.equipment_type.id: _desk(plant, shard) for shard in simulation.shards}
    tracks: dict[Key, Track] = defaultdict(Track)
    points: dict[Key, list[float]] = defaultdict(list)
    for shard, said in _reports(simulation, days):
        _judge(shard, said, memories, tracks)
        for point in said.point_faults:
            if point.kind is SensorFault.SPIKE:
                points[point.machine, point.sensor].append(point.at_s)
    _score(simulation, tracks, points, tally, faulty=faulty)


def _reports(simulation: Simulation, days: int) -> Iterator[tuple[Shard, Said]]:
    for day in range(days):
        trace = simulation.advance_to(START_S + (day + 1) * DAY_S)
        for shard in simulation.shards:
            for said in simulation.reports(shard, trace, 1.0):
                yield shard, said


def _desk(plant: Plant, shard: Shard) -> tuple[TypeProfile, QualityMemory]:
    profile = profile_type(shard.equipment_type, plant.machines, QualityRules())
    return profile, blank_memory(profile)


def _spans_of(shard: Shard) -> Iterator[FaultSpan]:
    """Plan faults of two hours each: every condition sensor of a machine has at most one, at an hour of its own."""
    for place, machine in enumerate(shard.machines):
        sensors = [sensor for sensor in machine.sensors if sensor.role is SensorRole.CONDITION]
        for number, sensor in enumerate(sensors):
            twin = next((s for s in sensors[number + 1 :] if s.measurand == sensor.measurand), None)
            kinds = [SensorFault.STUCK]
            kinds += [SensorFault.WRONG_UNIT] if sensor.unit in MISTAKEN else []
            kinds += [SensorFault.SWAPPED] if twin is not None else []
            kind = kinds[(number + place) % len(kinds)]
            start = START_S + (2 + 2.2 * number + place * 0.3) * 3600
            other = twin.id if kind is SensorFault.SWAPPED and twin is not None else None
            yield FaultSpan(
                kind=kind, machine=machine.id, sensor=sensor.id, from_s=start, to_s=start + 7200, size=1.0, other=other
            )


def _judge(
    shard: Shard, said: Said, memories: dict[str, tuple[TypeProfile, QualityMemory]], tracks: dict[Key, Track]
) -> None:
    profile, memory = memories[shard.equipment_type.id]
    for column, machine in enumerate(shard.machines):
        batch = _batch(shard.equipment_type, machine, said, column)
        flags, memory = judge(profile, memory, batch)
        running = batch.states == "executing"
        for at, sensor in enumerate(batch.sensors):
            track = tracks[machine.id, sensor]
            track.at_s.append(said.times_s)
            track.flags.append(flags[:, at])
            track.running.append(running.astype(bool))
    memories[shard.equipment_type.id] = (profile, memory)


def _batch(kind: EquipmentType, machine: Machine, said: Said, column: int) -> ReadingBatch:
    size = said.times_s.size
    times = (said.times_s * 1e9).astype(np.int64)
    names = tuple(sensor.id for sensor in machine.sensors if sensor.id in said.values)
    values = np.stack([said.values[name][:, column] for name in names], axis=1).astype(np.float64)
    blank = np.full(size, None, dtype=object)
    return ReadingBatch(
        equipment_type=kind.id,
        sensors=names,
        machines=np.full(size, MachineId(machine.id), dtype=object),
        event_times_ns=times,
        received_times_ns=times,
        boots=blank,
        seqs=np.full(size, -1, np.int64),
        rows=np.zeros(size, np.int32),
        states=STATES[said.state[:, column]],
        jobs=blank,
        values=values,
        quality=np.zeros(values.shape, np.uint16),
    )


def _score(
    simulation: Simulation, tracks: dict[Key, Track], points: dict[Key, list[float]], tally: Tally, *, faulty: bool
) -> None:
    for shard in simulation.shards:
        profile = profile_type(shard.equipment_type, shard.machines, QualityRules())
        spans = shard.spans_between(START_S, simulation.at_s)
        for machine in shard.machines:
            own = [span for span in spans if span.machine == machine.id]
            for sensor in machine.sensors:
                if (machine.id, sensor.id) not in tracks:
                    continue
                track = tracks[machine.id, sensor.id]
                at_s, flags, running = (np.concatenate(part) for part in (track.at_s, track.flags, track.running))
                excused = _score_spans(profile, sensor, own, (at_s, flags, running), tally)
                excused |= _score_points(points[machine.id, sensor.id], at_s, flags, running, tally)
                if not faulty:
                    tally.sensor_months += float(at_s[-1] - at_s[0]) / (30 * DAY_S)
                    _count_false(at_s, flags, excused, tally)


def _score_spans(
    profile: TypeProfile,
    sensor: Sensor,
    spans: list[FaultSpan],
    track: tuple[NDArray[np.float64], NDArray[np.uint16], NDArray[np.bool_]],
    tally: Tally,
) -> NDArray[np.bool_]:
    """Count the labelled episodes of one sensor; return which seconds are excused from being false."""
    at_s, flags, running = track
    excused = np.zeros(at_s.size, dtype=bool)
    for span in spans:
        if sensor.id not in {span.sensor, span.other}:
            continue
        within = (at_s >= span.from_s) & (at_s < span.to_s)
        excused |= (at_s >= span.from_s) & (at_s < span.to_s + SETTLE_S)
        if sensor.id != span.sensor:
            continue
        row = profile.machines[MachineId(span.machine)]
        patience_s = profile.stuck_after_ns[row, profile.sensors[sensor.id]] / 1e9
        delay_s = patience_s + SHORT_S if span.kind is SensorFault.STUCK else SHORT_S
        ran = np.cumsum(within & running)
        if ran[-1] < delay_s:
            continue
        tally.episodes[span.kind] += 1
        in_time = within & (ran <= delay_s)
        tally.hits[span.kind] += int((flags[in_time] & int(FLAG_OF[span.kind])).any())
    return excused


def _score_points(
    hits: list[float], at_s: NDArray[np.float64], flags: NDArray[np.uint16], running: NDArray[np.bool_], tally: Tally
) -> NDArray[np.bool_]:
    excused = np.zeros(at_s.size, dtype=bool)
    for hit in hits:
        at = int(np.searchsorted(at_s, hit))
        excused[max(0, at - 1) : at + 3] = True
        if at == 0 or not running[at - 1 : at + 1].all():
            continue
        tally.episodes[SensorFault.SPIKE] += 1
        tally.hits[SensorFault.SPIKE] += int(bool(flags[at] & int(FLAG_OF[SensorFault.SPIKE])))
    return excused


def _count_false(
    at_s: NDArray[np.float64], flags: NDArray[np.uint16], excused: NDArray[np.bool_], tally: Tally
) -> None:
    doubted = np.flatnonzero(((flags & np.uint16(DOUBT)) != 0) & ~excused)
    if doubted.size == 0:
        return
    begins = doubted[np.concatenate(([True], np.diff(at_s[doubted]) > APART_S))]
    for at in begins.tolist():
        tally.false[str(QualityFlag(int(flags[at]) & int(DOUBT)).name).lower()] += 1
