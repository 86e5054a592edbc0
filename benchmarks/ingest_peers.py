"""Beside Node-RED and mqtt2influxdb on the same broker: CPU and memory at 1,000 messages a second, losses in kill -9."""

import json
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

from benchmarks import load, peers
from benchmarks.ingest import Bench, Running, bench, file_system, floods
from benchmarks.report import Bar, NotApplicable, Report
from benchmarks.runner import Wish
from ingest.stores.influxdb_link import InfluxDBAddress, InfluxDBLink
from tests.fakes.influxdb import TOKEN, InfluxDB, an_influxdb, is_installed

OURS = "Yeji"
KEPT = "ingest-peers.json"
RATE = 1_000.0
STEADY_S = 20.0
KILLS = 3
BETWEEN_KILLS_S = 3.0
LISTENS_WITHIN_S = 60.0
SETTLED_BELOW = 0.05
SETTLE_WITHIN_S = 30.0
MIB = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A program under measurement: how it is started, what it says once it listens, and how many messages it has stored."""

    start: Callable[[], Running]
    listens: bytes
    stored: Callable[[], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a contender cost for ten thousand messages, and what it lost."""

    cpu_s: float
    memory_mib: float
    lost: int
    lost_in_kills: int


_TOLD: dict[str, tuple[str, str, float | None]] = {
    "cpu_s": ("CPU of 10,000 messages", "s", None),
    "memory_mib": ("memory at its largest", "MiB", None),
    "lost": ("lost at 1,000/s", "messages", 0),
    "lost_in_kills": ("lost in three kill -9", "messages", 0),
}
"""What is told of each contender: its name, unit, and what ours must be."""


def run(wish: Wish) -> Report:
    """Measure all three, or those of `--only`, one after the other; `--resume` keeps those that were measured before."""
    started = time.perf_counter()
    reason = _missing()
    if reason is not None:
        left_out = (NotApplicable(name="Node-RED and mqtt2influxdb", reason=reason),)
        return Report(benchmark="ingest-peers", version=version("yeji"), bars=(), seconds=0.0, not_applicable=left_out)
    wish.work.mkdir(parents=True, exist_ok=True)
    found, kept = _kept(wish), wish.work / KEPT
    for name, peer in {OURS: None, **peers.install(wish.work.absolute() / "peers")}.items():
        if wish.wants(name) and name not in found:
            with tempfile.TemporaryDirectory(dir=wish.work.absolute(), prefix="peers-") as folder:
                found[name] = _measured(Path(folder), peer)
            kept.write_text(json.dumps({each: asdict(figures) for each, figures in found.items()}), encoding="utf-8")
    return Report(
        benchmark="ingest-peers",
        version=version("yeji"),
        bars=tuple(_bars(found)),
        seconds=time.perf_counter() - started,
        notes=(
            f"{RATE:.0f} messages/s for {STEADY_S:.0f} s, QoS 1, mosquitto, {file_system(wish.work)}; {KILLS} × kill -9 at the same rate",
            "ours keeps the readings itself (DuckDB, fsync), which is counted; the others hand them to InfluxDB 1.6, which is not",
            "Node-RED 4.1: MQTT, JSON, a point, join of a hundred or a second, InfluxDB batch; its session outlives it",
        ),
    )


def _missing() -> str | None:
    if shutil.which("npm") is None:
        return "npm is not installed here (apt install npm)"
    return None if is_installed() else "influxd is not installed here (apt install influxdb)"


def _kept(wish: Wish) -> dict[str, Figures]:
    path = wish.work / KEPT
    if not wish.resume or not path.exists():
        return {}
    return {name: Figures(**figures) for name, figures in json.loads(path.read_text(encoding="utf-8")).items()}


def _bars(found: dict[str, Figures]) -> list[Bar]:
    ours, node, bridge = (found.get(name) for name in (OURS, "Node-RED", "mqtt2influxdb"))
    cpu, memory = (_ratio(ours, node, what) for what in ("cpu_s", "memory_mib"))
    bars = [
        Bar(name="CPU, of Node-RED's", value=cpu, unit="×", must=1.0, aim=0.7),
        Bar(name="memory, of Node-RED's", value=memory, unit="×", must=0.8, aim=0.7),
    ]
    for what, (name, unit, must) in _TOLD.items():
        bars.append(Bar(name=name, value=_of(ours, what), unit=unit, must=must, baseline=_of(node, what)))
    for what, (name, unit, _) in _TOLD.items():
        bars.append(Bar(name=f"mqtt2influxdb: {name}", value=_of(bridge, what), unit=unit, must=None))
    return bars


def _of(figures: Figures | None, what: str) -> float | None:
    return None if figures is None else float(getattr(figures, what))


def _ratio(ours: Figures | None, theirs: Figures | None, what: str) -> float | None:
    """Return our figure over theirs; None where one was not measured."""
    own, other = _of(ours, what), _of(theirs, what)
    return None if own is None or other is None else own / other


def _measured(folder: Path, peer: peers.Peer | None) -> Figures:
    with _prepared(folder / "steady", peer) as (prepared, contender):
        cpu_s, memory_mib, lost = _steady(prepared, contender)
    with _prepared(folder / "kills", peer) as (prepared, contender):
        lost_in_kills = _killed(prepared, contender)
    return Figures(cpu_s=cpu_s, memory_mib=memory_mib, lost=lost, lost_in_kills=lost_in_kills)


@contextmanager
def _prepared(folder: Path, peer: peers.Peer | None) -> Iterator[tuple[Bench, Contender]]:
    """Give a broker, and a contender that has not been started."""
    folder.mkdir()
    with bench(folder, listeners={"yeji": "yeji/v1/#"} if peer is None else {}) as prepared:
        if peer is None:
            yield prepared, Contender(start=prepared.intake, listens=b"mqtt_subscribed", stored=prepared.stored)
            return
        with an_influxdb() as influx:
            influx.run(f'create database "{peers.DATABASE}"')
            command = peer.command(folder / "peer", (prepared.broker.host, prepared.broker.port), influx)
            yield (
                prepared,
                Contender(
                    start=lambda: prepared.spawn(command), listens=peer.listens, stored=lambda: _in_influxdb(influx)
                ),
            )


def _steady(prepared: Bench, contender: Contender) -> tuple[float, float, int]:
    """Return CPU seconds for ten thousand messages, the largest memory, and how many messages were lost."""
    running = _started(contender)
    process = psutil.Process(running.process.pid)
    with _watched(process) as memory_mib:
        before = _cpu_s(process)
        published = prepared.publish(floods(int(RATE * STEADY_S), "steady", rate=RATE)).good
        _settle(process)
        cpu_s = _cpu_s(process) - before
    _stop(running)
    return cpu_s / published * 10_000, max(memory_mib), published - contender.stored()


def _killed(prepared: Bench, contender: Contender) -> int:
    """Return how many messages are lost when the program is killed three times while they come."""
    running = _started(contender)
    publishers = prepared.start_publishing(floods(int(RATE * STEADY_S), "killed", rate=RATE))
    for _ in range(KILLS):
        time.sleep(BETWEEN_KILLS_S)
        running.process.kill()
        running.process.wait()
        running = _started(contender)
    published = prepared.collect(publishers).good
    _settle(psutil.Process(running.process.pid))
    _stop(running)
    return published - contender.stored()


def _started(contender: Contender) -> Running:
    running, deadline = contender.start(), time.monotonic() + LISTENS_WITHIN_S
    while contender.listens not in running.said.read_bytes():
        if time.monotonic() > deadline or running.process.poll() is not None:
            raise RuntimeError(f"a contender does not listen:\n{running.tail()}")
        time.sleep(0.02)
    return running


def _settle(process: psutil.Process) -> None:
    """Wait until a program has nothing left to do."""
    deadline, process_s = time.monotonic() + SETTLE_WITHIN_S, _cpu_s(process)
    while time.monotonic() < deadline:
        time.sleep(2.0)
        now_s = _cpu_s(process)
        if now_s - process_s < 2.0 * SETTLED_BELOW:
            return
        process_s = now_s


def _stop(running: Running) -> None:
    running.process.terminate()
    try:
        running.process.wait(30)
    except subprocess.TimeoutExpired:
        running.process.kill()
        running.process.wait()


@contextmanager
def _watched(process: psutil.Process) -> Iterator[list[float]]:
    """Note a program's memory four times a second while the context lasts."""
    over, found = threading.Event(), [process.memory_info().rss / MIB]

    def watch() -> None:
        while not over.wait(0.25):
            found.append(process.memory_info().rss / MIB)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _in_influxdb(influx: InfluxDB) -> int:
    link = InfluxDBLink(InfluxDBAddress(url=influx.url, token=TOKEN, timeout_s=60.0))
    rows = link.query(peers.DATABASE, f'select count("vib") from "{load.TYPE}"')
    link.close()
    return int(rows[0].columns["count"][0]) if rows else 0
