"""A broker of our own: Mosquitto where it is installed, the built-in one otherwise, as a child of this process.

It listens on one address, keeps its files in the data folder, and ends with this process, however that ends. A
broker that runs as a service of the system is never touched.
"""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from time import monotonic

from service.app.reachable import reachable
from service.errors import BrokerError

SYSTEM_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/sbin")
"""Where Mosquitto may be besides PATH: Debian installs it where a plain user does not look."""

MAX_PACKET_BYTES = 300_000
START_WITHIN_S = 10.0
STOP_WITHIN_S = 5.0
_POLL_S = 0.02

_TIE = """\
import ctypes, os, signal, sys
prctl = getattr(ctypes.CDLL(None), "prctl", None)
if prctl is not None:
    prctl(1, signal.SIGTERM)
    if os.getppid() != int(sys.argv[1]):
        sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])
"""
"""Asks the kernel to end this process with its parent (PR_SET_PDEATHSIG), then becomes the program."""

_MOSQUITTO = """\
listener {port} {host}
allow_anonymous true
persistence true
persistence_location {folder}/
autosave_on_changes true
autosave_interval 1000
persistent_client_expiration 30d
max_inflight_messages {window}
max_queued_messages {queue}
max_packet_size {packet}
set_tcp_nodelay true
log_dest stderr
log_type error
log_type warning
"""

_BUILTIN = """\
id = 0

[router]
id = 0
max_connections = 1000
max_outgoing_packet_count = 200
max_segment_size = 104857600
max_segment_count = 10

[v5.1]
name = "v5-1"
listen = "{host}:{port}"
next_connection_delay_ms = 1

[v5.1.connections]
connection_timeout_ms = 60000
max_payload_size = {packet}
max_inflight_count = 100
dynamic_filters = true
"""


class BrokerFlavour(StrEnum):
    """Which program the broker is."""

    MOSQUITTO = "mosquitto"
    BUILTIN = "builtin"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerOptions:
    """How our own broker is set up; port 0 takes a free one. `flavour` None takes Mosquitto where it is installed."""

    folder: Path
    host: str = "127.0.0.1"
    port: int = 0
    flavour: BrokerFlavour | None = None
    window: int = 1_000
    queue_messages: int = 100_000


class OwnBroker:
    """A broker that runs as our child. Use `start_broker`."""

    def __init__(self, flavour: BrokerFlavour, address: tuple[str, int], child: "subprocess.Popen[bytes]") -> None:
        self.flavour = flavour
        self.host, self.port = address
        self._child = child

    @property
    def process_id(self) -> int:
        """The child's process id."""
        return self._child.pid

    def is_running(self) -> bool:
        """Whether the child lives."""
        return self._child.poll() is None

    def wait(self, within_s: float) -> bool:
        """Wait for the child to end; whether it has."""
        try:
            self._child.wait(within_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stop(self, within_s: float = STOP_WITHIN_S) -> None:
        """End the child, politely at first; Mosquitto saves its queues. Safe to repeat."""
        if self.is_running():
            self._child.terminate()
            if not self.wait(within_s):
                self._child.kill()
                self.wait(within_s)


def find_mosquitto() -> Path | None:
    """Return the installed Mosquitto, or None."""
    found = shutil.which("mosquitto")
    places = [Path(found)] if found else [Path(folder) / "mosquitto" for folder in SYSTEM_FOLDERS]
    return next((place for place in places if place.is_file()), None)


def has_builtin_broker() -> bool:
    """Whether the package of the built-in broker is installed."""
    return importlib.util.find_spec("iotcore") is not None


def start_broker(options: BrokerOptions) -> OwnBroker:
    """Start a broker and return it once it takes connections; call it in a thread that lives as long as the broker.

    Raises
    ------
    BrokerError
        There is no such broker, the port is in use, or the child did not come up; the message says what to do.
    """
    flavour = options.flavour or (BrokerFlavour.MOSQUITTO if find_mosquitto() else BrokerFlavour.BUILTIN)
    port = _free_port(options.host) if options.port == 0 else _checked_port(options.host, options.port)
    try:
        options.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        command = _commands()[flavour](options, port)
    except OSError as error:
        raise BrokerError(f"the broker's folder {options.folder} cannot be written: {error.strerror}") from error
    log = options.folder / f"{flavour.value}.log"
    with log.open("ab") as output:
        child = subprocess.Popen(_tied_to_us(command), stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    broker = OwnBroker(flavour, (options.host, port), child)
    _wait_until_listening(broker, log)
    return broker


def _commands() -> dict[BrokerFlavour, Callable[[BrokerOptions, int], Sequence[str]]]:
    return {BrokerFlavour.MOSQUITTO: _mosquitto_command, BrokerFlavour.BUILTIN: _builtin_command}


def _mosquitto_command(options: BrokerOptions, port: int) -> Sequence[str]:
    program = find_mosquitto()
    if program is None:
        raise BrokerError(
            "mosquitto is not installed; install it (apt install mosquitto) or set mqtt.broker to builtin"
        )
    config = _MOSQUITTO.format(
        host=options.host,
        port=port,
        folder=options.folder.absolute(),
        window=options.window,
        queue=options.queue_messages,
        packet=MAX_PACKET_BYTES,
    )
    if os.geteuid() == 0:
        config += "user root\n"
    return [str(program), "-c", str(_written(options.folder / "mosquitto.conf", config))]


def _builtin_command(options: BrokerOptions, port: int) -> Sequence[str]:
    if not has_builtin_broker():
        raise BrokerError("no MQTT broker: install mosquitto (apt install mosquitto), or pip install 'yeji[broker]'")
    config = _BUILTIN.format(host=options.host, port=port, packet=MAX_PACKET_BYTES)
    path = _written(options.folder / "builtin-broker.toml", config)
    return [sys.executable, "-m", "iotcore", "--config", str(path), "--log-level", "CRITICAL"]


def _written(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    return path


def _tied_to_us(command: Sequence[str]) -> Sequence[str]:
    """Return the command so that its process ends with ours, even when we are killed (Linux; elsewhere `stop` ends it)."""
    return [sys.executable, "-I", "-S", "-c", _TIE, str(os.getpid()), *command]


def _free_port(host: str) -> int:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _checked_port(host: str, port: int) -> int:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = (
                f"the broker cannot listen on {host}:{port}: {error.strerror}; stop what uses it, or set mqtt.port to 0"
            )
            raise BrokerError(reason) from error
    return port


def _wait_until_listening(broker: OwnBroker, log: Path) -> None:
    deadline = monotonic() + START_WITHIN_S
    while broker.is_running() and monotonic() < deadline:
        if _takes_connections(broker.host, broker.port):
            return
        broker.wait(_POLL_S)
    broker.stop()
    raise BrokerError(f"the {broker.flavour.value} broker did not start on {broker.host}:{broker.port}; see {log}")


def _takes_connections(host: str, port: int) -> bool:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((reachable(host), port)) == 0
