"""A factory that runs until it is told to stop."""

import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from types import FrameType

from simulators.dialect import Dialect, NativeDialect
from simulators.foreman import Foreman
from simulators.injection import decode_injection
from simulators.live import Clock, LiveFactory, Voice
from simulators.publish import Publisher
from simulators.scenario_file import read_scenario
from simulators.simulation import Simulation, resume_simulation
from simulators.sparkplug_edge import SparkplugEdge
from simulators.technician import Technician


class Format(StrEnum):
    """What the simulated devices speak."""

    NATIVE = "native"
    SPARKPLUG = "sparkplug"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How the simulated devices reach Yeji: the broker's host and port, a user with a password file, and what they speak."""

    address: tuple[str, int]
    login: tuple[str, Path] | None = None
    format: Format = Format.NATIVE
    batched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who works in the factory: a technician who reports repairs, and a foreman who answers alerts."""

    technician: Technician | None = None
    foreman: Foreman | None = None


def run_live(checkpoint: Path, line: Line, people: People, speed: float, stop: Callable[[], bool]) -> None:
    """Publish from a checkpoint until `stop` says so."""
    scenario = replace(read_scenario(checkpoint), damage_speed=speed)
    simulation = resume_simulation(scenario, checkpoint)
    if people.technician is not None:
        people.technician.load(checkpoint / "reports.json")
    publisher = Publisher("yeji-simulator", line.login)
    voice = Voice(outlet=publisher, dialect=_dialect(line.format, simulation, publisher), batched=line.batched)
    truth = checkpoint.with_name("truth") / "live.jsonl"
    factory = LiveFactory(simulation, voice, people.technician, truth, people.foreman)

    def take_request(_topic: str, payload: bytes) -> None:
        request = decode_injection(payload)
        if request is not None:
            factory.requests.append(request)

    publisher.listen(take_request)
    publisher.connect(*line.address, timeout_s=20.0)
    try:
        factory.run(_clock(stop), checkpoint)
    finally:
        publisher.close()


def _dialect(spoken: Format, simulation: Simulation, publisher: Publisher) -> Dialect:
    """Give the dialect of this start; an edge node has a will and is born anew after every connection."""
    now_s = time.time()
    boot = f"b{int(now_s * 1000):x}"
    if spoken is Format.NATIVE:
        return NativeDialect(boot)
    plant = simulation.scenario.plant
    edge = SparkplugEdge(plant.machines, plant.sites[0].id, boot=boot, bd_seq=int(now_s))
    publisher.live(edge)
    return edge


def _clock(stop: Callable[[], bool]) -> Clock:
    def wait_until(at_s: float) -> bool:
        while not stop():
            ahead = at_s - time.time()
            if ahead <= 0:
                return True
            time.sleep(min(ahead, 0.5))
        return False

    return Clock(now_s=time.time, wait_until=wait_until)


def stop_on_signals() -> Callable[[], bool]:
    """Give what tells whether Ctrl-C or a request to end has come."""
    asked = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        asked.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    return asked.is_set
