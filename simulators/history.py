"""Back-fills a factory's past: months of history as a bundle, its truth apart, and a checkpoint to go on from."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from configs.plant_file import dump_plant
from simulators.bundle import ReadingsFile, off_table, readings_table, write_books, write_manifest, write_meters
from simulators.errors import SimulatorError
from simulators.records import Standing, keep_books
from simulators.scenario import Scenario
from simulators.scenario_file import write_scenario
from simulators.sensor_faults import FaultSpan
from simulators.signals import PointFault
from simulators.simulation import Simulation, resume_simulation, start_simulation
from simulators.trace import Trace
from simulators.truth import read_lives, write_damage, write_faults, write_lives

SPACING_S = 60.0
_PLACE = "place.json"

Powered = list[NDArray[np.bool_]]
"""Which machines of each shard were powered last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFolders:
    """Where a history goes: the bundle that a factory would hand over, its truth, and the checkpoint."""

    bundle: Path
    truth: Path
    checkpoint: Path

    @property
    def work(self) -> Path:
        """Where an unfinished history keeps its place."""
        return self.checkpoint.with_name(self.checkpoint.name + ".unfinished")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The time that a history covers, in epoch seconds."""

    start_s: float
    end_s: float


def history_span(now: datetime, years: float) -> Span:
    """Give the whole minutes of `years` up to now, starting on an hour."""
    end_s = now.timestamp() // SPACING_S * SPACING_S
    return Span(start_s=(end_s - years * 365.0 * 86_400.0) // 3600.0 * 3600.0, end_s=end_s)


def unfinished_span(folders: HistoryFolders) -> Span | None:
    """Give the span of a history that was cut short, so that `now` means the same when it goes on."""
    note_path = folders.work / _PLACE
    if not note_path.exists():
        return None
    note: dict[str, Any] = json.loads(note_path.read_text(encoding="utf-8"))
    return Span(start_s=note["start_s"], end_s=note["end_s"])


def write_history(
    scenario: Scenario, span: Span, folders: HistoryFolders, progress: Callable[[float], None]
) -> Simulation:
    """Write a history, or go on with one that was cut short; `progress` is told the share that is done.

    Raises
    ------
    SimulatorError
        When the plant is impossible or the disk is full.
    """
    try:
        return _write(scenario, span, folders, progress)
    except OSError as problem:
        raise SimulatorError(
            f"{problem.filename or folders.bundle}: cannot write ({problem.strerror or problem}); free some space or "
            "choose another folder, then run the same command to go on"
        ) from None


def _write(scenario: Scenario, span: Span, folders: HistoryFolders, progress: Callable[[float], None]) -> Simulation:
    unfinished = _take_up(scenario, span, folders)
    simulation = unfinished.simulation
    for name, to_s in list(_months(span))[unfinished.months :]:
        trace = simulation.advance_to(to_s)
        unfinished.rows += _write_month(simulation, trace, folders, name, unfinished.powered)
        unfinished.months += 1
        _mark(unfinished, scenario, span, folders)
        progress((to_s - span.start_s) / (span.end_s - span.start_s))
    _finish(simulation, folders, span, unfinished.powered, unfinished.rows)
    (folders.work / _PLACE).unlink()
    shutil.rmtree(folders.work)
    return simulation


def _write_month(simulation: Simulation, trace: Trace, folders: HistoryFolders, name: str, powered: Powered) -> int:
    faults: list[FaultSpan | PointFault] = []
    with _readings(folders, name) as files:
        for shard, was_on in zip(simulation.shards, powered, strict=True):
            reports = list(simulation.reports(shard, trace, SPACING_S))
            files[shard.equipment_type.id].append(readings_table(shard, reports, was_on))
            faults.extend(shard.spans_between(float(trace.edges_s[0]), float(trace.edges_s[-1])))
            faults.extend(fault for report in reports for fault in report.point_faults)
    write_faults(folders.truth / "sensor_faults" / f"{name}.jsonl", faults)
    write_lives(folders.truth / "lives" / f"{name}.jsonl", trace.removals)
    write_damage(folders.truth / "damage" / f"{name}.parquet", simulation.fleet.layout, trace)
    return sum(file.rows for file in files.values())


@contextmanager
def _readings(folders: HistoryFolders, name: str) -> Iterator["_Files"]:
    """Give the files of readings of a month by equipment type; they are whole when the context ends, or none is."""
    files = _Files(folders.bundle / "readings", name)
    try:
        yield files
        for file in files.values():
            file.close()
    except OSError:
        for file in files.values():
            file.abandon()
        raise


class _Files(dict[str, ReadingsFile]):
    """Files of readings of one month, opened as types turn up."""

    def __init__(self, folder: Path, month: str) -> None:
        self._folder, self._month = folder, month

    def __missing__(self, kind: str) -> ReadingsFile:
        self[kind] = ReadingsFile(self._folder / f"{kind}-{self._month}.parquet")
        return self[kind]


def _finish(simulation: Simulation, folders: HistoryFolders, span: Span, powered: Powered, rows: int) -> None:
    rows += _switch_off(simulation, folders, powered)
    lives = (life for path in sorted((folders.truth / "lives").glob("*.jsonl")) for life in read_lives(path))
    opened = simulation.fleet.open_lives()
    write_lives(folders.truth / "open_lives.jsonl", opened)
    meters = simulation.meters()
    standing = Standing(
        start_s=span.start_s, end_s=span.end_s, meters={(machine, unit): value for machine, unit, value, _ in meters}
    )
    write_books(folders.bundle, keep_books(simulation.scenario.plant, chain(lives, opened), standing))
    write_meters(folders.bundle, meters)
    (folders.bundle / "plant.toml").write_text(dump_plant(simulation.scenario.plant), encoding="utf-8")
    write_manifest(folders.bundle, rows)
    write_scenario(folders.checkpoint, simulation.scenario)
    simulation.save(folders.checkpoint)


def _switch_off(simulation: Simulation, folders: HistoryFolders, powered: Powered) -> int:
    """Report every running machine off at the end, so that what comes after is not taken for a gap."""
    with _readings(folders, "end") as files:
        for shard, was_on in zip(simulation.shards, powered, strict=True):
            files[shard.equipment_type.id].append(off_table(shard, was_on, simulation.at_s))
    return sum(file.rows for file in files.values())


@dataclass(slots=True, kw_only=True)
class _Unfinished:
    """A history that is being written: the factory so far, how many months are done, and what was on at their end."""

    simulation: Simulation
    months: int
    powered: Powered
    rows: int


def _take_up(scenario: Scenario, span: Span, folders: HistoryFolders) -> _Unfinished:
    """Go on with an unfinished history of the same scenario and span, or begin a new one."""
    key = _key(scenario, span)
    note_path = folders.work / _PLACE
    if note_path.exists():
        note: dict[str, Any] = json.loads(note_path.read_text(encoding="utf-8"))
        if note["key"] == key:
            simulation = resume_simulation(scenario, folders.work / note["state"])
            powered = [np.array(flags, dtype=np.bool_) for flags in note["powered"]]
            return _Unfinished(simulation=simulation, months=note["months"], powered=powered, rows=note["rows"])
    for folder in (folders.bundle, folders.truth, folders.checkpoint, folders.work):
        shutil.rmtree(folder, ignore_errors=True)
    simulation = start_simulation(scenario, span.start_s)
    folders.bundle.mkdir(parents=True)
    write_lives(folders.truth / "lives" / "before.jsonl", simulation.past)
    powered = [np.zeros(len(shard.machines), dtype=np.bool_) for shard in simulation.shards]
    return _Unfinished(simulation=simulation, months=0, powered=powered, rows=0)


def _mark(unfinished: _Unfinished, scenario: Scenario, span: Span, folders: HistoryFolders) -> None:
    """Note that a month is whole; the place changes in one step, after the state that it names is written."""
    state = f"state-{unfinished.months % 2}"
    unfinished.simulation.save(folders.work / state)
    note = {"key": _key(scenario, span), "start_s": span.start_s, "end_s": span.end_s, "state": state, "months": unfinished.months, "rows": unfinished.rows,
            "powered": [flags.tolist() for flags in unfinished.powered]}  # fmt: skip
    partial = folders.work / "place.partial"
    partial.write_text(json.dumps(note), encoding="utf-8")
    partial.replace(folders.work / _PLACE)


def _key(scenario: Scenario, span: Span) -> list[Any]:
    """Give what makes a history the same one: all that its bytes follow from, as JSON keeps it."""
    machines = [[machine.id, None if machine.installed_at is None else machine.installed_at.isoformat()]
                for machine in scenario.plant.machines]  # fmt: skip
    return [scenario.seed, scenario.damage_speed, span.start_s, span.end_s, machines, asdict(scenario.rates)]


def _months(span: Span) -> Iterator[tuple[str, float]]:
    at = datetime.fromtimestamp(span.start_s, tz=UTC)
    while at.timestamp() < span.end_s:
        following = datetime(at.year + at.month // 12, at.month % 12 + 1, 1, tzinfo=UTC)
        yield f"{at:%Y-%m}", min(following.timestamp(), span.end_s)
        at = following
