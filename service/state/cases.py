"""Cases with their findings, and the record of what happened to them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.orm import Session

from configs.plant import MachineId, SiteId, SlotId
from service.actor import Actor
from service.advisory.case import Case, CaseState, Finding, FindingKind, FindingSensor, Severity, Verdict
from service.advisory.case_change import CaseChange, event_of
from service.advisory.case_event import CaseEvent, CaseEventKind
from service.advisory.decide import Settled
from service.errors import NotFoundError
from service.state.codec import decode, encode
from service.state.scope import visible
from service.state.tables import CaseEventRow, CaseRow, FindingRow

_SENSORS = tuple[FindingSensor, ...]


def list_cases(
    session: Session,
    actor: Actor,
    *,
    state: CaseState | None = None,
    machine: MachineId | None = None,
    before: str | None = None,
    limit: int = 100,
) -> tuple[Case, ...]:
    """Return cases, newest first; `before` names the last case of the page before."""
    wanted: list[ColumnElement[bool]] = [visible(CaseRow.site, actor)]
    if state is not None:
        wanted.append(CaseRow.state == state.value)
    if machine is not None:
        wanted.append(CaseRow.machine == machine)
    if before is not None:
        last = select(CaseRow.raised_at, CaseRow.id).where(CaseRow.id == before).subquery()
        wanted.append(tuple_(CaseRow.raised_at, CaseRow.id) < select(last.c.raised_at, last.c.id).scalar_subquery())
    rows = session.scalars(
        select(CaseRow).where(*wanted).order_by(CaseRow.raised_at.desc(), CaseRow.id.desc()).limit(limit)
    )
    return tuple(_case(row) for row in rows)


def open_cases(session: Session, actor: Actor) -> tuple[Case, ...]:
    """Return the open cases, most severe first, then oldest first."""
    rows = session.scalars(
        select(CaseRow)
        .where(visible(CaseRow.site, actor), CaseRow.state != CaseState.CLOSED.value)
        .order_by(CaseRow.severity.desc(), CaseRow.raised_at, CaseRow.id)
    )
    return tuple(_case(row) for row in rows)


def lock_open_cases(session: Session) -> dict[MachineId, Case]:
    """Return the open case of every machine that has one; nobody else can change them until the transaction ends."""
    wanted = select(CaseRow).where(CaseRow.state != CaseState.CLOSED.value).order_by(CaseRow.id)
    return {MachineId(row.machine): _case(row) for row in session.scalars(_locking(wanted))}


def open_case_of(session: Session, actor: Actor, machine: MachineId) -> Case | None:
    """Return the machine's open case, or None."""
    row = session.scalar(
        select(CaseRow).where(
            visible(CaseRow.site, actor), CaseRow.machine == machine, CaseRow.state != CaseState.CLOSED.value
        )
    )
    return None if row is None else _case(row)


def get_case(session: Session, actor: Actor, case_id: str) -> Case:
    """Return a case; NotFoundError where the actor can see none of that id."""
    return _case(_row(session, actor, case_id, lock=False))


def lock_case(session: Session, actor: Actor, case_id: str) -> Case:
    """Return a case that nobody else can change until the transaction ends."""
    return _case(_row(session, actor, case_id, lock=True))


def history_of(session: Session, actor: Actor, case_id: str) -> tuple[CaseEvent, ...]:
    """Return what happened to a case, oldest first."""
    _row(session, actor, case_id, lock=False)
    rows = session.scalars(select(CaseEventRow).where(CaseEventRow.case_id == case_id).order_by(CaseEventRow.number))
    return tuple(_event(row) for row in rows)


def exists(session: Session, case_id: str) -> bool:
    """Whether there is a case of that id."""
    return session.scalar(select(CaseRow.id).where(CaseRow.id == case_id)) is not None


def site_of(session: Session, case_id: str) -> SiteId:
    """Return the site of a case that is there."""
    return SiteId(session.scalars(select(CaseRow.site).where(CaseRow.id == case_id)).one())


def settled_findings(session: Session, since: datetime) -> dict[MachineId, tuple[Settled, ...]]:
    """Return, per machine, the last judgement of each kind of finding in cases that were closed since then."""
    rows = session.execute(
        select(CaseRow.machine, CaseRow.closed_at, FindingRow)
        .join(FindingRow, FindingRow.case_id == CaseRow.id)
        .where(CaseRow.closed_at >= since)
        .order_by(CaseRow.closed_at)
    )
    newest: dict[MachineId, dict[str, Settled]] = defaultdict(dict)
    for machine, closed_at, row in rows:
        if closed_at is not None:
            newest[MachineId(machine)][row.key] = _settled(row, closed_at)
    return {machine: tuple(by_key.values()) for machine, by_key in newest.items()}


def save_case(session: Session, case: Case, site: SiteId, changes: Sequence[CaseChange]) -> None:
    """Keep a case as the changes left it, and add them to its record."""
    row = session.get(CaseRow, case.id)
    if row is None:
        row = CaseRow(id=case.id, machine=case.machine, site=site, findings=[])
        session.add(row)
    _fill(row, case)
    session.flush()
    first = case.version - len(changes) + 1
    events = [event_of(change, first + i) for i, change in enumerate(changes)]
    session.add_all(_event_row(event) for event in events)
    session.flush()


def _settled(row: FindingRow, closed_at: datetime) -> Settled:
    return Settled(
        key=row.key,
        severity=Severity(row.severity),
        started_at=row.started_at,
        closed_at=closed_at,
        until=row.ended_at or closed_at,
    )


def _row(session: Session, actor: Actor, case_id: str, *, lock: bool) -> CaseRow:
    query = select(CaseRow).where(CaseRow.id == case_id, visible(CaseRow.site, actor))
    row = session.scalar(_locking(query) if lock else query)
    if row is None:
        raise NotFoundError(f"there is no case {case_id}")
    return row


def _locking(query: Select[CaseRow]) -> Select[CaseRow]:
    # What the session has read before the lock was had may be out of date.
    return query.with_for_update().execution_options(populate_existing=True)


def _fill(row: CaseRow, case: Case) -> None:
    row.severity = int(case.severity)
    row.state = case.state.value
    row.history = case.history
    row.raised_at = case.raised_at
    row.cleared_at = case.cleared_at
    row.acknowledged_at = case.acknowledged_at
    row.acknowledged_by = case.acknowledged_by
    row.closed_at = case.closed_at
    row.closed_by = case.closed_by
    row.version = case.version
    known = {each.id: each for each in row.findings}
    row.findings = [
        _fill_finding(known.get(finding.id) or FindingRow(case_id=case.id, id=finding.id), finding, position)
        for position, finding in enumerate(case.findings)
    ]


def _fill_finding(row: FindingRow, finding: Finding, position: int) -> FindingRow:
    row.position = position
    row.key = finding.key
    row.kind = finding.kind.value
    row.severity = int(finding.severity)
    row.slot = finding.slot
    row.sensors = encode(_SENSORS, finding.sensors)
    row.started_at = finding.started_at
    row.ended_at = finding.ended_at
    row.score = finding.score
    row.verdict = finding.verdict.value if finding.verdict else None
    return row


def _case(row: CaseRow) -> Case:
    return Case(
        id=row.id,
        machine=MachineId(row.machine),
        severity=Severity(row.severity),
        state=CaseState(row.state),
        history=row.history,
        raised_at=row.raised_at,
        cleared_at=row.cleared_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        findings=_findings(row.findings),
        version=row.version,
    )


def _findings(rows: Iterable[FindingRow]) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            id=row.id,
            key=row.key,
            kind=FindingKind(row.kind),
            severity=Severity(row.severity),
            slot=None if row.slot is None else SlotId(row.slot),
            sensors=decode(_SENSORS, row.sensors),
            started_at=row.started_at,
            ended_at=row.ended_at,
            score=row.score,
            verdict=None if row.verdict is None else Verdict(row.verdict),
        )
        for row in rows
    )


def _event_row(event: CaseEvent) -> CaseEventRow:
    return CaseEventRow(
        case_id=event.case_id,
        number=event.number,
        at=event.at,
        kind=event.kind.value,
        by=event.by,
        finding_key=event.finding_key,
        severity=None if event.severity is None else int(event.severity),
        note=event.note,
    )


def _event(row: CaseEventRow) -> CaseEvent:
    return CaseEvent(
        case_id=row.case_id,
        number=row.number,
        at=row.at,
        kind=CaseEventKind(row.kind),
        by=row.by,
        finding_key=row.finding_key,
        severity=None if row.severity is None else Severity(row.severity),
        note=row.note,
    )
