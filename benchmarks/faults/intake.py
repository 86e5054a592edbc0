"""Intake alone, made to fail: `python -m benchmarks.faults.intake SPEC.json`, until SIGTERM or its fault.

It prints how it stands four times a second, a JSON document a line.
"""

import json
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks.faults import broken_parts
from configs.plant_file import load_plant
from ingest.decode.time_window import TimeWindow
from ingest.intake.examination import Examiner
from ingest.intake.high_water import HighWaterFile, WatchedStore
from ingest.intake.status import unready_because
from ingest.intake.writer import Intake
from ingest.ports import IntakeStore
from ingest.quality import QualityRules
from ingest.sources.mqtt import MqttOptions, MqttSource
from ingest.stores.duckdb_store import DuckDBStore

DAY_NS = 86_400_000_000_000
TELL_EVERY_S = 0.25
SOURCES = {
    "acknowledge first": broken_parts.AcknowledgeFirst,
    "drop on full": broken_parts.DropOnFull,
    "no epoch": broken_parts.NoEpoch,
}


def main() -> None:
    """Take in until told to stop."""
    spec = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    source, data = _source(spec), Path(spec["data"])
    store = DuckDBStore(data / "telemetry.duckdb")
    watched = WatchedStore(_store(store, spec), HighWaterFile(data / "telemetry.high-water"), time.time_ns)
    window = TimeWindow(past_ns=30 * DAY_NS, future_ns=300_000_000_000)
    kind = broken_parts.NoDedupe if spec.get("mutant") == "no dedupe" else Examiner
    intake = Intake(source, kind(load_plant(Path(spec["plant"])), window, QualityRules(), watched.load()), watched)
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    intake.start()
    while not over.wait(TELL_EVERY_S):
        _tell(intake, watched.lost, store)
        if intake.status().broken:
            sys.exit(70)
        store.roll_up(time.time_ns())
    intake.stop()
    _tell(intake, watched.lost, store)
    store.close()


def _source(spec: dict[str, Any]) -> MqttSource:
    options = MqttOptions(
        host=spec["host"],
        port=spec["port"],
        client_id="yeji",
        username=spec.get("username"),
        password=spec.get("password"),
        keepalive_s=spec.get("keepalive_s", 30),
        canary_every_s=20.0,
    )
    if spec.get("mutant") == "deaf":
        deaf = broken_parts.Deaf(options, time.time_ns)
        deaf.at = spec["at"]
        return deaf
    if spec.get("fault") == "half of the acknowledgements":
        source = broken_parts.HalfAcknowledging(options, time.time_ns)
        source.at = spec["at"]
        return source
    return SOURCES.get(spec.get("mutant", ""), MqttSource)(options, time.time_ns)


def _store(store: DuckDBStore, spec: dict[str, Any]) -> IntakeStore:
    if spec.get("mutant") == "no fsync":
        return broken_parts.WriteBehind(store)
    if spec.get("fault") == "held":
        return broken_parts.HeldStore(store, Path(spec["gate"]))
    if spec.get("fault"):
        return broken_parts.FailingStore(store, spec["fault"], spec.get("at", 0), spec.get("seed", 0))
    return store


def _tell(intake: Intake, lost: int, store: DuckDBStore) -> None:
    status = intake.status()
    source = status.source
    told = {
        "at": time.time(),
        "commits": status.commits,
        "stored": status.messages,
        "refused": sum(count for _, count in status.rejected),
        "duplicates": status.duplicates,
        "acknowledged": status.acknowledged,
        "received": source.received,
        "waiting": source.waiting,
        "reconnects": source.reconnects,
        "subscribed": source.subscribed,
        "unready": unready_because(status),
        "lost": lost,
        "missing": sum(gap.last - gap.first + 1 for gap in store.gaps()),
        "rss_mib": psutil.Process().memory_info().rss / 2**20,
    }
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
