"""What ingest needs of a store, and what the rooms behind it may ask of one.

Each port has one contract suite in `tests/contracts`, run against every adapter and the fake.
"""

from ingest.ports.condition import HOUR_NS, ConditionBlock, ConditionSeries
from ingest.ports.history import HistoryStore
from ingest.ports.intake import (
    Fingerprint,
    IntakeBatch,
    IntakeState,
    IntakeStore,
    LastValue,
    MachineProgress,
    SettledAs,
    Settlement,
    StoredValue,
)
from ingest.ports.messages import CANARY_TOPICS, Delivery, MessageSource, Outgoing, SourceStatus
from ingest.ports.quality import Judge, QualityStore, Reflagged
from ingest.ports.records import DeadLetter, Gap, IntakeRecords
from ingest.ports.remote import HistoryChange, HistoryFile, Portion, RefusedRow, RemoteArchive, RemoteReadings
from ingest.ports.telemetry import HistoryImport, MeterReader, TelemetryStore, Withdrawal, Withdrawing
from ingest.ports.waveforms import WaveformKey, WaveformStore

__all__ = [
    "CANARY_TOPICS",
    "HOUR_NS",
    "ConditionBlock",
    "ConditionSeries",
    "DeadLetter",
    "Delivery",
    "Fingerprint",
    "Gap",
    "HistoryChange",
    "HistoryFile",
    "HistoryImport",
    "HistoryStore",
    "IntakeBatch",
    "IntakeRecords",
    "IntakeState",
    "IntakeStore",
    "Judge",
    "LastValue",
    "MachineProgress",
    "MessageSource",
    "MeterReader",
    "Outgoing",
    "Portion",
    "QualityStore",
    "Reflagged",
    "RefusedRow",
    "RemoteArchive",
    "RemoteReadings",
    "SettledAs",
    "Settlement",
    "SourceStatus",
    "StoredValue",
    "TelemetryStore",
    "WaveformKey",
    "WaveformStore",
    "Withdrawal",
    "Withdrawing",
]
