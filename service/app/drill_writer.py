"""The drill's second writer, in a process of its own: `python -m service.app.drill_writer SETTINGS.json`.

It is wired as the service's own intake is. A few times a second it says how it stands, a JSON document a line; it ends on
SIGTERM, and when whoever started it has ended.
"""

import json
import signal
import sys
import threading
import time
from pathlib import Path

from configs.plant_file import load_plant
from configs.settings import Settings
from ingest.intake.status import IntakeStatus, unready_because
from service.app.foundations import lay_foundations
from service.app.intake import run_intake
from service.observability.logs import configure_logs

TELL_EVERY_S = 0.1


def main() -> None:
    """Take in until told to stop."""
    settings = Settings.model_validate_json(Path(sys.argv[1]).read_text(encoding="utf-8"))
    configure_logs(settings.log.level, "json")
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    threading.Thread(target=_end_with_parent, args=(over,), daemon=True).start()
    broker = (settings.mqtt.host, settings.mqtt.external_port)
    with (
        lay_foundations(settings, load_plant(settings.plant_path)) as base,
        run_intake(base, broker=broker, clock_ns=time.time_ns) as intake,
    ):
        while not over.wait(TELL_EVERY_S):
            _tell(intake.status())
    _tell(intake.status())


def _end_with_parent(over: threading.Event) -> None:
    sys.stdin.read()
    over.set()


def _tell(status: IntakeStatus) -> None:
    told = {
        "unready": unready_because(status),
        "broken": status.broken,
        "waiting": status.source.waiting,
        "taken_in": status.messages + status.duplicates,
        "repeats": status.duplicates,
        "reconnects": status.source.reconnects,
    }
    sys.stdout.write(f"{json.dumps(told)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
