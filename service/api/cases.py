"""Cases: list, read, acknowledge, close."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from configs.plant import MachineId
from service.actions import cases as actions
from service.actions.cases import FindingVerdict
from service.advisory.case import CaseState
from service.api.case_schemas import CaseDetailSchema, CaseEventSchema, CaseSchema, ClosingSchema
from service.http.conditional import IfMatch, etag, expected_version
from service.http.paging import Page, Paging, decode_cursor, page_after
from service.http.policy import Operator, Technician, Viewer
from service.http.services import ServicesOf
from service.state import cases

router = APIRouter(tags=["cases"])


@router.get("/cases")
def list_cases(
    services: ServicesOf,
    actor: Viewer,
    paging: Paging,
    *,
    state: CaseState | None = None,
    machine: Annotated[str | None, Query(max_length=64)] = None,
) -> Page[CaseSchema]:
    """Return cases, newest first."""
    with services.database.reading() as session:
        found = cases.list_cases(
            session,
            actor,
            state=state,
            machine=None if machine is None else MachineId(machine),
            before=decode_cursor(paging.cursor),
            limit=paging.limit + 1,
        )
    return page_after([CaseSchema.of(each) for each in found], [each.id for each in found], paging)


@router.get("/cases/{case_id}")
def read_case(services: ServicesOf, actor: Viewer, case_id: str, response: Response) -> CaseDetailSchema:
    """Return one case with what happened in it; its ETag is for If-Match."""
    with services.database.reading() as session:
        case = cases.get_case(session, actor, case_id)
        events = cases.history_of(session, actor, case_id)
    response.headers["etag"] = etag(case.version)
    short = CaseSchema.of(case)
    return CaseDetailSchema(**short.model_dump(), events=tuple(map(CaseEventSchema.of, events)))


@router.post("/cases/{case_id}/acknowledgement")
def acknowledge_case(
    services: ServicesOf, actor: Operator, case_id: str, response: Response, if_match: IfMatch = None
) -> CaseSchema:
    """Say that somebody has seen the case; saying it again changes nothing."""
    case = actions.acknowledge(
        services.database, actor, case_id, expected_version=expected_version(if_match), now=services.clock()
    )
    response.headers["etag"] = etag(case.version)
    return CaseSchema.of(case)


@router.post("/cases/{case_id}/closing")
def close_case(
    services: ServicesOf,
    actor: Technician,
    case_id: str,
    closing: ClosingSchema,
    response: Response,
    *,
    if_match: IfMatch = None,
) -> CaseSchema:
    """Close the case with what was found behind every finding; each verdict becomes a label for training."""
    verdicts = tuple(
        FindingVerdict(finding=each.finding, verdict=each.verdict, note=each.note) for each in closing.verdicts
    )
    case = actions.close(
        services.database,
        actor,
        case_id,
        verdicts=verdicts,
        expected_version=expected_version(if_match),
        now=services.clock(),
    )
    response.headers["etag"] = etag(case.version)
    return CaseSchema.of(case)
