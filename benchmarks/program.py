"""The running program under measurement: started as a person would, watched from outside."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

YEJI = Path(sys.executable).with_name("yeji")
READY_WITHIN_S = 60.0
POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Program:
    """A running `yeji run` and how long it took until it was ready."""

    process: psutil.Process
    address: str
    key: str
    broker: tuple[str, int]
    start_s: float

    @property
    def headers(self) -> dict[str, str]:
        """What a request carries to be let in."""
        return {"authorization": f"Bearer {self.key}"}

    def cpu_s(self) -> float:
        """CPU seconds that the program and its children have used."""
        times = [process.cpu_times() for process in self._family()]
        return sum(each.user + each.system for each in times)

    def memory_mib(self) -> float:
        """Memory that the program and its children hold for themselves, in MiB."""
        return sum(process.memory_full_info().uss for process in self._family()) / 2**20

    def _family(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


@contextmanager
def running(folder: Path, plant: Path, settings: Path | None = None) -> Iterator[Program]:
    """Run the program on a data folder, ready when the context begins, stopped when it ends."""
    key_file = folder.with_name(f"{folder.name}-api-key")
    command = [YEJI, "run", "--data", folder, "--plant", plant, "--port", "0", "--api-key-file", key_file]
    command += ["--settings", settings] if settings is not None else []
    started = time.perf_counter()
    log_path = folder.with_name(f"{folder.name}.log")
    with log_path.open("a", encoding="utf-8") as log:
        process = subprocess.Popen(
            [str(part) for part in command], stdout=subprocess.PIPE, stderr=log, text=True, env=_environment()
        )
    try:
        address = _address(process, log_path)
        _wait_ready(address, log_path)
        took = time.perf_counter() - started
        mqtt = json.loads((folder / "running.json").read_text(encoding="utf-8"))["mqtt"]
        key = key_file.read_text(encoding="utf-8").strip()
        yield Program(psutil.Process(process.pid), address, key, (mqtt["host"], mqtt["port"]), took)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("YEJI_")}


def _address(process: "subprocess.Popen[str]", log: Path) -> str:
    for line in process.stdout or ():
        if found := re.fullmatch(r"address: (http://\S+)", line.strip()):
            return found[1]
    raise RuntimeError(f"yeji run ended with {process.wait()}:\n{_tail(log)}")


def _wait_ready(address: str, log: Path) -> None:
    deadline = time.perf_counter() + READY_WITHIN_S
    while time.perf_counter() < deadline:
        try:
            if httpx.get(f"{address}/readyz", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(POLL_S)
    raise RuntimeError(f"yeji run is not ready after {READY_WITHIN_S:.0f} s:\n{_tail(log)}")


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8").splitlines()[-15:])
