"""What the monitor works with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from configs.plant import Plant
from configs.settings import MonitorSettings
from ingest.ports import ConditionSeries, MeterReader, TelemetryStore
from service.actions.conclusions import RecordedChanges
from service.state.database import StateDatabase


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorPorts:
    """The plant, the stores, where fitted models and the keys that sign them lie, and whom to tell.

    `clock` gives aware UTC; `announce` is called in the monitor's thread after every round that changed something.
    """

    plant: Plant
    telemetry: TelemetryStore
    condition: ConditionSeries
    meters: MeterReader
    database: StateDatabase
    artefacts: Path
    keys: Path
    settings: MonitorSettings
    clock: Callable[[], datetime]
    announce: Callable[[RecordedChanges], None]
