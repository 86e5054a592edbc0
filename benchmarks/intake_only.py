"""Intake alone, without monitor and pages: `python -m benchmarks.intake_only PLANT DATA HOST PORT`, until SIGTERM."""

import signal
import sys
import threading
import time
from pathlib import Path

from configs.plant_file import load_plant
from ingest.decode.time_window import TimeWindow
from ingest.intake.examination import Examiner
from ingest.intake.writer import Intake
from ingest.quality import QualityRules
from ingest.sources.mqtt import MqttOptions, MqttSource
from ingest.stores.duckdb_store import DuckDBStore

DAY_NS = 86_400_000_000_000


def main() -> None:
    """Take in until told to stop."""
    plant, data = load_plant(Path(sys.argv[1])), Path(sys.argv[2])
    source = MqttSource(MqttOptions(host=sys.argv[3], port=int(sys.argv[4]), client_id="yeji"), time.time_ns)
    store = DuckDBStore(data / "telemetry.duckdb")
    window = TimeWindow(past_ns=30 * DAY_NS, future_ns=300_000_000_000)
    intake = Intake(source, Examiner(plant, window, QualityRules(), store.load()), store)
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    intake.start()
    while not over.wait(1.0):
        store.roll_up(time.time_ns())
    intake.stop()
    store.close()


if __name__ == "__main__":
    main()
