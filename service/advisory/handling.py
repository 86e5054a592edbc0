"""What people do with a case: acknowledge, judge and close it, replace the part."""

from dataclasses import dataclass, replace
from datetime import datetime

from configs.plant import SlotId
from ingest.label import Label
from service.advisory.case import Case, CaseState, Finding, Verdict
from service.advisory.case_change import CaseChange
from service.advisory.case_event import CaseEventKind
from service.advisory.findings import replacement_key
from service.errors import ConflictError, InvalidRequestError, PreconditionError

LONGEST_NOTE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingVerdict:
    """What a person found about one finding of a case."""

    finding: str
    verdict: Verdict
    note: str | None = None


def check_version(case: Case, expected_version: int | None) -> None:
    """Raise PreconditionError where the case has changed since the version that the person saw."""
    if expected_version is not None and expected_version != case.version:
        raise PreconditionError(f"case {case.id} of {case.machine} has changed since you opened it; look at it again")


def acknowledge(case: Case, *, by: str, expected_version: int | None, now: datetime) -> tuple[CaseChange, ...]:
    """Return the change that acknowledges a case; none where the same person did so already.

    Raises
    ------
    ConflictError
        It is closed, or somebody else acknowledged it since the version that this person saw.
    PreconditionError
        Its evidence has changed since the version that this person saw.
    """
    refuse_closed(case)
    if case.state is not CaseState.RAISED:
        if case.acknowledged_by != by and expected_version not in {None, case.version}:
            raise ConflictError(f"{case.acknowledged_by} acknowledged case {case.id} of {case.machine} before you")
        return ()
    check_version(case, expected_version)
    return (_change(case, CaseEventKind.ACKNOWLEDGED, by=by, now=now),)


def close(case: Case, verdicts: tuple[FindingVerdict, ...], *, by: str, now: datetime) -> tuple[CaseChange, ...]:
    """Return the changes that judge every finding and close the case; InvalidRequestError where one is not judged."""
    refuse_closed(case)
    told = {each.finding: each for each in verdicts}
    unknown = sorted(told.keys() - {each.id for each in case.findings})
    if unknown or len(told) != len(verdicts):
        raise InvalidRequestError(f"verdicts: case {case.id} has no finding {', '.join(unknown) or 'twice'}")
    missing = [each.key for each in case.findings if each.id not in told]
    if missing:
        raise InvalidRequestError(f"verdicts: say what was found about {', '.join(missing)}; every finding needs one")
    judged = tuple(_judged(case, each, told[each.id], by=by, now=now) for each in case.findings)
    return (*judged, _change(case, CaseEventKind.CLOSED, by=by, now=now))


def part_replaced(case: Case, slot: SlotId, *, by: str, now: datetime) -> tuple[CaseChange, ...]:
    """Return how an open case changes when the part of a slot is replaced; none where it says nothing of the slot."""
    about = [each for each in case.findings if each.slot == slot]
    if not about:
        return ()
    changes = [_change(case, CaseEventKind.PART_REPLACED, by=by, now=now, note=slot)]
    asked = next((each for each in about if each.key == replacement_key(slot) and each.ended_at is None), None)
    if asked is not None:
        ended = replace(asked, ended_at=max(now, asked.started_at))
        gone = _change(case, CaseEventKind.FINDING_ENDED, by=by, now=now, finding=ended)
        changes.append(replace(gone, eased_to=case.severity_without(ended)))
        if all(each.ended_at is not None for each in case.findings if each is not asked):
            changes.append(_change(case, CaseEventKind.CLEARED, by=by, now=now))
    return tuple(changes)


def labels_of(case: Case) -> tuple[Label, ...]:
    """Return the facts for training that the verdicts of a closed case are."""
    if case.closed_at is None:
        return ()
    return tuple(
        Label(
            machine=case.machine,
            slot=finding.slot,
            start=finding.started_at,
            end=max(finding.ended_at or case.closed_at, finding.started_at),
            kind=finding.verdict,
            said_by=case.closed_by or "",
            said_at=case.closed_at,
        )
        for finding in case.findings
        if finding.verdict is not None
    )


def refuse_closed(case: Case) -> None:
    """Raise ConflictError, with who closed it, where the case is closed."""
    if case.state is CaseState.CLOSED:
        raise ConflictError(f"{case.closed_by or 'Yeji'} has closed case {case.id} of {case.machine} already")


def _judged(case: Case, finding: Finding, told: FindingVerdict, *, by: str, now: datetime) -> CaseChange:
    note = (told.note or "").strip() or None
    if note is not None and len(note) > LONGEST_NOTE:
        raise InvalidRequestError(f"note: at most {LONGEST_NOTE} characters")
    judged = replace(finding, verdict=told.verdict)
    return _change(case, CaseEventKind.FINDING_JUDGED, by=by, now=now, finding=judged, note=note)


def _change(
    case: Case,
    kind: CaseEventKind,
    *,
    by: str,
    now: datetime,
    finding: Finding | None = None,
    note: str | None = None,
) -> CaseChange:
    return CaseChange(kind=kind, case_id=case.id, machine=case.machine, at=now, finding=finding, by=by, note=note)
