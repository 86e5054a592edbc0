"""A factory that runs until it is told to stop."""

import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType

from simulators.injection import decode_injection
from simulators.live import Clock, LiveFactory
from simulators.publish import Publisher
from simulators.scenario_file import read_scenario
from simulators.simulation import resume_simulation
from simulators.technician import Technician


def run_live(
    checkpoint: Path,
    publisher: Publisher,
    technician: Technician | None,
    speed: float,
    stop: Callable[[], bool],
    *,
    batched: bool = False,
) -> None:
    """Publish from a checkpoint until `stop` says so."""
    scenario = replace(read_scenario(checkpoint), damage_speed=speed)
    simulation = resume_simulation(scenario, checkpoint)
    if technician is not None:
        technician.load(checkpoint / "reports.json")
    factory = LiveFactory(
        simulation, publisher, technician, checkpoint.with_name("truth") / "live.jsonl", batched=batched
    )

    def take_request(_topic: str, payload: bytes) -> None:
        request = decode_injection(payload)
        if request is not None:
            factory.requests.append(request)

    publisher.listen(take_request)
    try:
        factory.run(_clock(stop), checkpoint)
    finally:
        publisher.close()


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
