"""A running simulated factory: its machines wearing out and its sensors reporting, with a state that can be saved."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from configs.plant import LifeUnit
from simulators.calendar import HOUR_S, shift_hours, utc_offset_s
from simulators.climate import Climate
from simulators.errors import SimulatorError
from simulators.fleet import Fleet
from simulators.fleet_state import FleetState, begin
from simulators.layout import Layout, build_layout
from simulators.removal import TrueLife
from simulators.scenario import Scenario, check_scenario
from simulators.sensor_faults import FaultSpan
from simulators.signals import Report, Shard, build_shards
from simulators.trace import Trace

Array = NDArray[np.float64]

_BLOCK_SAMPLES = 150_000
_FORMAT = 2


class Simulation:
    """One factory between two moments of its time.

    `past` are the part lives that ended before it began.
    """

    def __init__(self, scenario: Scenario, fleet: Fleet, past: tuple[TrueLife, ...]) -> None:
        self.scenario = scenario
        self.fleet = fleet
        self.past = past
        self.shards = build_shards(fleet)

    @property
    def at_s(self) -> float:
        """Where the simulated time stands, in epoch seconds."""
        return self.fleet.state.at_s

    def advance_to(self, to_s: float) -> Trace:
        """Let the factory run up to a moment, hour by hour."""
        first_hour = np.floor(self.at_s / HOUR_S) + 1
        hours = np.arange(first_hour * HOUR_S, to_s, HOUR_S)
        return self.fleet.advance(np.concatenate([[self.at_s], hours, [to_s]]))

    def reports(self, shard: Shard, trace: Trace, dt_s: float) -> Iterator[Report]:
        """Make what a shard's sensors said during a trace, in blocks of time."""
        times_s = np.arange(trace.edges_s[0], trace.edges_s[-1], dt_s)
        length = max(_BLOCK_SAMPLES // len(shard.machines), 1)
        for start in range(0, len(times_s), length):
            yield shard.report(trace, times_s[start : start + length], dt_s)

    def meters(self) -> list[tuple[str, str, float, float]]:
        """List where every meter stands: (machine, life unit, value, epoch seconds)."""
        state = self.fleet.state
        rows: list[tuple[str, str, float, float]] = []
        for n, machine in enumerate(self.scenario.plant.machines):
            units = {self.scenario.plant.part_type(slot.part_type).life_unit for slot in machine.slots}
            rows.extend(
                (machine.id, unit.value, _meter(unit, float(state.run_hours[n]), state.at_s), state.at_s)
                for unit in sorted(units | {LifeUnit.OPERATING_HOURS})
            )
        return rows

    def save(self, folder: Path) -> None:
        """Write a checkpoint from which the factory goes on with the same lives and the same noise."""
        folder.mkdir(parents=True, exist_ok=True)
        state = self.fleet.state
        arrays = {f.name: np.asarray(getattr(state, f.name)) for f in fields(FleetState)}
        for number, shard in enumerate(self.shards):
            arrays |= {f"lag/{number}/{name}": level for name, level in shard.lags.levels.items()}
            arrays |= {f"count/{number}/{name}": count for name, count in shard.lags.counters.items()}
            arrays |= {f"silent/{number}/{name}": until_s for name, until_s in shard.silent_until_s.items()}
        shards = [{"noise": _plain(shard.rng.bit_generator.state), "held": _held(shard)} for shard in self.shards]
        note = {"format": _FORMAT, "seed": self.scenario.seed, "machines": [m.id for m in self.scenario.plant.machines],
                "shards": shards}  # fmt: skip
        partial = folder / "state.partial.npz"
        np.savez(partial, allow_pickle=False, **arrays)
        (folder / "state.json.partial").write_text(json.dumps(note), encoding="utf-8")
        partial.replace(folder / "state.npz")
        (folder / "state.json.partial").replace(folder / "state.json")


def start_simulation(scenario: Scenario, start_s: float) -> Simulation:
    """Begin a factory at a moment, with parts that have aged since its machines were new."""
    layout = _layout(scenario, start_s)
    state, past = begin(layout, start_s, duty_of(layout, start_s))
    return Simulation(scenario, Fleet(layout, _climates(layout), state), past)


def resume_simulation(scenario: Scenario, folder: Path) -> Simulation:
    """Go on from a checkpoint of the same scenario.

    Raises
    ------
    SimulatorError
        When there is no checkpoint, or it belongs to another factory or seed.
    """
    note = _read_note(folder)
    machines = [machine.id for machine in scenario.plant.machines]
    if note["seed"] != scenario.seed or note["machines"] != machines:
        raise SimulatorError(f"{folder}: the checkpoint belongs to another factory or seed; write a new history")
    with np.load(folder / "state.npz", allow_pickle=False) as arrays:
        state = FleetState(**{f.name: _restored(arrays[f.name]) for f in fields(FleetState)})
        layout = _layout(scenario, state.at_s)
        simulation = Simulation(scenario, Fleet(layout, _climates(layout), state), ())
        for number, (shard, kept) in enumerate(zip(simulation.shards, note["shards"], strict=True)):
            shard.lags.levels = _named(arrays, f"lag/{number}/")
            shard.lags.counters = _named(arrays, f"count/{number}/")
            shard.silent_until_s = _named(arrays, f"silent/{number}/")
            shard.rng.bit_generator.state = kept["noise"]
            shard.held = {FaultSpan(**span): value for span, value in kept["held"]}
    return simulation


def duty_of(layout: Layout, at_s: float) -> Array:
    """Give the share of the calendar in which each machine executes, from the four weeks after a moment."""
    first = int(at_s // HOUR_S)
    duties = []
    for n, machine in enumerate(layout.machines):
        hours = shift_hours(layout.scenario.shifts_of(machine.id), first, 28 * 24, int(layout.offsets_s[n]))
        jobs = layout.jobs[n]
        spells = np.array([job.weight * job.mean_hours for job in jobs])
        run = float(np.dot(spells, [job.run_share for job in jobs]) / spells.sum())
        duties.append(max(float(hours.working.mean()) * run, 0.01))
    return np.array(duties)


def _layout(scenario: Scenario, at_s: float) -> Layout:
    check_scenario(scenario)
    day = datetime.fromtimestamp(at_s, tz=UTC).date()
    return build_layout(scenario, [utc_offset_s(scenario.zone_of(m), day) for m in scenario.plant.machines])


def _climates(layout: Layout) -> dict[str, Climate]:
    offsets = {machine.site: int(offset) for machine, offset in zip(layout.machines, layout.offsets_s, strict=True)}
    return {site: Climate(layout.scenario.seed, site, offset) for site, offset in offsets.items()}


def _meter(unit: LifeUnit, run_hours: float, at_s: float) -> float:
    if unit is LifeUnit.CALENDAR_DAYS:
        return at_s / 86_400.0
    return run_hours * 60.0 if unit is LifeUnit.CUTTING_MINUTES else run_hours


def _read_note(folder: Path) -> dict[str, Any]:
    try:
        note: dict[str, Any] = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SimulatorError(f"{folder}: no checkpoint here; write a history first (yeji-simulate history)") from None
    except ValueError:
        raise SimulatorError(f"{folder}/state.json: not a checkpoint; write a new history") from None
    if note.get("format") != _FORMAT:
        raise SimulatorError(f"{folder}: a checkpoint of another version; write a new history")
    return note


def _restored(array: NDArray[Any]) -> Any:
    return float(array) if array.ndim == 0 else array.copy()


def _named(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    return {name.removeprefix(prefix): arrays[name] for name in arrays if name.startswith(prefix)}


def _held(shard: Shard) -> list[tuple[dict[str, Any], float]]:
    return [({f.name: getattr(span, f.name) for f in fields(FaultSpan)}, value) for span, value in shard.held.items()]


def _plain(state: Any) -> Any:
    if isinstance(state, dict):
        return {key: _plain(value) for key, value in state.items()}
    return state.tolist() if isinstance(state, np.ndarray) else int(state) if isinstance(state, np.integer) else state
