"""From an MQTT message to an open page: start times, publish → stored → shown, CPU and memory, at 24 and 500 machines."""

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import httpx

from benchmarks import load
from benchmarks.latency import open_pages, percentile, stored_latencies_s
from benchmarks.program import Program, running
from benchmarks.report import Bar, Report
from benchmarks.runner import Wish

SIZES = (24, 500)
MEASURED_S = 60.0
WARM_UP_S = 5.0
PAGES = 10
MEMORY_AT = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one size of factory cost."""

    machines: int
    stored_s: list[float]
    shown_s: list[float]
    cpu_share: float
    memory_mib: float
    lost: int


def run(wish: Wish) -> Report:
    """Measure; `--only 24` or `--only 500` measures one size."""
    started = time.perf_counter()
    wish.work.mkdir(parents=True, exist_ok=True)
    bars: list[Bar] = []
    with tempfile.TemporaryDirectory(dir=wish.work, prefix="main-job-") as folder:
        for machines in (size for size in SIZES if wish.wants(str(size))):
            bars += _measure(Path(folder), machines)
    return Report(
        benchmark="main-job",
        version=version("yeji"),
        bars=tuple(bars),
        seconds=time.perf_counter() - started,
        notes=(
            f"{MEASURED_S:.0f} s a size, {PAGES} open pages, one message of {len(load.VALUES)} values a machine and second",
            "stored = readable through the API, asked for without pause; it includes one HTTP request",
        ),
    )


def _measure(folder: Path, machines: int) -> list[Bar]:
    plant = load.write_plant(folder / f"plant-{machines}", machines)
    data = folder / f"data-{machines}"
    with running(data, plant) as program:
        first_start_s = program.start_s
        figures = _load(program, machines)
    with running(data, plant) as program:
        return [_first(machines, first_start_s), _second(machines, program.start_s), *_bars(figures)]


def _load(program: Program, machines: int) -> Figures:
    total = WARM_UP_S + MEASURED_S
    command = [sys.executable, "-m", "benchmarks.load", program.broker[0], str(program.broker[1])]
    with open_pages(program, PAGES) as page:
        publisher = subprocess.Popen([*command, str(machines), str(total)], stdout=subprocess.PIPE, text=True)
        time.sleep(WARM_UP_S)
        page.ages_s.clear()
        cpu, since = program.cpu_s(), time.perf_counter()
        stored = stored_latencies_s(program, MEASURED_S)
        share = (program.cpu_s() - cpu) / (time.perf_counter() - since)
        shown = list(page.ages_s)
        sent = int(publisher.communicate(timeout=60)[0])
    return Figures(
        machines=machines,
        stored_s=stored,
        shown_s=shown,
        cpu_share=share,
        memory_mib=program.memory_mib(),
        lost=sent + len(stored) - _taken_in(program, sent + len(stored)),
    )


def _taken_in(program: Program, expected: int) -> int:
    """Return how many messages were stored, once nothing is missing any more or ten seconds are over."""
    deadline = time.perf_counter() + 10
    taken = 0
    while taken < expected and time.perf_counter() < deadline:
        text = httpx.get(f"{program.address}/metrics", headers=program.headers, timeout=10).text
        (line,) = [line for line in text.splitlines() if line.startswith("yeji_intake_messages_total ")]
        taken = int(float(line.split()[1]))
    return taken


def _bars(figures: Figures) -> list[Bar]:
    size = f"{figures.machines} machines"
    memory_must = 500.0 if figures.machines == MEMORY_AT else None
    return [
        Bar(name=f"publish → stored p50, {size}", value=percentile(figures.stored_s, 50), unit="s", must=None),
        Bar(name=f"publish → stored p99, {size}", value=percentile(figures.stored_s, 99), unit="s", must=0.25, aim=0.1),
        Bar(name=f"publish → shown p99, {size}", value=percentile(figures.shown_s, 99), unit="s", must=2.0, aim=1.0),
        Bar(name=f"messages lost, {size}", value=float(figures.lost), unit="", must=0.0),
        Bar(name=f"CPU, {size}", value=figures.cpu_share, unit="cores", must=None),
        Bar(name=f"memory, {size}", value=figures.memory_mib, unit="MiB", must=memory_must),
    ]


def _first(machines: int, seconds: float) -> Bar:
    return Bar(name=f"first start, {machines} machines", value=seconds, unit="s", must=None)


def _second(machines: int, seconds: float) -> Bar:
    return Bar(name=f"second start, {machines} machines", value=seconds, unit="s", must=20.0)
