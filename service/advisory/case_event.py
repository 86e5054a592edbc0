"""What happens to a case in the course of its life; the record of it is append-only."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service.advisory.case import Severity


class CaseEventKind(StrEnum):
    """What happened to a case: to its evidence, to its state, or by a person's hand."""

    RAISED = "raised"
    FINDING_ADDED = "finding_added"
    FINDING_GREW = "finding_grew"
    FINDING_ENDED = "finding_ended"
    FINDING_RETURNED = "finding_returned"
    SEVERITY_RAISED = "severity_raised"
    CLEARED = "cleared"
    RETURNED = "returned"
    ACKNOWLEDGED = "acknowledged"
    PART_REPLACED = "part_replaced"
    FINDING_JUDGED = "finding_judged"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvent:
    """One entry of a case's record: `number` is the version of the case that it made, `by` is None for the monitor."""

    case_id: str
    number: int
    at: datetime
    kind: CaseEventKind
    by: str | None
    finding_key: str | None
    severity: Severity | None
    note: str | None
