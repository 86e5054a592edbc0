"""Reads what a history left on disk: a machine's signals by day, its damage, and what happened to it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from configs.measuring_points import sent_sensors
from configs.plant import Machine
from configs.plant_file import load_plant
from simulators.errors import SimulatorError
from simulators.removal import TrueLife
from simulators.truth import read_lives

Array = NDArray[np.float64]

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A quantity over time: epoch seconds (n,), its low, mean and high (n,); low and high are the mean where there is one value."""

    name: str
    unit: str
    at_s: Array
    low: Array
    mean: Array
    high: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What a history says of one machine, and what is true of it."""

    machine: Machine
    signals: tuple[Curve, ...]
    damage: tuple[Curve, ...]
    removals: tuple[TrueLife, ...]


def read_stories(bundle: Path, truth: Path, machines: tuple[str, ...]) -> tuple[Story, ...]:
    """Read the stories of some machines; without names those of the machines with most failures, at most four.

    Raises
    ------
    SimulatorError
        When the bundle or its truth is not there, or has no machine of that name.
    """
    if not (bundle / "plant.toml").exists() or not (truth / "lives").is_dir():
        raise SimulatorError(
            f"{bundle}: no history with its truth in {truth}; write one with yeji-simulate history --out"
        )
    plant = load_plant(bundle / "plant.toml")
    lives = [life for path in sorted((truth / "lives").glob("2*.jsonl")) for life in read_lives(path)]
    known: dict[str, Machine] = {machine.id: machine for machine in plant.machines}
    missing = [name for name in machines if name not in known]
    if missing:
        raise SimulatorError(f"the history has no machine {missing[0]}; it has {', '.join(sorted(known)[:12])} …")
    chosen = machines or _most_failures(known, lives)
    return tuple(_story(known[name], bundle, truth, lives) for name in chosen)


def _most_failures(known: dict[str, Machine], lives: list[TrueLife]) -> tuple[str, ...]:
    failures = dict.fromkeys(known, 0)
    for life in lives:
        tool = life.slot == "cutting_tool"
        failures[life.machine] += life.reason == "failed" and not tool
    return tuple(sorted(failures, key=lambda name: (-failures[name], name))[:4])


def _story(machine: Machine, bundle: Path, truth: Path, lives: list[TrueLife]) -> Story:
    files = sorted((bundle / "readings").glob(f"{machine.equipment_type}-*.parquet"))
    sensors = [sensor.id for sensor in sent_sensors(machine)]
    columns = ["machine", "event_time", "state", *sensors]
    rows = pa.concat_tables(_of_machine(path, machine.id, columns) for path in files)
    rows = rows.filter(pc.equal(rows["state"].cast(pa.string()), "executing")).sort_by("event_time")
    at_s = _seconds(rows)
    signals = tuple(
        _by_day(sensor.name.en, sensor.unit, at_s, rows[sensor.id].to_numpy().astype(float))
        for sensor in sent_sensors(machine)
    )
    worn = pa.concat_tables(
        _of_machine(path, machine.id, None) for path in sorted((truth / "damage").glob("*.parquet"))
    )
    return Story(
        machine=machine, signals=signals, damage=_damage(machine, worn),
        removals=tuple(sorted((x for x in lives if x.machine == machine.id), key=lambda x: x.removed_s or 0.0)),
    )  # fmt: skip


def _of_machine(path: Path, machine: str, columns: list[str] | None) -> pa.Table:
    return pq.read_table(path, columns=columns, filters=[("machine", "==", machine)])


def _seconds(rows: pa.Table) -> Array:
    return np.asarray(rows["event_time"].cast(pa.int64()).to_numpy() / 1000.0)


def _by_day(name: str, unit: str, at_s: Array, values: Array) -> Curve:
    """Give the fifth percentile, mean and 95th percentile of each day on which the machine ran."""
    present = ~np.isnan(values)
    at_s, values = at_s[present], values[present]
    day = (at_s // DAY_S).astype(np.int64)
    starts = np.flatnonzero(np.append(True, np.diff(day) > 0)) if len(day) else np.zeros(0, dtype=np.int64)
    parts = np.split(values, starts[1:]) if len(day) else []
    spread = np.array([(*np.percentile(part, (5, 95)), part.mean()) for part in parts]).reshape(-1, 3)
    middle = day[starts].astype(np.float64) * DAY_S + DAY_S / 2
    return Curve(name=name, unit=unit, at_s=middle, low=spread[:, 0], mean=spread[:, 2], high=spread[:, 1])


def _damage(machine: Machine, worn: pa.Table) -> tuple[Curve, ...]:
    slots = np.array(worn["slot"].to_pylist())
    at_s, damage = _seconds(worn), worn["damage"].to_numpy().astype(float)
    curves = []
    for slot in machine.slots:
        of = np.flatnonzero(slots == slot.id)
        of = of[np.argsort(at_s[of], kind="stable")]
        if len(of):
            level = damage[of]
            curves.append(Curve(name=slot.name.en, unit="", at_s=at_s[of], low=level, mean=level, high=level))
    return tuple(curves)
