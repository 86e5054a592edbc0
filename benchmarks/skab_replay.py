"""Real data end to end: SKAB's valve1 experiments replayed over MQTT; is a case raised inside the anomaly, none before?"""

import csv
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx

from benchmarks.program import YEJI, Program, running
from benchmarks.report import Bar, NotApplicable, Report, Sense
from benchmarks.runner import Wish
from service.operations.broker import find_mosquitto

BROKERS = ("mosquitto", "builtin")
EXPERIMENTS = "skab/valve1"
RATE = 20.0
WINDOW = timedelta(seconds=10)
SETTLED_WITHIN_S = 60.0
MUST, AIM = 11.0, 14.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """One file, and its labelled anomaly in seconds from its first row."""

    path: Path
    machine: str
    begins: timedelta
    ends: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """When the first finding of an experiment was raised, from its first row, and what it rests on."""

    experiment: Experiment
    raised: timedelta | None
    sensors: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """Whether a case was raised inside the anomaly, before it, or not at all; a window late still is inside."""
        if self.raised is None:
            return "not at all"
        if self.raised < self.experiment.begins:
            return "before"
        return "inside" if self.raised <= self.experiment.ends + WINDOW else "after"

    def line(self) -> str:
        """Return the row of the table."""
        own = self.experiment
        at = "–" if self.raised is None else f"{self.raised.total_seconds():.0f} s"
        span = f"{own.begins.total_seconds():.0f}–{own.ends.total_seconds():.0f} s"
        return f"{own.path.name:8} anomaly {span:>12}  {self.verdict:10} {at:>7}  {', '.join(self.sensors)}"


def run(wish: Wish) -> Report:
    """Replay with both brokers; `--only mosquitto` or `--only builtin` takes one, `--data` the folder of the data sets."""
    started = time.perf_counter()
    experiments = load_experiments((wish.data or Path("../shared/data")) / EXPERIMENTS)
    bars: list[Bar] = []
    missing: list[NotApplicable] = []
    notes: list[str] = []
    wish.work.mkdir(parents=True, exist_ok=True)
    for broker in filter(wish.wants, BROKERS):
        if broker == "mosquitto" and find_mosquitto() is None:
            missing.append(NotApplicable(name=broker, reason="mosquitto is not installed on this machine"))
            continue
        outcomes = _replay_all(broker, experiments, wish.work)
        bars += _bars(broker, outcomes)
        notes += [f"{broker}:", *(outcome.line() for outcome in outcomes)]
    return Report(
        benchmark="skab-replay",
        version=version("yeji"),
        bars=tuple(bars),
        seconds=time.perf_counter() - started,
        not_applicable=tuple(missing),
        notes=tuple(notes),
    )


def load_experiments(folder: Path) -> tuple[Experiment, ...]:
    """Return the experiments of a folder in the order of their numbers; FileNotFoundError where there is none."""
    paths = sorted(folder.glob("*.csv"), key=lambda path: int(path.stem))
    if not paths:
        raise FileNotFoundError(f"{folder}: no SKAB experiment there; name the folder of the data sets with --data")
    return tuple(_experiment(path) for path in paths)


def _experiment(path: Path) -> Experiment:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [
            (datetime.fromisoformat(row["datetime"]), float(row["anomaly"]))
            for row in csv.DictReader(file, delimiter=";")
        ]
    times = [time_ for time_, _ in rows]
    marked = [time_ for time_, anomaly in rows if anomaly > 0]
    first = min(times)
    return Experiment(path=path, machine=f"rig-{path.stem}", begins=min(marked) - first, ends=max(marked) - first)


def _replay_all(broker: str, experiments: tuple[Experiment, ...], work: Path) -> list[Outcome]:
    with tempfile.TemporaryDirectory(dir=work, prefix=f"skab-{broker}-") as name:
        folder = Path(name)
        plant = folder / "plant.toml"
        plant.write_text("\n".join(_plant(experiments)), encoding="utf-8")
        settings = folder / "settings.toml"
        settings.write_text(f'[mqtt]\nbroker = "{broker}"\nport = 0\n', encoding="utf-8")
        with running(folder / "data", plant, settings) as program:
            starts = _publish(program, experiments, plant)
            _wait_until_assessed(program, experiments)
            return [_outcome(program, each, starts[each.machine]) for each in experiments]


def _plant(experiments: tuple[Experiment, ...]) -> Iterator[str]:
    yield '[[site]]\nid = "bench"\nname = "Bench"\ntime_zone = "Asia/Seoul"\n'
    yield '[[line]]\nid = "rigs"\nname = "Rigs"\nsite = "bench"\n'
    for each in experiments:
        yield f'[[machine]]\nid = "{each.machine}"\nname = "{each.machine}"\nline = "rigs"\ntype = "skab_water_rig"\n'


def _publish(program: Program, experiments: tuple[Experiment, ...], plant: Path) -> dict[str, datetime]:
    """Replay every experiment as its own rig, all at once; return when each began in event time."""
    host, port = program.broker
    fixed = ["--rate", str(RATE), "--broker", f"{host}:{port}", "--plant", str(plant), "--json"]
    started = {
        each.machine: subprocess.Popen(
            [str(YEJI), "replay", "skab", "--file", str(each.path), "--machine", each.machine, *fixed],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for each in experiments
    }
    return {machine: _began(machine, process) for machine, process in started.items()}


def _began(machine: str, process: "subprocess.Popen[str]") -> datetime:
    shown, trouble = process.communicate(timeout=600)
    if process.returncode != 0:
        raise RuntimeError(f"replay of {machine} failed: {trouble.strip().splitlines()[-1:]}")
    return datetime.fromisoformat(json.loads(shown)["first_event_time"])


def _wait_until_assessed(program: Program, experiments: tuple[Experiment, ...]) -> None:
    """Wait until every rig is seen to be off and nothing new has been concluded for some seconds."""
    deadline = time.perf_counter() + SETTLED_WITHIN_S
    before, quiet = -1.0, 0
    while time.perf_counter() < deadline and quiet < 5:
        time.sleep(1.0)
        assessed = _metric(program, "yeji_monitor_windows_total")
        quiet = quiet + 1 if assessed == before and assessed > len(experiments) else 0
        before = assessed


def _metric(program: Program, name: str) -> float:
    text = httpx.get(f"{program.address}/metrics", headers=program.headers, timeout=30).text
    return sum(float(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name} "))


def _outcome(program: Program, experiment: Experiment, began: datetime) -> Outcome:
    findings = [finding for case in _cases(program, experiment.machine) for finding in case["findings"]]
    shown = [finding for finding in findings if finding["kind"] in {"anomaly", "limit"}]
    if not shown:
        return Outcome(experiment=experiment, raised=None, sensors=())
    first = min(shown, key=lambda finding: datetime.fromisoformat(finding["started_at"]))
    return Outcome(
        experiment=experiment,
        raised=datetime.fromisoformat(first["started_at"]) - began,
        sensors=tuple(sensor["sensor"] for sensor in first["sensors"][:3]),
    )


def _cases(program: Program, machine: str) -> list[dict[str, Any]]:
    answer = httpx.get(
        f"{program.address}/api/v1/cases", params={"machine": machine}, headers=program.headers, timeout=30
    )
    answer.raise_for_status()
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def _bars(broker: str, outcomes: list[Outcome]) -> Iterator[Bar]:
    counts = {
        verdict: sum(o.verdict == verdict for o in outcomes) for verdict in ("inside", "before", "not at all", "after")
    }
    yield Bar(
        name=f"raised inside and none before, {broker}",
        value=float(counts["inside"]),
        unit=f"of {len(outcomes)}",
        must=MUST,
        aim=AIM,
        sense=Sense.AT_LEAST,
    )
    for verdict in ("before", "not at all", "after"):
        yield Bar(name=f"{verdict}, {broker}", value=float(counts[verdict]), unit=f"of {len(outcomes)}", must=None)
    delays = sorted(
        (o.raised - o.experiment.begins).total_seconds()
        for o in outcomes
        if o.raised is not None and o.verdict == "inside"
    )
    if delays:
        yield Bar(name=f"median delay, {broker}", value=delays[len(delays) // 2], unit="s", must=None)
