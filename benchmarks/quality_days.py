"""Sensor faults that hours and days tell, on the rollups of a factory that reports every ten seconds."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality_plant import DAY_S, START_S, Tally, hand_out
from configs.plant import LifeUnit, Machine, MachineId, Plant, Sensor, SensorRole, SlotId
from ingest.quality import Doubt, SteadyBlocks, follow, steady_blocks, suspect
from ingest.quality.steady import BLOCK_NS
from ingest.quality.suspicion import is_counter
from ingest.reading import QualityFlag, Series
from ingest.rollup import roll_up
from simulators.scenario import Rates, Scenario
from simulators.sensor_faults import FaultSpan, SensorFault
from simulators.simulation import Simulation, start_simulation

EVERY_NS = 2 * 3_600_000_000_000
REPORT_S = 10.0
FIRST_DAY, CYCLE_DAYS, FAULT_DAYS, LAST_DAY = 11, 4, 2.5, 43
DRIFT_DAY, DRIFT_END = 22, 38
HEALTHY_DAYS = 40
MISTAKEN = frozenset({"degC", "bar", "mm/s", "m3/h"})
"""The units that the simulator can mistake for others."""

FLAG_OF = {
    SensorFault.SWAPPED: QualityFlag.SUSPECT_SWAP | QualityFlag.SUSPECT_UNIT,
    SensorFault.WRONG_UNIT: QualityFlag.SUSPECT_UNIT | QualityFlag.SUSPECT_SWAP,
    SensorFault.NOISE_RISE: QualityFlag.NOISE,
    SensorFault.GAIN: QualityFlag.SHIFTED,
    SensorFault.SATURATION: QualityFlag.SATURATED,
    SensorFault.DRIFT: QualityFlag.SHIFTED,
}
"""Which flags find a fault: that a value is not the sensor's own is said by both of the first two."""

DELAY_BLOCKS = {
    SensorFault.SWAPPED: 18, SensorFault.WRONG_UNIT: 18, SensorFault.SATURATION: 48, SensorFault.GAIN: 96,
    SensorFault.NOISE_RISE: 160,
}  # fmt: skip
"""Within how much running each kind is found: 3, 8, 16 and 27 hours."""

LEAST_GAIN, LEAST_DRIFT, LEAST_CLIPPED = 0.2, 0.15, 0.3
"""What misleads: a gain that moves the sensor by a fifth of its usual span, a drift by a seventh, a bound that cuts off three
blocks in ten."""

STATES = np.array(["off", "idle", "executing"], dtype=object)


@dataclass(slots=True)
class _Track:
    """One machine's blocks, the work done on it, and the suspicions and their first times."""

    machine: Machine
    blocks: list[SteadyBlocks] = field(default_factory=list)
    work: list[tuple[SlotId, int]] = field(default_factory=list)

    def joined(self) -> SteadyBlocks:
        def column(name: str) -> NDArray[Any]:
            return np.concatenate([getattr(part, name) for part in self.blocks])

        return SteadyBlocks(
            sensors=self.blocks[0].sensors,
            starts_ns=column("starts_ns"),
            mean=column("mean"),
            noise=column("noise"),
            highest=column("highest"),
            lowest=column("lowest"),
        )


def watch_faults(plant: Plant, seed: int, tally: Tally) -> None:
    """Watch machines on which one sensor after the other misleads."""
    spans = _Planner(seed)
    for track in _tracks(plant, seed, LAST_DAY, spans.plan):
        blocks = track.joined()
        own = [span for span in spans.spans if span.machine == track.machine.id]
        raised = _follow(track, blocks, FIRST_DAY - 1)
        for span in own:
            _score(track.machine, span, blocks, raised, tally)


def watch_drifts(plant: Plant, seed: int, tally: Tally) -> None:
    """Watch machines of which one sensor drifts from the fourth week on."""
    planner = _DriftPlanner(seed)
    for track in _tracks(plant, seed, DRIFT_END, planner.plan):
        blocks = track.joined()
        raised = _follow(track, blocks, DRIFT_DAY)
        for span in (span for span in planner.spans if span.machine == track.machine.id):
            moved = span.size * (DRIFT_END - DRIFT_DAY)
            if moved >= LEAST_DRIFT:
                sensor = next(each for each in track.machine.sensors if each.id == span.sensor)
                kind = "drift, as wear moves it" if _wear_moves(track.machine, sensor) else "drift"
                tally.note(kind, found=any(s == span.sensor and f & FLAG_OF[span.kind] for _, s, f in raised))


def watch_healthy(plant: Plant, seed: int, tally: Tally) -> None:
    """Watch machines whose sensors are all right."""
    for track in _tracks(plant, seed, HEALTHY_DAYS, _no_faults):
        tally.sensor_months += len(track.machine.sensors) * HEALTHY_DAYS / 30
        last: dict[str, int] = {}
        for at_ns, sensor, flag in _follow(track, track.joined(), 0):
            if at_ns - last.get(sensor, 0) > DAY_S * 1e9:
                tally.false[str(flag.name).lower()] += 1
            last[sensor] = at_ns


def _follow(track: _Track, blocks: SteadyBlocks, from_day: float) -> list[tuple[int, str, QualityFlag]]:
    """Return when which sensor was suspected of what, looking every two hours."""
    doubts: tuple[Doubt, ...] = ()
    raised: list[tuple[int, str, QualityFlag]] = []
    start_ns = int((START_S + from_day * DAY_S) * 1e9)
    for at_ns in range(start_ns, int(blocks.starts_ns[-1]), EVERY_NS):
        seen = blocks.take(blocks.starts_ns + BLOCK_NS <= at_ns)
        worked = {slot: each for slot, each in track.work if each <= at_ns}
        found = suspect(track.machine, seen.take(slice(-31 * 144, None)), doubts, worked)
        known = {(doubt.sensor, doubt.flag) for doubt in doubts if doubt.until_ns is None}
        raised += [(at_ns, each.sensor, each.flag) for each in found if (each.sensor, each.flag) not in known]
        doubts = follow(doubts, found, at_ns)
    return raised


def _score(
    machine: Machine,
    span: FaultSpan,
    blocks: SteadyBlocks,
    raised: Sequence[tuple[int, str, QualityFlag]],
    tally: Tally,
) -> None:
    from_ns, to_ns = int(span.from_s * 1e9), int(span.to_s * 1e9)
    within = blocks.take((blocks.starts_ns >= from_ns) & (blocks.starts_ns < to_ns))
    delay = DELAY_BLOCKS[span.kind]
    sensor = next(each for each in machine.sensors if each.id == span.sensor)
    if within.size < delay or not _misleads(span, sensor, within.take(slice(0, delay))):
        return
    until_ns = int(within.starts_ns[delay - 1]) + BLOCK_NS
    found = any(
        from_ns < at <= until_ns and name == span.sensor and flag & FLAG_OF[span.kind] for at, name, flag in raised
    )
    tally.note(span.kind, found=found)


def _misleads(span: FaultSpan, sensor: Sensor, within: SteadyBlocks) -> bool:
    at = within.sensors.index(sensor.id)
    if span.kind is SensorFault.GAIN:
        moved = np.median(within.mean[:, at]) * abs(1 - 1 / span.size)
        return bool(moved >= LEAST_GAIN * (sensor.normal_high - sensor.normal_low))
    if span.kind is SensorFault.SATURATION:
        extremes = within.highest[:, at]
        return bool((extremes == extremes.max()).all(axis=1).mean() >= LEAST_CLIPPED)
    return True


def _wear_moves(machine: Machine, sensor: Sensor) -> bool:
    return any(sign.rises and sign.sensor == sensor.id for slot in machine.slots for sign in slot.signs)


def _eligible(machine: Machine) -> list[Sensor]:
    return [s for s in machine.sensors if s.role is SensorRole.CONDITION and not is_counter(s) and s.period_s <= 600]


def _no_faults(_tracks: Sequence[_Track], _day: int) -> Iterable[FaultSpan]:
    return ()


@dataclass(slots=True)
class _Planner:
    """Plans one fault after the other for every machine, each on a sensor of its own."""

    seed: int
    spans: list[FaultSpan] = field(default_factory=list)

    def plan(self, tracks: Sequence[_Track], day: int) -> Iterator[FaultSpan]:
        if day < FIRST_DAY or (day - FIRST_DAY) % CYCLE_DAYS or day + FAULT_DAYS > LAST_DAY:
            return
        for place, track in enumerate(tracks):
            span = self._span(track, (day - FIRST_DAY) // CYCLE_DAYS, place, START_S + day * DAY_S + 3 * 3600)
            self.spans.append(span)
            yield span

    def _span(self, track: _Track, number: int, place: int, from_s: float) -> FaultSpan:
        kinds = tuple(DELAY_BLOCKS)
        kind = kinds[(number + place) % len(kinds)]
        sensors, other = _eligible(track.machine), None
        if kind is SensorFault.WRONG_UNIT:
            sensors = [s for s in sensors if s.unit in MISTAKEN] or sensors
        if kind is SensorFault.SWAPPED:
            sensors = [s for s in sensors if _twin(s, sensors)] or sensors
        sensor = sensors[(number * 2 + place) % len(sensors)]
        if kind is SensorFault.SWAPPED:
            other = _twin(sensor, _eligible(track.machine))
        if (kind is SensorFault.SWAPPED and other is None) or (
            kind is SensorFault.WRONG_UNIT and sensor.unit not in MISTAKEN
        ):
            kind = SensorFault.NOISE_RISE
        return FaultSpan(
            kind=kind, machine=track.machine.id, sensor=sensor.id, from_s=from_s, to_s=from_s + FAULT_DAYS * DAY_S,
            size=self._size(kind, track, sensor, number + place), other=other,
        )  # fmt: skip

    def _size(self, kind: SensorFault, track: _Track, sensor: Sensor, number: int) -> float:
        share = float(np.random.default_rng((self.seed, number, len(self.spans))).random())
        if kind is SensorFault.SATURATION:
            last = track.blocks[-1]
            level = (
                float(np.nanmedian(last.mean[:, last.sensors.index(sensor.id)])) if last.size else sensor.normal_high
            )
            return (level - sensor.normal_low) / (sensor.normal_high - sensor.normal_low)
        if kind is SensorFault.GAIN:
            return 0.8 + 0.45 * share
        return 2 + 2 * share if kind is SensorFault.NOISE_RISE else 1.0


@dataclass(slots=True)
class _DriftPlanner:
    """Lets one sensor of every machine drift, at 0.4 to 2 % of its usual span a day."""

    seed: int
    spans: list[FaultSpan] = field(default_factory=list)

    def plan(self, tracks: Sequence[_Track], day: int) -> Iterator[FaultSpan]:
        for place, track in enumerate(tracks if day == DRIFT_DAY else ()):
            sensors = _eligible(track.machine)
            rng = np.random.default_rng((self.seed, place, len(self.spans)))
            span = FaultSpan(
                kind=SensorFault.DRIFT, machine=track.machine.id, sensor=sensors[int(rng.integers(len(sensors)))].id,
                from_s=START_S + day * DAY_S, to_s=START_S + DRIFT_END * DAY_S, size=float(rng.uniform(0.004, 0.02)),
            )  # fmt: skip
            self.spans.append(span)
            yield span


def _twin(sensor: Sensor, sensors: Sequence[Sensor]) -> str | None:
    return next((s.id for s in sensors if s is not sensor and s.measurand == sensor.measurand), None)


Plan = Callable[[Sequence[_Track], int], Iterable[FaultSpan]]
"""Gives the faults of a shard's machines that begin on a day."""


def _tracks(plant: Plant, seed: int, days: int, plan: Plan) -> Iterator[_Track]:
    rates = Rates(stuck_per_year=0, drift_per_year=0, noise_rise_per_year=0, spike_share=0)
    simulation = start_simulation(Scenario(plant=plant, seed=seed, rates=rates), START_S)
    tracks = {machine.id: _Track(machine=machine) for machine in plant.machines}
    short = {(m.id, slot.id) for m in plant.machines for slot in m.slots if _is_tool(plant, slot.part_type)}
    for day in range(days):
        _advance(simulation, day, tracks, short, plan)
    yield from tracks.values()


def _advance(
    simulation: Simulation, day: int, tracks: dict[MachineId, _Track], short: set[tuple[MachineId, SlotId]], plan: Plan
) -> None:
    for shard in simulation.shards:
        for span in plan([tracks[machine.id] for machine in shard.machines], day):
            shard.add_fault(span)
    trace = simulation.advance_to(START_S + (day + 1) * DAY_S)
    for life in trace.removals:
        if life.removed_s is not None and (MachineId(life.machine), SlotId(life.slot)) not in short:
            tracks[MachineId(life.machine)].work.append((SlotId(life.slot), int(life.removed_s * 1e9)))
    for shard in simulation.shards:
        said = list(simulation.reports(shard, trace, REPORT_S))
        for column, machine in enumerate(shard.machines):
            batches = [hand_out(shard.equipment_type, machine, report, column, STATES) for report in said]
            series = Series(
                machine=machine.id, sensors=batches[0].sensors,
                event_times_ns=np.concatenate([batch.event_times_ns for batch in batches]),
                states=np.concatenate([batch.states for batch in batches]),
                values=np.concatenate([batch.values for batch in batches]),
                quality=np.concatenate([batch.quality for batch in batches]),
            )  # fmt: skip
            tracks[machine.id].blocks.append(steady_blocks(roll_up(series, shard.equipment_type.id, 60.0)))


def _is_tool(plant: Plant, part_type: str) -> bool:
    return any(part.id == part_type and part.life_unit is LifeUnit.CUTTING_MINUTES for part in plant.part_types)
