"""Where the running program is reached, in a file of the data folder that other commands and simulators read."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

FILE_NAME = "running.json"
LAST_PORT_NAME = "broker.port"


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """The running program: its process, its pages, and the broker that devices publish to."""

    pid: int
    address: str
    mqtt_host: str
    mqtt_port: int


@contextmanager
def announced(folder: Path, *, address: str, broker: tuple[str, int]) -> Iterator[None]:
    """Keep the file while the context lasts; remember the broker's port for the next start."""
    host, port = broker
    _write(folder / LAST_PORT_NAME, f"{port}\n")
    document = {"pid": os.getpid(), "address": address, "mqtt": {"host": host, "port": port}}
    _write(folder / FILE_NAME, json.dumps(document, indent=2) + "\n")
    try:
        yield
    finally:
        (folder / FILE_NAME).unlink(missing_ok=True)


def read_whereabouts(folder: Path) -> Whereabouts | None:
    """Return where the running program is reached, or None where there is no readable file."""
    try:
        document = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
        return Whereabouts(
            pid=document["pid"],
            address=document["address"],
            mqtt_host=document["mqtt"]["host"],
            mqtt_port=document["mqtt"]["port"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def last_broker_port(folder: Path) -> int:
    """Return the port that our broker had last, or 0."""
    try:
        return int((folder / LAST_PORT_NAME).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0


def _write(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)
