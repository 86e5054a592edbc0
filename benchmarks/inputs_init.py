"""From an empty folder to the first live machine: `yeji init` in a terminal, `yeji run`, and the message that init shows."""

import json
import re
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import httpx
from paho.mqtt import publish

from benchmarks.program import running
from benchmarks.report import Bar
from tests.fakes.terminals import FIRST_PLANT, typed_session

LIVE_WITHIN_S = 30.0


def bars() -> list[Bar]:
    """Return what was measured."""
    with TemporaryDirectory() as folder:
        path, started = Path(folder), perf_counter()
        shown = typed_session(["init", "--language", "en"], FIRST_PLANT["en"], path)
        topic = re.search(r"\(MQTT\): (\S+)", shown)
        message = re.search(r"For example: (\{.*\})", shown)
        assert topic is not None
        assert message is not None
        with running(path / "data", path / "plant.toml") as program:
            host, port = program.broker
            publish.single(topic[1], message[1], qos=1, hostname=host, port=port)
            live = _is_live(program.address, program.headers, json.loads(message[1]))
            seconds = perf_counter() - started
    return [
        Bar(name="questions to the first plant", value=len(FIRST_PLANT["en"]), unit="questions", must=10),
        Bar(
            name="empty folder to the first live machine, typing apart",
            value=round(seconds, 1) if live else None,
            unit="s",
            must=60.0,
        ),
    ]


def _is_live(address: str, headers: dict[str, str], message: dict[str, dict[str, float]]) -> bool:
    (sensor,) = message["values"]
    deadline = perf_counter() + LIVE_WITHIN_S
    while perf_counter() < deadline:
        query = {"machine": "cnc-01", "sensor": sensor}
        answer = httpx.get(f"{address}/api/v1/readings", params=query, headers=headers, timeout=10).json()
        if str(message["values"][sensor]) in json.dumps(answer):
            return True
        time.sleep(0.2)
    return False
