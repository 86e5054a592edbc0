"""How long after its publication a reading can be read through the API, and how long until an open page shows it."""

import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import httpx
import numpy as np

from benchmarks import load
from benchmarks.program import Program

SENTINEL = "sentinel"
PROBE_EVERY_S = 0.2
PROBE_LIMIT_S = 10.0


class Page(threading.Thread):
    """An open page: reads the stream and notes how old each shown value is when it arrives."""

    def __init__(self, program: Program, *, is_measured: bool) -> None:
        super().__init__(daemon=True)
        self.ages_s: list[float] = []
        self._program = program
        self._is_measured = is_measured
        self._client = httpx.Client(base_url=program.address, headers=program.headers, timeout=None)

    def run(self) -> None:
        try:
            with self._client.stream("GET", "/api/v1/stream") as answer:
                self._follow(answer.iter_lines())
        except (httpx.HTTPError, RuntimeError):
            return

    def close(self) -> None:
        """Leave the page."""
        self._client.close()

    def _follow(self, lines: Iterator[str]) -> None:
        event = ""
        for line in lines:
            if line.startswith("event: "):
                event = line[7:]
            elif self._is_measured and event == "tick" and line.startswith("data: "):
                now = time.time()
                rows = json.loads(line[6:])["values"]
                self.ages_s += [now - datetime.fromisoformat(row["at"]).timestamp() for row in rows]


@contextmanager
def open_pages(program: Program, count: int) -> Iterator[Page]:
    """Keep so many pages open; give the first, which measures."""
    pages = [Page(program, is_measured=number == 0) for number in range(count)]
    for page in pages:
        page.start()
    try:
        yield pages[0]
    finally:
        for page in pages:
            page.close()


def stored_latencies_s(program: Program, seconds: float) -> list[float]:
    """Publish one reading after the other and ask the API for each until it is there; return how long each took."""
    client = load.connect(*program.broker)
    generator = random.Random(11)
    boot = f"{time.time_ns():x}"
    found: list[float] = []
    ends = time.perf_counter() + seconds
    with httpx.Client(base_url=program.address, headers=program.headers, timeout=10) as api:
        while time.perf_counter() < ends:
            payload = load.message(boot, len(found), generator)
            started = time.perf_counter()
            client.publish(load.topic_of(SENTINEL), payload, qos=1)
            _wait_until_stored(api, json.loads(payload)["ts"], started)
            found.append(time.perf_counter() - started)
            time.sleep(PROBE_EVERY_S)
    client.disconnect()
    client.loop_stop()
    return found


def percentile(values: list[float], share: float) -> float | None:
    """Return a percentile, or None where nothing was measured."""
    return float(np.percentile(values, share)) if values else None


def _wait_until_stored(api: httpx.Client, ts_ms: int, started: float) -> None:
    since = datetime.fromtimestamp(ts_ms / 1000).astimezone().isoformat()
    query = {"machine": SENTINEL, "sensor": "vib", "from": since, "max_points": 10}
    while time.perf_counter() - started < PROBE_LIMIT_S:
        if ts_ms in api.get("/api/v1/readings", params=query).json().get("at_ms", ()):
            return
    raise RuntimeError(f"a reading was not stored within {PROBE_LIMIT_S:.0f} s")
