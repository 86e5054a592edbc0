"""What a message costs on its way from the broker to the disk, beside a subscriber that only decodes it.

Generator and broker are processes of their own and are not counted; every commit is forced to the disk.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import numpy as np

from benchmarks import bare_subscriber, load
from benchmarks.flood import COLUMN_ROWS, VALUES, Flood, Published
from benchmarks.report import Bar, Report, Sense
from benchmarks.runner import Wish
from service.operations.broker import BrokerFlavour, BrokerOptions, OwnBroker, start_broker

ROOT = Path(__file__).parents[1]
LISTENERS = {"yeji": "yeji/v1/#", bare_subscriber.CLIENT_ID: bare_subscriber.TOPICS}
"""Names that the broker keeps a queue for, and the topics of each."""

PUBLISHERS = 3
MACHINES = 99
ROUNDS = 3
MESSAGES = 45_000
BATCHES = 4_500
RATE = 1_000.0
STEADY_S = 90.0
BACKLOG = 1_000_000
QUEUE = 2_000_000
WITHIN_S = 600.0
FLAT_MIB = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A process that is measured, or that publishes, and the file that it writes to."""

    process: "subprocess.Popen[bytes]"
    said: Path

    def wait_listening(self) -> None:
        """Wait until it has subscribed, so that its start is not measured as age."""
        deadline = time.monotonic() + 60
        while b"mqtt_subscribed" not in self.said.read_bytes():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError(f"intake has not subscribed:\n{self.tail()}")
            time.sleep(0.02)

    def answer(self) -> dict[str, Any]:
        """Wait for its end, and return the last document that it printed."""
        self.process.wait(WITHIN_S)
        lines = [line for line in self.said.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
        if self.process.returncode or not lines:
            raise RuntimeError(f"a process ended with {self.process.returncode}:\n{self.tail()}")
        answer: dict[str, Any] = json.loads(lines[-1])
        return answer

    def tail(self) -> str:
        """Return the last lines that it wrote."""
        return "\n".join(self.said.read_text(encoding="utf-8").splitlines()[-15:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """One part's broker and plant, with the sessions of those that are measured known to the broker."""

    folder: Path
    plant: Path
    broker: OwnBroker
    spawned: list[Running] = field(default_factory=list)

    @property
    def data(self) -> Path:
        """Where intake keeps what it takes in."""
        return self.folder / "data"

    def publish(self, wanted: Sequence[Flood]) -> Published:
        """Publish from one process a flood, all at once; return what the broker has taken."""
        return self.collect(self.start_publishing(wanted))

    def start_publishing(self, wanted: Sequence[Flood]) -> list[Running]:
        """Start to publish from one process a flood."""
        started = []
        for flood in wanted:
            spec = self.folder / f"flood-{flood.first}.json"
            spec.write_text(json.dumps(asdict(flood)), encoding="utf-8")
            started.append(self._spawn("benchmarks.flood", spec))
        return started

    def collect(self, publishers: Sequence[Running]) -> Published:
        """Wait for publishers, and return what the broker has taken of all of them."""
        told = [each.answer() for each in publishers]
        good, poison = sum(each["good"] for each in told), sum(each["poison"] for each in told)
        return Published(good=good, poison=poison, seconds=max(each["seconds"] for each in told))

    def intake(self, count: int | None = None) -> Running:
        """Start intake as the service runs it, to end after so many messages, or when it is told to."""
        return self._spawn("benchmarks.intake_only", self.plant, self.data, first=True, count=count)

    def bare(self, count: int) -> Running:
        """Start the subscriber that only decodes, to end after so many messages."""
        return self._spawn("benchmarks.bare_subscriber", count=count)

    def stored(self) -> int:
        """Return how many rows are in the store, which must be closed."""
        with duckdb.connect(str(self.data / "telemetry.duckdb"), read_only=True) as store:
            found = store.execute(f"select count(*) from raw_{load.TYPE}").fetchone()
        return int(found[0]) if found else 0

    def _spawn(self, module: str, *paths: Path, first: bool = False, count: int | None = None) -> Running:
        where = [self.broker.host, str(self.broker.port)]
        own = [*map(str, paths), *where] if first else [*where, *map(str, paths)]
        return self.spawn([sys.executable, "-m", module, *own, *([] if count is None else [str(count)])])

    def spawn(self, command: Sequence[str]) -> Running:
        """Start a process that writes to a file of its own."""
        said = Path(tempfile.mkstemp(dir=self.folder, prefix="said-")[1])
        with said.open("wb") as log:
            running = Running(process=subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT), said=said)
        self.spawned.append(running)
        return running

    def end_all(self) -> None:
        """End whatever still runs."""
        for running in self.spawned:
            running.process.kill()
            running.process.wait()


def run(wish: Wish) -> Report:
    """Measure the parts that are wanted: single, columns, steady, poison, backlog."""
    started = time.perf_counter()
    wish.work.mkdir(parents=True, exist_ok=True)
    bars: list[Bar] = []
    for name, measure in PARTS.items():
        if wish.wants(name):
            with (
                tempfile.TemporaryDirectory(dir=wish.work.absolute(), prefix="ingest-") as folder,
                bench(Path(folder)) as prepared,
            ):
                bars += measure(prepared)
    return Report(
        benchmark="ingest",
        version=version("yeji"),
        bars=tuple(bars),
        seconds=time.perf_counter() - started,
        notes=(
            f"{len(VALUES)} values a message, QoS 1, {MACHINES} machines, {PUBLISHERS} publishers, mosquitto; DuckDB with fsync on {file_system(wish.work)}",
            "CPU is of the measured process alone, from before it connects until the last message is durable (ours) or decoded (bare)",
        ),
    )


@contextmanager
def bench(folder: Path, listeners: Mapping[str, str] = MappingProxyType(LISTENERS)) -> Iterator[Bench]:
    """Start a broker that keeps a queue for each listener from now on."""
    broker = start_broker(
        BrokerOptions(folder=folder / "broker", flavour=BrokerFlavour.MOSQUITTO, queue_messages=QUEUE)
    )
    try:
        for client_id, topics in listeners.items():
            begin_session(broker, client_id, topics)
        prepared = Bench(folder=folder, plant=load.write_plant(folder, MACHINES), broker=broker)
        try:
            yield prepared
        finally:
            prepared.end_all()
    finally:
        broker.stop()


def begin_session(broker: OwnBroker, client_id: str, topics: str) -> None:
    """Let the broker know a session, and leave it there without a connection."""
    client, granted = bare_subscriber.subscribed((broker.host, broker.port), client_id, topics), []
    client.on_subscribe = lambda *_: granted.append(True)
    deadline = time.monotonic() + 10
    while not granted and time.monotonic() < deadline:
        client.loop(0.05)
    client.disconnect()
    client.loop(0.05)


def _single(prepared: Bench) -> list[Bar]:
    ours, bare = _costs(prepared, MESSAGES, columns=False)
    ratios = [own["cpu_s"] / other["cpu_s"] for own, other in zip(ours, bare, strict=True)]
    each_us = 1e6 / MESSAGES
    return [
        Bar(name="single messages, CPU of a bare subscriber's", value=_median(ratios), unit="×", must=2.0, aim=1.5),
        Bar(
            name="CPU a message",
            value=_median([own["cpu_s"] for own in ours]) * each_us,
            unit="µs",
            must=None,
            baseline=_median([other["cpu_s"] for other in bare]) * each_us,
        ),
        Bar(
            name="messages/s, as fast as they come",
            value=_median([MESSAGES / own["seconds"] for own in ours]),
            unit="/s",
            must=None,
            baseline=_median([MESSAGES / other["seconds"] for other in bare]),
            sense=Sense.AT_LEAST,
        ),
        Bar(name="single messages lost", value=ROUNDS * MESSAGES - prepared.stored(), unit="messages", must=0),
    ]


def _columns(prepared: Bench) -> list[Bar]:
    ours, _ = _costs(prepared, BATCHES, columns=True)
    rates = [BATCHES * COLUMN_ROWS * len(VALUES) / own["cpu_s"] for own in ours]
    lost = ROUNDS * BATCHES * COLUMN_ROWS - prepared.stored()
    return [
        Bar(
            name=f"batches of {COLUMN_ROWS} × {len(VALUES)}, readings a second of one core",
            value=_median(rates),
            unit="/s",
            must=500_000,
            aim=1_000_000,
            sense=Sense.AT_LEAST,
        ),
        Bar(name="rows of batches lost", value=lost, unit="rows", must=0),
    ]


def _costs(prepared: Bench, count: int, *, columns: bool) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return what the same messages cost us and the bare subscriber, taking turns."""
    ours, bare = [], []
    for number in range(ROUNDS):
        prepared.publish(floods(count, f"round{number}", columns=columns))
        turns: list[Callable[[], None]] = [
            lambda: ours.append(prepared.intake(count).answer()),
            lambda: bare.append(prepared.bare(count).answer()),
        ]
        for turn in turns if number % 2 == 0 else reversed(turns):
            turn()
    return ours, bare


def _steady(prepared: Bench) -> list[Bar]:
    count = int(STEADY_S * RATE)
    told = _at_rate(prepared, floods(count, "steady", rate=RATE))
    memory = told["rss_mib"][len(told["rss_mib"]) // 3 :]
    grown = _median(memory[-5:]) - _median(memory[:5])
    return [
        Bar(
            name="publish → durable at 1,000/s, p99", value=told["p99_ms"], unit="ms", must=250, baseline=told["p50_ms"]
        ),
        Bar(name="CPU at 1,000/s", value=100 * told["cpu_s"] / told["seconds"], unit="% of a core", must=None),
        Bar(name="RSS at 1,000/s", value=max(memory), unit="MiB", must=250),
        Bar(name="RSS grown in the last two thirds", value=grown, unit="MiB", must=FLAT_MIB),
        Bar(name="lost at 1,000/s", value=count - prepared.stored(), unit="messages", must=0),
    ]


def _poison(prepared: Bench) -> list[Bar]:
    count = int(STEADY_S * RATE / 3)
    baseline = _at_rate(prepared, floods(count, "clean", rate=RATE))
    mixed = _at_rate(prepared, floods(count, "mixed", rate=RATE, poison_every=5))
    bad = -(-count // PUBLISHERS // 5) * PUBLISHERS
    return [
        Bar(
            name="p99 of good messages with 20 % poison, of the clean stream's",
            value=mixed["p99_ms"] / baseline["p99_ms"],
            unit="×",
            must=2.0,
        ),
        Bar(name="p99 with 20 % poison", value=mixed["p99_ms"], unit="ms", must=None, baseline=baseline["p99_ms"]),
        Bar(name="poison not in the dead letters", value=bad - mixed["refused"], unit="messages", must=0),
        Bar(name="good messages lost", value=2 * count - bad - prepared.stored(), unit="messages", must=0),
    ]


def _backlog(prepared: Bench) -> list[Bar]:
    published = prepared.publish(floods(BACKLOG, "backlog"))
    told = prepared.intake(published.good).answer()
    return [
        Bar(
            name="backlog lost",
            value=published.good - prepared.stored(),
            unit="messages",
            must=0,
            baseline=published.good,
        ),
        Bar(
            name="backlog drained at",
            value=published.good / told["seconds"],
            unit="messages/s",
            must=None,
            sense=Sense.AT_LEAST,
        ),
        Bar(name="RSS while it drains", value=max(told["rss_mib"]), unit="MiB", must=250),
        Bar(name="reconnects while it drains", value=told["reconnects"], unit="", must=0),
    ]


PARTS: dict[str, Callable[[Bench], list[Bar]]] = {
    "single": _single,
    "columns": _columns,
    "steady": _steady,
    "poison": _poison,
    "backlog": _backlog,
}


def _at_rate(prepared: Bench, floods: Sequence[Flood]) -> dict[str, Any]:
    """Return what intake told of floods that it took in while they were published."""
    intake = prepared.intake(sum(flood.count for flood in floods))
    intake.wait_listening()
    prepared.publish(floods)
    return intake.answer()


def floods(count: int, boot: str, **more: Any) -> list[Flood]:
    """Share messages among the publishers, each with machines of its own."""
    machines, rate = MACHINES // PUBLISHERS, more.pop("rate", 0.0)
    shares = [count // PUBLISHERS + (at < count % PUBLISHERS) for at in range(PUBLISHERS)]
    return [
        Flood(boot=boot, count=share, machines=machines, first=at * machines, rate=rate / PUBLISHERS, **more)
        for at, share in enumerate(shares)
    ]


def _median(figures: Sequence[float]) -> float:
    return float(np.median(figures))


def file_system(folder: Path) -> str:
    """Return which file system a folder is on; what fsync costs depends on it."""
    found = subprocess.run(["stat", "-f", "-c", "%T", str(folder)], capture_output=True, text=True, check=False)
    return found.stdout.strip() or "an unknown file system"
