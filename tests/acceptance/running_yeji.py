"""Drives the running program from outside: its command line, its API, its broker."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

YEJI = Path(sys.executable).with_name("yeji")
PLANT = """
[[site]]
id = "ansan"
name = { ko = "안산공장", en = "Ansan works" }
time_zone = "Asia/Seoul"

[[line]]
id = "water"
name = { ko = "용수 라인", en = "Water line" }
site = "ansan"

[[machine]]
id = "pump-1"
name = { ko = "순환 펌프 1호기", en = "Circulation pump 1" }
line = "water"
type = "centrifugal_pump"

[[machine]]
id = "pump-2"
name = { ko = "순환 펌프 2호기", en = "Circulation pump 2" }
line = "water"
type = "centrifugal_pump"
"""
Answer = TypeVar("Answer")


def until(ask: Callable[[], Answer | None], *, within_s: float, what: str) -> Answer:
    """Return the first answer that is true, asking again and again; fail with `what` when the time is over."""
    deadline = time.monotonic() + within_s
    pause = threading.Event()
    while time.monotonic() < deadline:
        answer = ask()
        if answer:
            return answer
        pause.wait(0.05)
    raise AssertionError(f"not within {within_s:.0f} s: {what}")


def environment(**own: str) -> dict[str, str]:
    """Return this environment without settings of Yeji, and with `own`."""
    return {name: value for name, value in os.environ.items() if not name.startswith("YEJI_")} | own


def yeji(*arguments: str | Path, **own: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    command = [str(YEJI), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=90, env=environment(**own), check=False)


def a_plant_file(folder: Path, text: str = PLANT) -> Path:
    """Write a plant file into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "plant.toml"
    path.write_text(text, encoding="utf-8")
    return path


class Device:
    """A machine's controller: publishes to the program's broker and knows when the broker has taken a message."""

    def __init__(self, host: str, port: int, *, machine: str = "pump-1", boot: str = "b1") -> None:
        self.topic = f"yeji/v1/ansan/water/{machine}/telemetry"
        self.boot = boot
        self.seq = 0
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        self._client.connect(host, port)
        self._client.loop_start()

    def report(self, values: dict[str, float], *, at: datetime | None = None, state: str = "executing") -> None:
        """Publish one reading set, and wait until the broker has it."""
        message = {
            "v": 1,
            "boot": self.boot,
            "seq": self.seq,
            "ts": (at or datetime.now(UTC)).isoformat(),
            "values": values,
            "state": state,
        }
        self.seq += 1
        self.publish(json.dumps(message).encode())

    def publish(self, payload: bytes, topic: str | None = None) -> None:
        """Publish bytes, and wait until the broker has them."""
        self._client.publish(topic or self.topic, payload, qos=1).wait_for_publish(10)

    def close(self) -> None:
        """Leave the broker."""
        self._client.disconnect()
        self._client.loop_stop()


@dataclass(frozen=True, slots=True)
class Program:
    """A running `yeji run`."""

    process: subprocess.Popen[str]
    address: str
    key: str
    mqtt: tuple[str, int]
    folder: Path

    def client(self, **headers: str) -> httpx.Client:
        """Return an HTTP client that carries the program's key."""
        return httpx.Client(
            base_url=self.address, headers={"authorization": f"Bearer {self.key}", **headers}, timeout=20
        )

    def get(self, path: str, **query: Any) -> Any:
        """Return the JSON of an API path."""
        with self.client() as client:
            answer = client.get(f"/api/v1{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    @contextmanager
    def device(self, machine: str = "pump-1", boot: str = "b1") -> Iterator[Device]:
        """Give a controller of a machine while the context lasts."""
        device = Device(*self.mqtt, machine=machine, boot=boot)
        try:
            yield device
        finally:
            device.close()

    def kill(self) -> None:
        """End the process as a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Ask the process to stop, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@contextmanager
def running(folder: Path, *arguments: str, **own: str) -> Iterator[Program]:
    """Run the program on a data folder until the context ends; ready when the context begins."""
    key_file = folder / "api-key"
    command = [str(YEJI), "run", "--data", str(folder), "--port", "0", "--api-key-file", str(key_file), *arguments]
    log = (folder.parent / f"{folder.name}.log").open("a", encoding="utf-8")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment(**own))
    try:
        address = _address(process, Path(log.name))
        whereabouts = until(lambda: _whereabouts(folder), within_s=20, what="running.json")
        until(lambda: _is_ready(address), within_s=30, what=f"ready; see {log.name}")
        mqtt = whereabouts["mqtt"]
        yield Program(process, address, key_file.read_text().strip(), (mqtt["host"], mqtt["port"]), folder)
    finally:
        _end(process)
        if process.stdout is not None:
            process.stdout.close()
        log.close()


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _address(process: subprocess.Popen[str], log: Path) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        found = re.fullmatch(r"address: (http://\S+)", line.strip())
        if found:
            return found[1]
    raise AssertionError(f"yeji run ended with {process.wait()}: {log.read_text()[-2000:]}")


def _whereabouts(folder: Path) -> Any:
    try:
        return json.loads((folder / "running.json").read_text())
    except (OSError, ValueError):
        return None


def _is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
