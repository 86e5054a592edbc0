"""What the running program offers to routes; the wiring puts it on the application."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from configs.plant import Plant
from configs.settings import SecuritySettings
from ingest.intake.found import FoundBook
from ingest.intake.hand_in import HandIn
from ingest.intake.presence_book import PresenceBook
from ingest.ports import ConditionSeries, IntakeRecords, MeterReader, TelemetryStore, WaveformStore
from service.actions.dead_letters import LetterDesk
from service.actions.flags import FlagDesk
from service.actions.plant import PlantBook
from service.http.plan_desk import PlanDesk
from service.http.table_desk import TableDesk
from service.http.training_desk import TrainingDesk
from service.http.transfer_desk import TransferDesk
from service.live import LiveFeed
from service.observability.health import Readiness
from service.observability.metrics import Metrics
from service.security.passwords import Passwords
from service.security.sessions import SessionLimits
from service.state.database import StateDatabase


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Stores, plant, clock and live feed of the running program."""

    plants: PlantBook
    database: StateDatabase
    telemetry: TelemetryStore
    condition: ConditionSeries
    meters: MeterReader
    records: IntakeRecords
    letters: LetterDesk
    flags: FlagDesk
    found: FoundBook
    presences: PresenceBook
    waveforms: WaveformStore
    planning: PlanDesk
    tables: TableDesk
    training: TrainingDesk
    transfers: TransferDesk
    hand_in: HandIn
    live: LiveFeed
    clock: Callable[[], datetime]
    readiness: Callable[[], Readiness]
    metrics: Metrics
    security: SecuritySettings
    session_limits: SessionLimits
    passwords: Passwords
    simulated: bool
    version: str

    @property
    def plant(self) -> Plant:
        """The plant as it stands."""
        return self.plants.current


def services_of(connection: HTTPConnection) -> Services:
    """Return the services of the application that answers this request."""
    services: Services = connection.app.state.services
    return services


ServicesOf = Annotated[Services, Depends(services_of)]
