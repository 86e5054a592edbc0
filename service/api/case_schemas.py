"""Shapes of cases and their findings, and of what a person says of them."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from service.advisory.case import Case, Finding, FindingSensor, Verdict
from service.advisory.case_event import CaseEvent

Note = Annotated[str, Field(max_length=1000)]


class FindingSensorSchema(BaseModel):
    """A sensor that a finding rests on."""

    sensor: str
    share: float
    value: float
    expected: float

    @classmethod
    def of(cls, sensor: FindingSensor) -> Self:
        """Return the shape of a finding's sensor."""
        return cls(sensor=sensor.sensor, share=sensor.share, value=sensor.value, expected=sensor.expected)


class FindingSchema(BaseModel):
    """One piece of evidence in a case."""

    id: str
    key: str
    kind: str
    severity: str
    slot: str | None
    sensors: tuple[FindingSensorSchema, ...]
    started_at: datetime
    ended_at: datetime | None
    score: float
    verdict: str | None

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """Return the shape of a finding."""
        return cls(
            id=finding.id,
            key=finding.key,
            kind=finding.kind,
            severity=finding.severity.name.lower(),
            slot=finding.slot,
            sensors=tuple(map(FindingSensorSchema.of, finding.sensors)),
            started_at=finding.started_at,
            ended_at=finding.ended_at,
            score=finding.score,
            verdict=finding.verdict,
        )


class CaseSchema(BaseModel):
    """All that is open, or was, about one machine at one time. `version` is the ETag of the case."""

    id: str
    machine: str
    severity: str
    state: str
    history: bool
    raised_at: datetime
    cleared_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    closed_at: datetime | None
    closed_by: str | None
    findings: tuple[FindingSchema, ...]
    version: int

    @classmethod
    def of(cls, case: Case) -> Self:
        """Return the shape of a case."""
        return cls(
            id=case.id,
            machine=case.machine,
            severity=case.severity.name.lower(),
            state=case.state,
            history=case.history,
            raised_at=case.raised_at,
            cleared_at=case.cleared_at,
            acknowledged_at=case.acknowledged_at,
            acknowledged_by=case.acknowledged_by,
            closed_at=case.closed_at,
            closed_by=case.closed_by,
            findings=tuple(map(FindingSchema.of, case.findings)),
            version=case.version,
        )


class CaseEventSchema(BaseModel):
    """One thing that happened in a case."""

    number: int
    at: datetime
    kind: str
    by: str | None
    finding_key: str | None
    severity: str | None
    note: str | None

    @classmethod
    def of(cls, event: CaseEvent) -> Self:
        """Return the shape of an event."""
        return cls(
            number=event.number,
            at=event.at,
            kind=event.kind,
            by=event.by,
            finding_key=event.finding_key,
            severity=None if event.severity is None else event.severity.name.lower(),
            note=event.note,
        )


class CaseDetailSchema(CaseSchema):
    """A case with all that happened in it, oldest first."""

    events: tuple[CaseEventSchema, ...]


class VerdictSchema(BaseModel):
    """What was found behind one finding."""

    model_config = ConfigDict(extra="forbid")

    finding: Annotated[str, Field(max_length=64)]
    verdict: Verdict
    note: Note | None = None


class ClosingSchema(BaseModel):
    """A verdict for every finding of the case."""

    model_config = ConfigDict(extra="forbid")

    verdicts: Annotated[tuple[VerdictSchema, ...], Field(max_length=100)]


class OutOfServiceRequest(BaseModel):
    """Until when a machine is not watched, and why."""

    model_config = ConfigDict(extra="forbid")

    until: AwareDatetime
    reason: Annotated[str, Field(min_length=1, max_length=200)]
