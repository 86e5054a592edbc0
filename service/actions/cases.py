"""What people do with cases: acknowledge them, judge and close them."""

from datetime import datetime

from sqlalchemy.orm import Session

from configs.plant import SiteId
from service.actions.case_record import CaseUpdate, save_update
from service.actor import Actor
from service.advisory import handling
from service.advisory.case import Case
from service.advisory.handling import FindingVerdict
from service.security.rights import Right, require
from service.state import cases, labels, predictions
from service.state.database import StateDatabase
from service.state.labels import LabelOrigin

__all__ = ["FindingVerdict", "acknowledge", "close"]


def acknowledge(
    database: StateDatabase, actor: Actor, case_id: str, *, expected_version: int | None, now: datetime
) -> Case:
    """Acknowledge a case, and return it; doing so twice changes nothing.

    Raises
    ------
    ConflictError
        The case is closed, or somebody else acknowledged it since `expected_version`; the message says who.
    PreconditionError
        The evidence has changed since `expected_version`.
    """
    require(actor, Right.ACKNOWLEDGE_CASE)
    with database.transaction() as session:
        case = cases.lock_case(session, actor, case_id)
        changes = handling.acknowledge(case, by=actor.name, expected_version=expected_version, now=now)
        update = CaseUpdate(before=case, changes=changes, site=cases.site_of(session, case_id))
        return save_update(session, actor, update, now=now)


def close(
    database: StateDatabase,
    actor: Actor,
    case_id: str,
    *,
    verdicts: tuple[FindingVerdict, ...],
    expected_version: int | None,
    now: datetime,
) -> Case:
    """Close a case with a verdict for every finding, each of which becomes a label; return the case.

    Raises
    ------
    ConflictError
        The case is closed already; the message says by whom.
    PreconditionError
        The case has changed since `expected_version`.
    InvalidRequestError
        A finding has no verdict, or a verdict no finding.
    """
    require(actor, Right.CLOSE_CASE)
    with database.transaction() as session:
        case = cases.lock_case(session, actor, case_id)
        handling.refuse_closed(case)
        handling.check_version(case, expected_version)
        changes = handling.close(case, verdicts, by=actor.name, now=now)
        site = cases.site_of(session, case_id)
        predictions.mark_stale(session, case.machine, None, now=now)
        closed = save_update(session, actor, CaseUpdate(before=case, changes=changes, site=site), now=now)
        _label(session, closed, site)
        return closed


def _label(session: Session, closed: Case, site: SiteId) -> None:
    rows = [
        (label, site, LabelOrigin(case_id=closed.id, finding_id=finding.id))
        for label, finding in zip(handling.labels_of(closed), closed.findings, strict=True)
    ]
    labels.add_new(session, rows)
