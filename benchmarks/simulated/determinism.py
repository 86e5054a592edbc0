"""V15: the same seed gives the same bytes, and a machine more leaves the lives of the others as they were."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.report import Bar
from benchmarks.simulated import definitions as asked
from benchmarks.simulated.definitions import answer
from benchmarks.simulated.recordings import DAY_S, NO_FAULTS, START_S
from configs.catalogue.load import load_catalogue
from simulators.factory import build_factory
from simulators.history import HistoryFolders, history_span, write_history
from simulators.scenario import Scenario
from simulators.simulation import start_simulation

_END = datetime(2026, 11, 24, tzinfo=UTC)
_MONTHS = 2 / 12

Lives = dict[tuple[str, str, int], float | None]


def determinism(seeds: Sequence[int]) -> Iterator[Bar]:
    """V15: bundles of two runs file by file, with all faults on, and lives with one machine more."""
    yield from answer(asked.SECOND_RUN, [_files_that_differ(seed) for seed in seeds])
    yield from answer(asked.ONE_MORE, [_differing(_lives(11, seed), _lives(12, seed)) for seed in seeds])


def _files_that_differ(seed: int) -> int:
    with tempfile.TemporaryDirectory(prefix="simulator-") as folder:
        first, second = (_bundle(Path(folder) / name, seed) for name in ("first", "second"))
        return sum(second.get(name) != content for name, content in first.items()) + len(second.keys() - first.keys())


def _bundle(root: Path, seed: int) -> dict[str, bytes]:
    plant, shifts = build_factory(load_catalogue(), 8)
    folders = HistoryFolders(bundle=root / "bundle", truth=root / "truth", checkpoint=root / "checkpoint")
    scenario = Scenario(plant=plant, seed=seed, shifts=shifts)
    write_history(scenario, history_span(_END, _MONTHS), folders, lambda _share: None)
    kept = (path for part in (folders.bundle, folders.truth) for path in sorted(part.rglob("*")) if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in kept}


def _lives(machines: int, seed: int) -> Lives:
    plant, shifts = build_factory(load_catalogue(), 24)
    kept = replace(plant, machines=plant.machines[:machines])
    simulation = start_simulation(Scenario(plant=kept, seed=seed, shifts=shifts, rates=NO_FAULTS), START_S)
    trace = simulation.advance_to(START_S + 60 * DAY_S)
    return {(x.machine, x.slot, x.install_no): x.removed_s for x in trace.removals}


def _differing(of: Lives, other: Lives) -> int:
    return sum(bool(other.get(key, -1.0) != value) for key, value in of.items())
