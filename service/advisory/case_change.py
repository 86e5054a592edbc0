"""A change of a case as data, and what a case looks like after it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from types import MappingProxyType

from configs.plant import MachineId
from service.advisory.case import Case, CaseState, Finding, Severity
from service.advisory.case_event import CaseEvent, CaseEventKind


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseChange:
    """One step in the life of a case.

    `finding` is the finding as it is after the step, `severity` the severity that the step brings, `eased_to` the one that
    the case falls to as a worn part has gone, `by` the person whose doing it is, and `notifies` whether people should hear
    of it.
    """

    kind: CaseEventKind
    case_id: str
    machine: MachineId
    at: datetime
    finding: Finding | None = None
    severity: Severity | None = None
    eased_to: Severity | None = None
    history: bool = False
    notifies: bool = False
    by: str | None = None
    note: str | None = None


def apply_change(case: Case | None, change: CaseChange) -> Case:
    """Return the case after the change; only `RAISED` makes one out of nothing."""
    if case is None:
        return _raised(change)
    after = _STEPS.get(change.kind, _as_it_was)(case, change)
    return replace(after, version=case.version + 1)


def apply_changes(case: Case | None, changes: Iterable[CaseChange]) -> Case | None:
    """Return the case after all the changes, in order."""
    return reduce(apply_change, changes, case)


def event_of(change: CaseChange, number: int) -> CaseEvent:
    """Return the entry of the record that stands for a change which made version `number`."""
    return CaseEvent(
        case_id=change.case_id,
        number=number,
        at=change.at,
        kind=change.kind,
        by=change.by,
        finding_key=change.finding.key if change.finding else None,
        severity=change.severity,
        note=change.note,
    )


def _raised(change: CaseChange) -> Case:
    if change.kind is not CaseEventKind.RAISED or change.severity is None:
        raise ValueError(f"{change.kind} cannot make a case of machine {change.machine}")
    return Case(
        id=change.case_id,
        machine=change.machine,
        severity=change.severity,
        state=CaseState.RAISED,
        history=change.history,
        raised_at=change.at,
        cleared_at=None,
        acknowledged_at=None,
        acknowledged_by=None,
        closed_at=None,
        closed_by=None,
        findings=(),
        version=1,
    )


def _with_finding(case: Case, change: CaseChange) -> Case:
    if change.finding is None:
        raise ValueError(f"{change.kind} of case {case.id} names no finding")
    found = change.finding
    if any(each.id == found.id for each in case.findings):
        return replace(case, findings=tuple(found if each.id == found.id else each for each in case.findings))
    return replace(case, findings=(*case.findings, found))


def _finding_ended(case: Case, change: CaseChange) -> Case:
    after = _with_finding(case, change)
    return after if change.eased_to is None else replace(after, severity=min(case.severity, change.eased_to))


def _severity_raised(case: Case, change: CaseChange) -> Case:
    severity = max(case.severity, change.severity or case.severity)
    return replace(case, severity=severity, state=CaseState.RAISED, acknowledged_at=None, acknowledged_by=None)


def _acknowledged(case: Case, change: CaseChange) -> Case:
    return replace(case, state=CaseState.ACKNOWLEDGED, acknowledged_at=change.at, acknowledged_by=change.by)


def _closed(case: Case, change: CaseChange) -> Case:
    return replace(case, state=CaseState.CLOSED, closed_at=change.at, closed_by=change.by)


def _cleared(case: Case, change: CaseChange) -> Case:
    return replace(case, cleared_at=change.at)


def _returned(case: Case, change: CaseChange) -> Case:
    if not change.notifies:
        return replace(case, cleared_at=None)
    return replace(case, cleared_at=None, state=CaseState.RAISED, acknowledged_at=None, acknowledged_by=None)


def _as_it_was(case: Case, change: CaseChange) -> Case:  # noqa: ARG001
    return case


_STEPS: Mapping[CaseEventKind, Callable[[Case, CaseChange], Case]] = MappingProxyType(
    {
        CaseEventKind.FINDING_ADDED: _with_finding,
        CaseEventKind.FINDING_GREW: _with_finding,
        CaseEventKind.FINDING_ENDED: _finding_ended,
        CaseEventKind.FINDING_RETURNED: _with_finding,
        CaseEventKind.FINDING_JUDGED: _with_finding,
        CaseEventKind.SEVERITY_RAISED: _severity_raised,
        CaseEventKind.CLEARED: _cleared,
        CaseEventKind.RETURNED: _returned,
        CaseEventKind.ACKNOWLEDGED: _acknowledged,
        CaseEventKind.CLOSED: _closed,
    }
)
