"""What `make run` shows: a small factory with a year of history, the service beside it, and live telemetry.

first time    stage ─► history ─► yeji import ─► yeji run ─► live
later                                          yeji run ─► live, from the checkpoint
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from simulators.errors import SimulatorError

_READY_TIMEOUT_S = 120.0
_STOP_TIMEOUT_S = 20.0
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFolders:
    """Where a demonstration lives."""

    root: Path

    @property
    def bundle(self) -> Path:
        """The history as a factory would hand it over."""
        return self.root / "history"

    @property
    def truth(self) -> Path:
        """What really happened."""
        return self.root / "truth"

    @property
    def checkpoint(self) -> Path:
        """Where the simulator goes on from."""
        return self.root / "checkpoint"

    @property
    def data(self) -> Path:
        """What the service writes."""
        return self.root / "data"

    @property
    def imported(self) -> Path:
        """A mark that the history has been read in whole."""
        return self.root / "imported"

    @property
    def api_key(self) -> Path:
        """The key that the technician uses, readable by its owner alone."""
        return self.root.with_name(self.root.name + "-api-key")


class Service:
    """`yeji run` as a child that ends when we end."""

    def __init__(self, arguments: list[str], environment: Mapping[str, str]) -> None:
        self._child = subprocess.Popen(arguments, env=dict(environment), preexec_fn=_die_with_parent)  # noqa: PLW1509

    def wait_ready(self, address: str) -> None:
        """Wait until the service answers that it is ready.

        Raises
        ------
        SimulatorError
            When it ends or stays silent.
        """
        deadline = time.monotonic() + _READY_TIMEOUT_S
        while time.monotonic() < deadline:
            code = self._child.poll()
            if code is not None:
                raise SimulatorError(f"yeji run ended with code {code}; its last line says why")
            if _answers(address + "/readyz"):
                return
            time.sleep(0.2)
        raise SimulatorError(f"yeji run is not ready after {_READY_TIMEOUT_S:.0f} s; see its output above")

    def is_running(self) -> bool:
        """Tell whether the child still runs."""
        return self._child.poll() is None

    def stop(self) -> None:
        """Ask the child to stop, and make it stop if it does not."""
        if self._child.poll() is None:
            self._child.send_signal(signal.SIGTERM)
            try:
                self._child.wait(_STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()


def yeji_command() -> str:
    """Give the `yeji` command that was installed beside this program.

    Raises
    ------
    SimulatorError
        When there is none.
    """
    command = Path(sys.executable).with_name("yeji")
    if not command.exists():
        raise SimulatorError(f"{command}: not found; run `make setup` to install Yeji beside the simulator")
    return str(command)


def import_history(folders: DemoFolders, environment: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Have the history read in, once; an import that was cut short goes on where it stopped.

    Raises
    ------
    SimulatorError
        When the import fails.
    """
    if folders.imported.exists():
        return
    say("reading the history into the store")
    arguments = [yeji_command(), "import", str(folders.bundle), "--data", str(folders.data)]
    done = subprocess.run(arguments, env=dict(environment), check=False, preexec_fn=_die_with_parent)
    if done.returncode:
        raise SimulatorError(f"yeji import ended with code {done.returncode}; its last line says why")
    folders.imported.touch()


def free_port() -> int:
    """Give a port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2.0) as answer:  # noqa: S310 (loopback, our own child)
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _die_with_parent() -> None:
    """Have the kernel end this child when its parent is gone (Linux), and keep Ctrl-C for the parent alone."""
    os.setpgid(0, 0)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
