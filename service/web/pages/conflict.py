"""When two people act on one case at once: the second sees who was first."""

from sqlalchemy.orm import Session

from service.actor import Actor
from service.advisory.case import CaseState
from service.errors import NotFoundError
from service.state import cases
from service.web.words import Words


def conflict_notice(session: Session, actor: Actor, case_id: str, words: Words) -> str:
    """Return who changed a case before the reader could, or "" where no case is named."""
    if not case_id:
        return ""
    try:
        case = cases.get_case(session, actor, case_id)
    except NotFoundError:
        return ""
    if case.state is CaseState.CLOSED and case.closed_at is not None:
        return words.say("conflict.closed", who=case.closed_by or "", at=words.moment(case.closed_at))
    if case.state is not CaseState.RAISED and case.acknowledged_at is not None:
        return words.say("conflict.acknowledged", who=case.acknowledged_by or "", at=words.moment(case.acknowledged_at))
    return words.say("conflict.changed")
