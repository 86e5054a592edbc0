"""`kill -9` of the service under load: every message that the broker took is in the store or the dead letters, once."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import duckdb

from benchmarks import load
from benchmarks.kill9_oracle import MACHINES, SENTINEL
from benchmarks.program import YEJI
from benchmarks.report import Bar, Report, Sense
from benchmarks.runner import Wish
from service.operations.broker import BrokerFlavour, BrokerOptions, start_broker

KILLS = 10
RATE = 1_000.0
LAST_KILL_S = 6.0
DURING_START = 0.2
"""The share of kills that hit the program while it starts; the others come after it has subscribed."""

START_S = 3.0
DRAIN_TRIES = 20
SEED = 20261125
ROOT = Path(__file__).parents[1]

_NUMBER = re.compile(rb'"boot": "([0-9a-f]+)", "seq": (\d+)')
Number = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of the obligations."""

    published: int
    obligations: int
    kills: int
    rate: float
    lost: int
    doubled: int
    foreign: int
    in_dead_letters: int


def run(wish: Wish) -> Report:
    """Kill the service ten times at random moments and judge."""
    started = time.perf_counter()
    wish.work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=wish.work, prefix="kill9-") as folder:
        verdict = kill_and_judge(Path(folder), whole_service, kills=KILLS, rate=RATE)
    return Report(
        benchmark="durability-kill9",
        version=version("yeji"),
        bars=(
            Bar(name="lost", value=verdict.lost, unit="messages", must=0),
            Bar(name="doubled", value=verdict.doubled, unit="messages", must=0),
            Bar(name="foreign", value=verdict.foreign, unit="messages", must=0),
            Bar(name="kills", value=verdict.kills, unit="", must=KILLS, sense=Sense.AT_LEAST),
            Bar(name="obligations", value=verdict.obligations, unit="messages", must=None),
            Bar(name="in the dead letters", value=verdict.in_dead_letters, unit="messages", must=None),
            Bar(name="published", value=verdict.rate, unit="messages/s", must=0.9 * RATE, sense=Sense.AT_LEAST),
        ),
        seconds=time.perf_counter() - started,
        notes=(
            f"seed {SEED}; a fifth of the kills during start-up, the others up to {LAST_KILL_S:.0f} s after it subscribed",
        ),
    )


Command = Callable[[Path, Path, tuple[str, int]], list[str]]
"""How the program under test is started on a plant, a data folder and a broker."""


def whole_service(plant: Path, data: Path, _broker: tuple[str, int]) -> list[str]:
    """Return the command of the whole service; it finds the broker in its environment."""
    return [str(YEJI), "run", "--data", str(data), "--plant", str(plant), "--port", "0"]


def intake_alone(plant: Path, data: Path, broker: tuple[str, int]) -> list[str]:
    """Return the command of intake without monitor and pages."""
    return [sys.executable, "-m", "benchmarks.intake_only", str(plant), str(data), broker[0], str(broker[1])]


def kill_and_judge(
    folder: Path, command: Command, *, kills: int, rate: float, longest_s: float = LAST_KILL_S, least: int = 1
) -> Verdict:
    """Run broker, oracle and program on a folder, kill the program so often, and compare what is left.

    The oracle publishes until the last kill, and `least` messages however early that comes.
    """
    plant, data, result = load.write_plant(folder, MACHINES), folder / "data", folder / "oracle.json"
    broker = start_broker(
        BrokerOptions(folder=folder / "broker", flavour=BrokerFlavour.MOSQUITTO, queue_messages=1_000_000)
    )
    try:
        service = _Service(command(plant, data, (broker.host, broker.port)), data, (broker.host, broker.port))
        service.start()
        service.wait_subscribed()
        oracle = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "benchmarks.kill9_oracle",
                broker.host,
                *map(str, (broker.port, rate, least, result)),
            ],
            stdin=subprocess.PIPE,
            cwd=ROOT,
        )
        generator = random.Random(SEED)
        for _ in range(kills):
            if generator.random() < DURING_START:
                time.sleep(generator.uniform(0.0, START_S))
            else:
                service.wait_subscribed()
                time.sleep(generator.uniform(0.0, longest_s))
            service.kill()
            service.start()
        oracle.communicate(timeout=120)
        service.drain()
    finally:
        service.kill()
        broker.stop()
    return _judge(data / "telemetry.duckdb", json.loads(result.read_text(encoding="utf-8")), kills)


class _Service:
    """The program under test, on a broker that outlives it."""

    def __init__(self, command: list[str], data: Path, broker: tuple[str, int]) -> None:
        self._command = command
        self._data = data
        self._log = data.with_name("service.log")
        own = {"YEJI_MQTT__BROKER": "external", "YEJI_MQTT__HOST": broker[0], "YEJI_MQTT__PORT": str(broker[1])}
        self._environment = {k: v for k, v in os.environ.items() if not k.startswith("YEJI_")} | own
        self._process: subprocess.Popen[bytes] | None = None
        self._subscribed = 0

    def start(self) -> None:
        """Start the program."""
        self._subscribed = self._said()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log, env=self._environment, cwd=ROOT)

    def wait_subscribed(self) -> None:
        """Wait until the program listens to the broker."""
        deadline = time.monotonic() + 60
        while self._said() == self._subscribed:
            if time.monotonic() > deadline or self._process is None or self._process.poll() is not None:
                raise RuntimeError(f"the program has not subscribed; see {self._log}")
            time.sleep(0.02)

    def _said(self) -> int:
        return self._log.read_text(encoding="utf-8").count("mqtt_subscribed") if self._log.exists() else 0

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def drain(self) -> None:
        """Let the service go on until the last message is stored; it is stopped then."""
        for _ in range(DRAIN_TRIES):
            self.wait_subscribed()
            time.sleep(4)
            if self._process is not None:
                self._process.terminate()
                self._process.wait(60)
            if _has_sentinel(self._data / "telemetry.duckdb"):
                return
            self.start()
        raise RuntimeError(f"the last message was not stored; see {self._log}")


def _has_sentinel(path: Path) -> bool:
    with duckdb.connect(str(path), read_only=True) as store:
        found = store.execute(f"select count(*) from raw_{load.TYPE} where machine = ?", [SENTINEL]).fetchone()
    return bool(found and found[0])


def _judge(path: Path, said: dict[str, object], kills: int) -> Verdict:
    boot = said["boot"]
    with duckdb.connect(str(path), read_only=True) as store:
        stored = store.execute(
            f"select machine, boot, seq from raw_{load.TYPE} where machine <> ?", [SENTINEL]
        ).fetchall()
        letters = store.execute("select topic, payload from dead_letters").fetchall()
    rows: Counter[Number] = Counter((machine, seq) for machine, _, seq in stored)
    poison: Counter[Number] = Counter(_number(topic, payload) for topic, payload in letters)
    obligations = {(str(machine), int(seq)) for machine, seq in said["obligations"]}  # type: ignore[attr-defined]
    everything = rows + poison
    return Verdict(
        published=int(str(said["published"])),
        obligations=len(obligations),
        kills=kills,
        rate=int(str(said["published"])) / float(str(said["seconds"])),
        lost=len(obligations - everything.keys()),
        doubled=sum(count - 1 for count in everything.values()),
        foreign=sum(1 for _, other, _ in stored if other != boot),
        in_dead_letters=len(poison),
    )


def _number(topic: str, payload: bytes) -> Number:
    found = _NUMBER.search(payload)
    return (topic.split("/")[4], int(found[2])) if found else (topic, -1)
