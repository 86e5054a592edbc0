"""A simulated plant over two years as the product sees it, beside its truth: what `benchmarks fleet` judges on.

Readings come every ten minutes, one window each; detection, baselines and indicators are the product's own, part lives are
those that people wrote down, mistakes included. A world is kept in a file, since making one takes minutes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import joblib
import numpy as np
from numpy.typing import NDArray

from configs.catalogue.load import load_catalogue
from configs.plant import (
    EquipmentType,
    EquipmentTypeId,
    LifeUnit,
    Machine,
    MachineId,
    PartTypeId,
    Plant,
    SensorId,
    SlotId,
)
from ingest.part_life import PartLife
from ingest.ports import ConditionBlock
from ingest.rollup import WindowBlock
from ingest.sources.bundle_tables import read_lives
from models.artefact import TypeModel
from models.assess import Watched, assess_windows
from models.condition import Condition
from models.features.rows import join, number_machines, take
from models.features.windowing import FeatureMemory, FeaturePlan, extract, plan_features
from models.health import Health
from models.health_assessment.detection_state import DetectionState
from models.state_detection.learning import advance_learning
from models.training.fit import fit_type
from service.advisory.countdown import counts_down
from service.monitor.fleet import renewals_of
from simulators.bundle import write_books
from simulators.calendar import Shifts
from simulators.factory import build_factory
from simulators.records import Standing, keep_books
from simulators.removal import TrueLife
from simulators.scenario import Scenario
from simulators.signals import Report as Said
from simulators.signals import Shard
from simulators.simulation import Simulation, start_simulation
from simulators.trace import Trace

Array = NDArray[np.float64]

START = datetime(2024, 10, 1, tzinfo=UTC)
DAY_S = 86_400.0
WINDOW_S = 600.0
LEARNING_DAYS = 60
STATES = np.array(["off", "idle", "executing"], dtype=object)
FORMAT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What the product knows of one plant, and what is true.

    `run_hours` (hours + 1,) by machine is the meter at every hour from the start; `hours` the conclusions by machine;
    `health` what each machine's health is once learnt; `faults` by machine the spans (n, 2) in epoch seconds of sensor faults.
    """

    seed: int
    days: int
    plant: Plant
    lives: tuple[PartLife, ...]
    true_lives: tuple[TrueLife, ...]
    run_hours: Mapping[MachineId, Array]
    hours: Mapping[MachineId, ConditionBlock]
    conditions: Mapping[MachineId, tuple[Condition, ...]]
    health: Mapping[MachineId, Health]
    stress: Mapping[tuple[MachineId, str], Array]
    remaining: Mapping[tuple[MachineId, SlotId], NDArray[np.float32]]
    faults: Mapping[MachineId, Array]

    @property
    def start_s(self) -> float:
        """When the history begins, in epoch seconds."""
        return START.timestamp()

    def meter(self, machine: MachineId, unit: LifeUnit, at_s: float) -> float:
        """Return where a meter stands."""
        if unit is LifeUnit.CALENDAR_DAYS:
            return at_s / DAY_S
        hour = (at_s - self.start_s) / 3600.0
        run = float(np.interp(hour, np.arange(self.run_hours[machine].size), self.run_hours[machine]))
        return run * 60.0 if unit is LifeUnit.CUTTING_MINUTES else run


def world_of(seed: int, days: int, machines: int, folder: Path) -> World:
    """Return the world of a seed, made anew where the folder does not hold it."""
    path = folder / f"fleet-{FORMAT}-{seed}-{machines}-{days}.joblib"
    if path.exists():
        kept: World = joblib.load(path)
        return replace(kept, plant=_plant(machines)[0])
    world = make_world(scenario_of(seed, machines), days, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    joblib.dump(replace(world, plant=_without_calendars(world.plant)), partial, compress=3)
    partial.replace(path)
    return world


def _without_calendars(plant: Plant) -> Plant:
    """Return a plant that can be kept in a file; what is read from there gets its plant anew."""
    return replace(plant, sites=())


def _plant(machines: int) -> tuple[Plant, Mapping[MachineId, Shifts]]:
    plant, shifts = build_factory(load_catalogue(), machines)
    kinds = tuple(replace(kind, window_s=WINDOW_S) for kind in plant.equipment_types)
    return replace(plant, equipment_types=kinds), shifts


def scenario_of(seed: int, machines: int) -> Scenario:
    """Return the factory of a seed, with a window of ten minutes in every equipment type."""
    plant, shifts = _plant(machines)
    return Scenario(plant=plant, seed=seed, shifts=shifts)


def make_world(scenario: Scenario, days: int, folder: Path) -> World:
    """Let a factory run and the product watch it."""
    plant, seed = scenario.plant, scenario.seed
    simulation = start_simulation(scenario, START.timestamp())
    began = {m.id: float(h) for m, h in zip(plant.machines, simulation.fleet.state.run_hours, strict=True)}
    trace = simulation.advance_to(START.timestamp() + days * DAY_S)
    opened = simulation.fleet.open_lives()
    true_lives = (*simulation.past, *trace.removals, *opened)
    lives = _written(simulation, plant, true_lives, folder)
    seen = _Seen()
    for shard in simulation.shards:
        _watch(shard, _reports(simulation, shard, trace), lives, seen)
    layout = simulation.fleet.layout
    return World(
        seed=seed,
        days=days,
        plant=plant,
        lives=lives,
        true_lives=true_lives,
        run_hours=_run_hours(simulation, trace, began),
        hours={name: seen.block(name) for name in seen.hours},
        conditions={name: tuple(found.values()) for name, found in seen.conditions.items()},
        health=seen.health,
        stress=seen.stress,
        remaining={(place.machine.id, place.slot.id): trace.remaining[::6, k] for k, place in enumerate(layout.worn)},
        faults=_faults(simulation, trace),
    )


def _reports(simulation: Simulation, shard: Shard, trace: Trace) -> Iterator[Said]:
    return simulation.reports(shard, trace, WINDOW_S)


def _written(simulation: Simulation, plant: Plant, lives: tuple[TrueLife, ...], folder: Path) -> tuple[PartLife, ...]:
    """Return the part lives as people wrote them down, through the table of a bundle."""
    meters = {(machine, unit): value for machine, unit, value, _ in simulation.meters()}
    standing = Standing(start_s=START.timestamp(), end_s=simulation.at_s, meters=meters)
    desk = folder / f"books-{simulation.scenario.seed}"
    desk.mkdir(parents=True, exist_ok=True)
    write_books(desk, keep_books(plant, lives, standing))
    mistakes: list[str] = []
    return read_lives(desk / "part_lives.csv", plant, mistakes)


def _run_hours(simulation: Simulation, trace: Trace, began: Mapping[MachineId, float]) -> dict[MachineId, Array]:
    layout = simulation.fleet.layout
    everyone = np.arange(len(layout.machines))[None, :]
    hours = trace.working * layout.run_share[everyone, trace.job] * (np.diff(trace.edges_s) / 3600.0)[:, None]
    total = np.cumsum(hours, axis=0)
    return {
        machine.id: np.concatenate(([0.0], total[:, n])) + began[machine.id]
        for n, machine in enumerate(layout.machines)
    }


def _faults(simulation: Simulation, trace: Trace) -> dict[MachineId, Array]:
    found: dict[MachineId, list[tuple[float, float]]] = {}
    for shard in simulation.shards:
        for span in shard.spans_between(float(trace.edges_s[0]), float(trace.edges_s[-1])):
            found.setdefault(MachineId(span.machine), []).append((span.from_s, span.to_s))
    return {machine: np.array(spans) for machine, spans in found.items()}


class _Seen:
    """What detection concluded, gathered machine by machine."""

    def __init__(self) -> None:
        self.hours: dict[MachineId, list[tuple[NDArray[np.object_], NDArray[np.int64], Array, Array]]] = {}
        self.conditions: dict[MachineId, dict[object, Condition]] = {}
        self.health: dict[MachineId, Health] = {}
        self.stress: dict[tuple[MachineId, str], Array] = {}

    def take_hours(self, block: ConditionBlock) -> None:
        order = np.argsort(block.machines.astype(str), kind="stable")
        names, code = number_machines(block.machines[order])
        edges = np.searchsorted(code, np.arange(len(names) + 1))
        for i, name in enumerate(names):
            rows = order[edges[i] : edges[i + 1]]
            columns = block.keys[rows], block.hours_ns[rows], block.values[rows], block.weights[rows]
            self.hours.setdefault(name, []).append(columns)

    def block(self, machine: MachineId) -> ConditionBlock:
        keys, hours, values, weights = (np.concatenate(c) for c in zip(*self.hours[machine], strict=True))
        order = np.argsort(hours, kind="stable")
        return ConditionBlock(
            machines=np.full(keys.size, machine, dtype=object),
            keys=keys[order],
            hours_ns=hours[order],
            values=values[order],
            weights=weights[order],
        )


def _watch(shard: Shard, reports: Iterator[Said], lives: tuple[PartLife, ...], seen: _Seen) -> None:
    """Learn the machines of a shard from their first weeks, then assess all their windows."""
    kind = shard.equipment_type
    plan = plan_features(kind)
    kept: list[WindowBlock] = []
    model: TypeModel | None = None
    short = {part.id for part in load_catalogue().part_types if counts_down(part)}
    machines = tuple(_lasting(machine, short) for machine in shard.machines)
    parts = renewals_of(lives)
    states: dict[MachineId, DetectionState] = {}
    for report in reports:
        kept.append(_windows(kind, shard.machines, report))
        _note_stress(kind, shard.machines, report, seen)
        if model is None and report.times_s[-1] < START.timestamp() + LEARNING_DAYS * DAY_S:
            continue
        model = model or _learn(kept, plan)
        for block in kept:
            watched = Watched(plan=plan, machines=machines, model=model, parts=parts)
            done = assess_windows(block, watched, states)
            seen.take_hours(done.hours)
            for each in done.machines:
                states[each.machine] = each.state
                seen.health[each.machine] = each.health
                spans = seen.conditions.setdefault(each.machine, {})
                for found in each.conditions:
                    spans[found.kind, found.sensor, found.level, found.since_ns] = found
        kept = []


def _lasting(machine: Machine, short_lived: set[PartTypeId]) -> Machine:
    return replace(machine, slots=tuple(s for s in machine.slots if s.part_type not in short_lived))


def _windows(kind: EquipmentType, machines: tuple[Machine, ...], report: Said) -> WindowBlock:
    """Return one report of a shard as windows of one reading each, machine by machine; silent ones are left out."""
    sensors = tuple(sensor.id for sensor in kind.sensors)
    powered = (report.state != 0).T
    column, row = np.nonzero(powered)
    values = np.stack([report.values[s].T[column, row] for s in sensors], axis=1).astype(np.float64)
    there = ~np.isnan(values)
    return WindowBlock(
        equipment_type=EquipmentTypeId(kind.id),
        sensors=tuple(SensorId(s) for s in sensors),
        width_s=WINDOW_S,
        machines=np.array([m.id for m in machines], dtype=object)[column],
        starts_ns=np.round(report.times_s[row] * 1e9).astype(np.int64),
        states=STATES[report.state.T[column, row]],
        count=there.astype(np.float64),
        mean=values,
        minimum=values,
        maximum=values,
        std=np.where(there, 0.0, np.nan),
        last=values,
        good_share=np.where(there, 1.0, np.nan),
    )


def _note_stress(kind: EquipmentType, machines: tuple[Machine, ...], report: Said, seen: _Seen) -> None:
    """Keep the mean of every sensor over each block while executing: what stress laws go by."""
    for column, machine in enumerate(machines):
        on = report.state[:, column] == 2
        at = float(report.times_s.mean())
        for sensor in kind.sensors:
            value = float(np.nanmean(report.values[sensor.id][on, column])) if on.any() else np.nan
            row = np.array([[at, value, float(on.sum())]])
            known = seen.stress.get((machine.id, sensor.id))
            seen.stress[machine.id, sensor.id] = row if known is None else np.vstack([known, row])


def _learn(blocks: list[WindowBlock], plan: FeaturePlan) -> TypeModel:
    """Fit the model of a type on its machines' first windows of operation, as the monitor does."""
    memories: dict[MachineId, FeatureMemory] = {}
    parts = []
    for block in blocks:
        features, memories_after = extract(block, plan, memories)
        memories |= memories_after
        parts.append(features)
    whole = join(parts)
    spans = advance_learning(whole, WINDOW_S, plan.equipment_type.learning_span_s, {})
    names, code = number_machines(whole.machines)
    upto = np.array([spans[name].to_ns or int(whole.ends_ns.max()) for name in names], dtype=np.int64)
    return fit_type(take(whole, whole.ends_ns <= upto[code]), plan)
