"""How fast the simulated factory runs: at 10,000 machines, back-filling, back-filling with the import, and live."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.report import Bar, Sense
from benchmarks.simulated.live_speed import live
from benchmarks.simulated.recordings import START_S
from configs.catalogue.load import load_catalogue
from simulators.factory import build_factory
from simulators.history import HistoryFolders, history_span, write_history
from simulators.scenario import Scenario
from simulators.signals import EXECUTING
from simulators.simulation import Simulation, start_simulation

_END = datetime(2026, 11, 24, tzinfo=UTC)


def speed(seeds: Sequence[int]) -> Iterator[Bar]:
    """Measure all of it, each figure in CPU seconds of one core or in wall seconds where a person waits."""
    yield _generation(seeds[0])
    yield from _small_history(seeds[0])
    yield from _large_history()
    yield from live()


def _generation(seed: int) -> Bar:
    plant, shifts = build_factory(load_catalogue(), 10_000)
    simulation = start_simulation(Scenario(plant=plant, seed=seed, shifts=shifts), START_S)
    _samples(simulation, START_S + 60.0)
    began = time.process_time()
    samples = _samples(simulation, START_S + 360.0)
    rate = samples / (time.process_time() - began) / 1e6
    return Bar(
        name="speed: 10,000 machines at 1 Hz, faults on", value=rate, unit="M samples/s", must=3.0, sense=Sense.AT_LEAST
    )


def _samples(simulation: Simulation, to_s: float) -> int:
    trace = simulation.advance_to(to_s)
    count = 0
    for shard in simulation.shards:
        for report in simulation.reports(shard, trace, 1.0):
            count += report.state.size
            if not (report.state <= EXECUTING).all():
                raise AssertionError("a state that does not exist")
    return count


def _small_history(seed: int) -> Iterator[Bar]:
    with tempfile.TemporaryDirectory(prefix="simulator-") as folder:
        root = Path(folder)
        plant, shifts = build_factory(load_catalogue(), 24)
        folders = HistoryFolders(bundle=root / "bundle", truth=root / "truth", checkpoint=root / "checkpoint")
        began = time.process_time()
        write_history(
            Scenario(plant=plant, seed=seed, shifts=shifts), history_span(_END, 1.0), folders, lambda _share: None
        )
        yield Bar(
            name="speed: 24 machines, a year of minutes, written",
            value=time.process_time() - began,
            unit="s",
            must=20.0,
        )
        rows = json.loads((folders.bundle / "manifest.json").read_text(encoding="utf-8"))["rows"]
        yield Bar(name="speed: rows in that bundle", value=rows, unit="", must=None)


def _large_history() -> Iterator[Bar]:
    """Time both commands as a person gives them, and the larger of their memories."""
    with tempfile.TemporaryDirectory(prefix="simulator-") as folder:
        root = Path(folder)
        began = time.monotonic()
        options = ["--years", "2", "--machines", "100", "--end", _END.isoformat(), "--no-staged"]
        written = _run("yeji-simulate", ["history", "--out", str(root / "bundle"), *options])
        half = time.monotonic()
        imported = _run("yeji", ["import", str(root / "bundle"), "--data", str(root / "data")])
        done = time.monotonic()
    yield Bar(name="speed: 100 machines x 2 years of minutes, written and imported", value=done - began, unit="s", must=180.0)  # fmt: skip
    yield Bar(name="speed: of which writing", value=half - began, unit="s", must=None)
    yield Bar(name="speed: CPU of both", value=written.cpu_s + imported.cpu_s, unit="s", must=None)
    yield Bar(name="speed: memory of writing", value=written.memory_gib, unit="GiB", must=1.0)
    yield Bar(name="speed: memory of importing", value=imported.memory_gib, unit="GiB", must=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cost:
    cpu_s: float
    memory_gib: float


_MEASURED = (
    "import json, resource, subprocess, sys; code = subprocess.run(sys.argv[1:], stdout=2).returncode;"
    " used = resource.getrusage(resource.RUSAGE_CHILDREN);"
    " print(json.dumps([code, used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20]))"
)


def _run(program: str, arguments: list[str]) -> _Cost:
    command = [str(Path(sys.executable).with_name(program)), *arguments]
    done = subprocess.run([sys.executable, "-c", _MEASURED, *command], capture_output=True, text=True, check=True)
    code, cpu_s, memory = json.loads(done.stdout)
    if code:
        raise RuntimeError(f"{program} ended with code {code}: {done.stderr[-300:]}")
    return _Cost(cpu_s=cpu_s, memory_gib=memory)
