"""How much of a core 200 machines take live over MQTT, and whether everything that they should say arrives as it should.

A subscriber of its own keeps every message. Afterwards the same factory is run again from the same checkpoint into a list, and
the two are held against each other, message by message and value by value.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import paho.mqtt.client as mqtt
import psutil
from paho.mqtt.enums import CallbackAPIVersion

from benchmarks.report import Bar, Sense
from configs.catalogue.load import load_catalogue
from configs.plant_file import dump_plant
from simulators.calendar import CONTINUOUS
from simulators.dialect import NativeDialect
from simulators.factory import GROUPS, build_factory
from simulators.live import Clock, LiveFactory, Voice
from simulators.network_faults import Packet
from simulators.scenario_file import read_scenario
from simulators.simulation import resume_simulation

MACHINES = 200
_CPU = f"speed: {MACHINES} machines live at 1 Hz over MQTT"
_RATE = "speed: messages a second that came from them"
_AMISS = "speed: messages that lacked or held other values than the factory says"
_SETTLING_S, _LIVE_S = 12.0, 40.0

Said = dict[tuple[str, int], dict[str, Any]]
"""Messages by topic and sequence number."""


def live() -> Iterator[Bar]:
    """Let `yeji-simulate live` publish to a real broker, and watch its process once it runs evenly."""
    broker = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if broker is None:
        yield Bar(name=_CPU, value=None, unit="% of a core", must=15.0)
        return
    with tempfile.TemporaryDirectory(prefix="simulator-") as name:
        folder = Path(name)
        checkpoint = _history(folder)
        shutil.copytree(checkpoint, folder / "again")
        with _broker(broker, folder) as port, _listening(port) as heard:
            share, took_s = _watch(checkpoint, port, heard)
        got = {(topic, told["seq"]): told for topic, told in ((t, orjson.loads(p)) for t, p in heard)}
        meant = _meant(folder, got)
    lost = sum(_told(got.get(key)) != _told(told) for key, told in meant.items())
    yield Bar(name=_CPU, value=share, unit="% of a core", must=15.0)
    yield Bar(name=_RATE, value=took_s, unit="/s", must=0.95 * MACHINES, sense=Sense.AT_LEAST)
    yield Bar(name=f"{_AMISS}, of {len(meant)}", value=lost, unit="", must=0.0)


def _history(folder: Path) -> Path:
    """Write a day of a factory that works around the clock; return its checkpoint."""
    plant, _ = build_factory(
        load_catalogue(), MACHINES, tuple(replace(group, shifts=(CONTINUOUS,)) for group in GROUPS)
    )
    (folder / "plant.toml").write_text(dump_plant(plant), encoding="utf-8")
    options = ["--plant", str(folder / "plant.toml"), "--shifts", CONTINUOUS.name, "--faults", "none", "--no-staged"]
    command = [_program(), "history", "--out", str(folder / "bundle"), "--years", "0.003", *options]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "bundle-checkpoint"


def _program() -> str:
    return str(Path(sys.executable).with_name("yeji-simulate"))


def _watch(checkpoint: Path, port: int, heard: list[tuple[str, bytes]]) -> tuple[float, float]:
    """Return the share of a core in percent, and the messages a second, over the time that is watched."""
    child = subprocess.Popen([_program(), "live", "--checkpoint", str(checkpoint), "--broker", f"127.0.0.1:{port}"])
    try:
        process = psutil.Process(child.pid)
        time.sleep(_SETTLING_S)
        before, count, began = process.cpu_times(), len(heard), time.monotonic()
        time.sleep(_LIVE_S)
        after, took = process.cpu_times(), time.monotonic() - began
        came = len(heard) - count
    finally:
        child.terminate()
        child.wait()
    used = after.user + after.system - before.user - before.system
    return 100 * used / took, came / took


def _meant(folder: Path, got: Mapping[tuple[str, int], dict[str, Any]]) -> Said:
    """Run the factory again over the seconds that were heard, but for the last ten, in which it was stopped."""
    times = [told["ts"] / 1000 for told in got.values()]
    start_s, end_s = float(min(times) // 1), float(max(times) // 1) - 10.0
    checkpoint = folder / "again"
    simulation = resume_simulation(read_scenario(checkpoint), checkpoint)
    kept, clock = _Kept(), _Passing(start_s, end_s)
    voice = Voice(outlet=kept, dialect=NativeDialect("again"))
    LiveFactory(simulation, voice, None, folder / "again.jsonl").run(clock.clock(), folder / "after")
    return {key: told for key, told in kept.said.items() if told["ts"] / 1000 < end_s and told["state"] != "off"}


def _told(message: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if message is None else {name: value for name, value in message.items() if name != "boot"}


class _Kept:
    """An outlet that keeps what was said."""

    def __init__(self) -> None:
        self.said: Said = {}

    def publish(self, packet: Packet) -> None:
        told = orjson.loads(packet.payload)
        self.said[packet.topic, told["seq"]] = told

    def flush(self, timeout_s: float) -> None:
        """Nothing waits."""


class _Passing:
    """Time that passes as soon as somebody waits for it, up to `end_s`."""

    def __init__(self, start_s: float, end_s: float) -> None:
        self._at_s, self._end_s = start_s, end_s

    def clock(self) -> Clock:
        """Give it as a factory's clock."""
        return Clock(now_s=lambda: self._at_s, wait_until=self._wait_until)

    def _wait_until(self, at_s: float) -> bool:
        self._at_s = max(self._at_s, at_s)
        return self._at_s < self._end_s


@contextmanager
def _listening(port: int) -> Iterator[list[tuple[str, bytes]]]:
    """Subscribe to all telemetry; yield the list in which it gathers."""
    heard: list[tuple[str, bytes]] = []
    subscribed = threading.Event()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="listener", protocol=mqtt.MQTTv5)
    client.on_message = lambda _client, _data, message: heard.append((message.topic, bytes(message.payload)))
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect("127.0.0.1", port)
    client.subscribe("yeji/v1/+/+/+/telemetry", qos=1)
    client.loop_start()
    if not subscribed.wait(10.0):
        raise RuntimeError("the broker does not let us listen")
    try:
        yield heard
    finally:
        client.disconnect()
        client.loop_stop()


@contextmanager
def _broker(program: str, folder: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    config = folder / "broker.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nlog_type none\n", encoding="utf-8")
    child = subprocess.Popen([program, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.5)
        yield port
    finally:
        child.terminate()
        child.wait()
