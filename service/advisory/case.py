"""Cases: what a person handles, and the findings that they hold (ISA-18.2 life cycle, ISO 13374 AG)."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from configs.plant import MachineId, SensorId, SlotId
from ingest.label import LabelKind


class Severity(IntEnum):
    """How urgent a case is."""

    WATCH = 1
    WARNING = 2
    CRITICAL = 3


class CaseState(StrEnum):
    """Where a case stands in its life cycle."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in_progress"
    CLOSED = "closed"


class FindingKind(StrEnum):
    """What kind of evidence a finding is."""

    LIMIT = "limit"
    ANOMALY = "anomaly"
    REPLACE = "replace"
    NO_DATA = "no_data"


Verdict = LabelKind
"""What a person says of a finding when the case is closed; a verdict becomes a label for training."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingSensor:
    """A sensor that a finding rests on: what it shows, and what was to be expected, in its unit."""

    sensor: SensorId
    share: float
    value: float
    expected: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One piece of evidence in a case. `key` names what it is about, so that news of it is not a new finding."""

    id: str
    key: str
    kind: FindingKind
    severity: Severity
    slot: SlotId | None
    sensors: tuple[FindingSensor, ...]
    started_at: datetime
    ended_at: datetime | None
    score: float
    verdict: Verdict | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that is open, or was, about one machine at one time. `version` rises with every change."""

    id: str
    machine: MachineId
    severity: Severity
    state: CaseState
    history: bool
    raised_at: datetime
    cleared_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    closed_at: datetime | None
    closed_by: str | None
    findings: tuple[Finding, ...]
    version: int

    def severity_without(self, ended: Finding) -> Severity:
        """Return the severity of the findings that still hold once one has ended; as it was where none does."""
        left = [each.severity for each in self.findings if each.ended_at is None and each.id != ended.id]
        return max(left, default=self.severity)
