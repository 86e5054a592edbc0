"""What the desk for tables works with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from ingest.intake.hand_in import HandIn
from ingest.ports import IntakeState, MeterReader, TelemetryStore
from service.actions.plant import PlantBook
from service.app.table_reading import Reader
from service.state.database import StateDatabase


class TableStore(TelemetryStore, MeterReader, Protocol):
    """What the desk needs of the store."""

    def load(self) -> IntakeState:
        """Return where everything stood at the last commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPorts:
    """What the desk works with; raw readings are kept for `raw`."""

    folder: Path
    plants: PlantBook
    database: StateDatabase
    store: TableStore
    hand_in: HandIn
    read: Reader
    clock: Callable[[], datetime]
    raw: timedelta
