"""A broker, an oracle that publishes and remembers, and intake in a process of its own: what the faults are done to.

A PUBACK makes a message an obligation. When all is over the store and the dead letters are compared with the
obligations: LOST are those in neither, DUP the rows beyond one, FOREIGN those that nobody sent, CORRUPT those whose
values differ from what was sent, STRANDED those that only came once the process was started again.
"""

import json
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from benchmarks import load
from benchmarks.kill9_oracle import MACHINES, Oracle, flow_of
from ingest.stores.duckdb_store import DuckDBStore
from service.operations.broker import find_mosquitto

ROOT = Path(__file__).parents[2]
QUIET_S = 3.0
_NUMBER = re.compile(rb'"boot": "([0-9a-f]+)", "seq": (\d+)')
PLAIN = "persistence false\n"
SHIPPED = "persistence true\npersistence_location {folder}/\nautosave_on_changes true\nautosave_interval 1000\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of the obligations of one case, and what else it measured; `wrong` says what did not hold."""

    obligations: int = 0
    kills: int = 0
    lost: int = 0
    doubled: int = 0
    foreign: int = 0
    corrupt: int = 0
    stranded: int = 0
    figures: dict[str, float] = field(default_factory=dict)
    wrong: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether nothing was lost, doubled, foreign, corrupt or stranded, and everything else held."""
        return not (self.lost or self.doubled or self.foreign or self.corrupt or self.stranded or self.wrong)


class Rig:
    """One case's broker, oracle and process, on one folder."""

    def __init__(self, folder: Path, *, persistence: str = SHIPPED, queue: int = 1_000_000, more: str = "") -> None:
        self.folder = folder
        self.plant = load.write_plant(folder, MACHINES)
        self.data = folder / "data"
        self.data.mkdir()
        self.port = _free_port()
        self.kills = 0
        self._config = folder / "mosquitto.conf"
        text = f"listener {self.port} 127.0.0.1\nmax_inflight_messages 1000\nmax_queued_messages {queue}\nuser root\n"
        text += persistence.format(folder=folder) + "set_tcp_nodelay true\nlog_dest none\n"
        self._config.write_text(text + (more or "allow_anonymous true\n"), encoding="utf-8")
        self._broker: subprocess.Popen[bytes] | None = None
        self._service: subprocess.Popen[str] | None = None
        self._told: list[dict[str, Any]] = []
        self.oracle: Oracle | None = None

    # the broker

    def start_broker(self) -> None:
        """Start Mosquitto on this rig's port, and wait until it takes connections."""
        self._broker = subprocess.Popen([str(find_mosquitto()), "-c", str(self._config)], stderr=subprocess.DEVNULL)
        wait_for(lambda: _listens(self.port), 10, "the broker listens")

    def kill_broker(self) -> None:
        """End the broker as a power cut would."""
        if self._broker is not None:
            self._broker.kill()
            self._broker.wait()

    # the process under test

    def start_service(self, port: int | None = None, **spec: object) -> None:
        """Start intake with a fault or as a mutant, and return when its process runs."""
        path = self.folder / "spec.json"
        own = {"plant": str(self.plant), "data": str(self.data), "host": "127.0.0.1", "port": port or self.port}
        path.write_text(json.dumps(own | spec), encoding="utf-8")
        with (self.folder / "service.log").open("a", encoding="utf-8") as log:
            command = [sys.executable, "-m", "benchmarks.faults.intake", str(path)]
            self._service = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT)
        self._told = []
        threading.Thread(target=self._listen, args=(self._service, self._told), daemon=True).start()

    def wait_subscribed(self) -> None:
        """Wait until intake listens to the broker."""
        wait_for(lambda: self.told.get("subscribed"), 180, "intake is subscribed")

    def kill_service(self) -> None:
        """End intake as a power cut would."""
        if self._service is not None:
            self._service.kill()
            self._service.wait()
            self.kills += 1

    def wait_dead(self, within_s: float) -> bool:
        """Wait until the process has been killed by its own fault."""
        if self._service is None:
            return False
        try:
            self._service.wait(within_s)
        except subprocess.TimeoutExpired:
            return False
        self.kills += 1
        return True

    @property
    def is_dead(self) -> bool:
        """Whether the process has ended by itself."""
        return self._service is not None and self._service.poll() is not None

    def stop_service(self) -> float:
        """Ask intake to stop, and return how long that took, in seconds."""
        if self._service is None:
            return 0.0
        started = time.monotonic()
        self._service.terminate()
        self._service.wait(30)
        return time.monotonic() - started

    @property
    def service_pid(self) -> int:
        """The process id of intake."""
        return self._service.pid if self._service is not None else 0

    @property
    def told(self) -> dict[str, Any]:
        """How intake said it stood last."""
        return self._told[-1] if self._told else {}

    @property
    def all_told(self) -> list[dict[str, Any]]:
        """How intake said it stood, since its last start."""
        return list(self._told)

    def settle(self, within_s: float = 120.0) -> None:
        """Wait until intake has taken in all that comes."""
        seen: tuple[object, float] = (None, time.monotonic())

        def is_quiet() -> bool:
            nonlocal seen
            now, told = time.monotonic(), self.told
            counts = tuple(told.get(name) for name in ("stored", "refused", "duplicates", "waiting", "subscribed"))
            if counts != seen[0]:
                seen = (counts, now)
            return bool(told.get("subscribed")) and told.get("waiting") == 0 and now - seen[1] > QUIET_S

        wait_for(is_quiet, within_s, "intake has taken in everything")

    # the oracle

    def connect_oracle(self, port: int | None = None) -> Oracle:
        """Connect the oracle to the broker."""
        self.oracle = Oracle("127.0.0.1", port or self.port)
        return self.oracle

    @contextmanager
    def publishing(self, rate: float) -> Iterator[None]:
        """Publish at a steady rate while the context lasts."""
        oracle, over = self.oracle or self.connect_oracle(), threading.Event()
        thread = threading.Thread(target=oracle.publish_steadily, args=(rate, over), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    # the end

    def judge(self, **more: Any) -> Verdict:
        """Let intake drain, stop it, compare; start it once more to see what was stranded."""
        obligations = self.oracle.obligations() if self.oracle else []
        self.settle()
        self.stop_service()
        first = compare(self.data, obligations, self.oracle)
        if first.lost:
            self.start_service()
            self.settle()
            self.stop_service()
            again = compare(self.data, obligations, self.oracle)
            first = replace(again, stranded=first.lost - again.lost)
        return replace(first, kills=self.kills, **more)

    def missing(self) -> set[tuple[str, int]]:
        """Return which numbers the stored ledgers lack: machine and number; intake must be stopped."""
        store = DuckDBStore(self.data / "telemetry.duckdb")
        try:
            return {(gap.stream.split("/")[4], seq) for gap in store.gaps() for seq in range(gap.first, gap.last + 1)}
        finally:
            store.close()

    def truly_missing(self) -> set[tuple[str, int]]:
        """Return which numbers of each machine are not there, from the first to the last that is."""
        with duckdb.connect(str(self.data / "telemetry.duckdb"), read_only=True) as store:
            rows = store.execute(f"select machine, seq from raw_{load.TYPE} where machine <> 'sentinel'").fetchall()
            letters = store.execute("select topic, payload from dead_letters").fetchall()
        there: dict[str, set[int]] = {}
        for machine, seq in (*rows, *(_number(topic, payload) for topic, payload in letters)):
            there.setdefault(machine, set()).add(seq)
        return {(machine, seq) for machine, own in there.items() for seq in set(range(min(own), max(own))) - own}

    def reload_broker(self) -> None:
        """Let the broker read its passwords and access rules again."""
        if self._broker is not None:
            self._broker.send_signal(signal.SIGHUP)

    def close(self) -> None:
        """End what still runs."""
        if self.oracle is not None:
            self.oracle.close()
        for process in (self._service, self._broker):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()

    def _listen(self, service: "subprocess.Popen[str]", told: list[dict[str, Any]]) -> None:
        if service.stdout is not None:
            with service.stdout as lines:
                told.extend(json.loads(line) for line in lines if line.startswith("{"))


def compare(data: Path, obligations: list[tuple[str, int]], oracle: Oracle | None) -> Verdict:
    """Compare the store and its dead letters with the obligations."""
    with duckdb.connect(str(data / "telemetry.duckdb"), read_only=True) as store:
        try:
            rows = store.execute(f"select machine, boot, seq, flow from raw_{load.TYPE}").fetchall()
        except duckdb.CatalogException:
            rows = []
        letters = store.execute("select topic, payload from dead_letters").fetchall()
    boot = oracle.boot if oracle else ""
    own = [row for row in rows if row[0] != "sentinel"]
    counted = Counter((machine, seq) for machine, _, seq, _ in own)
    counted.update(_number(topic, payload) for topic, payload in letters)
    return Verdict(
        obligations=len(obligations),
        lost=len(set(obligations) - counted.keys()),
        doubled=sum(count - 1 for count in counted.values()),
        foreign=sum(1 for _, other, _, _ in own if other != boot),
        corrupt=sum(1 for machine, _, seq, flow in own if abs(flow - flow_of(machine, seq)) > 1e-9),
    )


def wait_for(ask: Callable[[], object], within_s: float, what: str) -> None:
    """Wait until something holds; RuntimeError with `what` where it does not in time."""
    deadline = time.monotonic() + within_s
    while not ask():
        if time.monotonic() > deadline:
            raise RuntimeError(f"not within {within_s:.0f} s: {what}")
        time.sleep(0.02)


def moments(seed: int) -> random.Random:
    """Return the generator of a case's random moments."""
    return random.Random(seed)


def _number(topic: str, payload: bytes) -> tuple[str, int]:
    found = _NUMBER.search(payload)
    return (topic.split("/")[4], int(found[2])) if found else (topic, -1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
