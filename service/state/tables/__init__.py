"""The tables of the state database, with names, times and checks that hold on every engine."""

from service.state.tables.base import Base
from service.state.tables.cases import CaseEventRow, CaseRow, FindingRow
from service.state.tables.conclusions import (
    HealthRow,
    KeptPredictionRow,
    LatestPredictionRow,
    ModelRow,
    WatermarkRow,
)
from service.state.tables.kept_tables import ImportState, TableAnswersRow, TableImportRow
from service.state.tables.maintenance import (
    LabelRow,
    MaintenanceEventRow,
    MeterEntryRow,
    OutOfServiceRow,
    PartLifeRow,
    PlantRevisionRow,
)
from service.state.tables.people import ApiKeyRow, PersonRow, SessionRow, SignInAttemptsRow, SignInLinkRow
from service.state.tables.records import AuditRow, CounterRow, IdempotencyRow, OutboxRow
from service.state.tables.sensors import SensorDoubtRow
from service.state.tables.spares import StockItemRow, StockOrderRow

__all__ = [
    "ApiKeyRow",
    "AuditRow",
    "Base",
    "CaseEventRow",
    "CaseRow",
    "CounterRow",
    "FindingRow",
    "HealthRow",
    "IdempotencyRow",
    "ImportState",
    "KeptPredictionRow",
    "LabelRow",
    "LatestPredictionRow",
    "MaintenanceEventRow",
    "MeterEntryRow",
    "ModelRow",
    "OutOfServiceRow",
    "OutboxRow",
    "PartLifeRow",
    "PersonRow",
    "PlantRevisionRow",
    "SensorDoubtRow",
    "SessionRow",
    "SignInAttemptsRow",
    "SignInLinkRow",
    "StockItemRow",
    "StockOrderRow",
    "TableAnswersRow",
    "TableImportRow",
    "WatermarkRow",
]
