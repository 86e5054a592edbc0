"""`/cases`: the list of cases, one case, and what people do with it."""

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, Response

from service.actions import cases as actions
from service.actor import Actor
from service.advisory.case import Case, Verdict
from service.advisory.handling import FindingVerdict
from service.errors import ConflictError, InvalidRequestError, PreconditionError
from service.http.policy import Operator, Technician, Viewer
from service.http.scope import machine_for
from service.http.services import Services, ServicesOf
from service.state import cases
from service.web.pages.conflict import conflict_notice
from service.web.pages.frame import back_to, fleet_facts, framed, machine_facts, words_for
from service.web.rendering import render, render_text
from service.web.views.cases import CaseTab, case_view, cases_view, tab_of

router = APIRouter(prefix="/cases")
PAGE_SIZE = 50
VERDICT_FIELD = "verdict:"
VERDICT_FOR_ALL = "verdict"


class CasesQuery(BaseModel):
    """Which tab of the list, from which case on, and which case somebody else changed."""

    tab: CaseTab = CaseTab.WAITING
    before: Annotated[str, Field(max_length=64)] = ""
    conflict: Annotated[str, Field(max_length=64)] = ""


@router.get("")
def show_cases(
    request: Request,
    services: ServicesOf,
    actor: Viewer,
    query: Annotated[CasesQuery, Query()],
) -> Response:
    """Return the list of cases of a tab."""
    words = words_for(request, services)
    with services.database.reading() as session:
        facts = {each.machine.id: each for each in fleet_facts(services, actor, session)}
        shown, has_older = _cases_of(session, actor, query.tab, query.before)
        counts = Counter(tab_of(case) for case in cases.open_cases(session, actor) if not case.history)
        notice = conflict_notice(session, actor, query.conflict, words)
        frame = framed(request, services, words, actor, session, notice=notice)
    numbers = {each: counts[each] for each in (CaseTab.WAITING, CaseTab.IN_HAND)}
    view = cases_view(query.tab, shown, numbers, facts, words, has_older=has_older)
    return render("cases.html", words, frame, view=view, tab=query.tab)


@router.get("/waiting")
def show_waiting(request: Request, services: ServicesOf, actor: Viewer) -> Response:
    """Return how many cases nobody has acknowledged, for the navigation."""
    words = words_for(request, services)
    with services.database.reading() as session:
        number = sum(tab_of(case) is CaseTab.WAITING for case in cases.open_cases(session, actor))
    return HTMLResponse(render_text("count.html", words, number=number, refresh="/cases/waiting"))


@router.get("/{case_id}")
def show_case(request: Request, services: ServicesOf, actor: Viewer, case_id: str, conflict: str = "") -> Response:
    """Return the page of a case."""
    with services.database.reading() as session:
        case = cases.get_case(session, actor, case_id)
        machine = machine_for(services.plant, actor, case.machine)
        words = words_for(request, services, machine)
        facts = machine_facts(services, actor, session, machine)
        events = cases.history_of(session, actor, case_id)
        notice = conflict_notice(session, actor, conflict, words)
        frame = framed(request, services, words, actor, session, notice=notice)
    return render("case.html", words, frame, view=case_view(case, facts, events, words))


@router.post("/{case_id}/acknowledgement")
def acknowledge(
    services: ServicesOf,
    actor: Operator,
    case_id: str,
    version: Annotated[int, Form()],
    next_page: Annotated[str, Form(alias="next")] = "/cases",
) -> Response:
    """Take a case on; where somebody was first, the page says who."""
    try:
        actions.acknowledge(services.database, actor, case_id, expected_version=version, now=services.clock())
    except (ConflictError, PreconditionError):
        return back_to(next_page, conflict=case_id)
    return back_to(next_page)


@router.post("/{case_id}/closing")
async def close(request: Request, services: ServicesOf, actor: Technician, case_id: str) -> Response:
    """Close a case with a verdict for each finding."""
    form = await request.form()
    return await run_in_threadpool(_close, services, actor, case_id, form)


def _close(services: Services, actor: Actor, case_id: str, form: FormData) -> Response:
    try:
        actions.close(
            services.database,
            actor,
            case_id,
            verdicts=verdicts_of(form),
            expected_version=_version(form),
            now=services.clock(),
        )
    except (ConflictError, PreconditionError):
        return back_to(f"/cases/{case_id}", conflict=case_id)
    return back_to(f"/cases/{case_id}")


def verdicts_of(form: FormData) -> tuple[FindingVerdict, ...]:
    """Return the verdict for each finding that the form names: its own, or else the one for all of them."""
    note = str(form.get("note", "")).strip() or None
    for_all = str(form.get(VERDICT_FOR_ALL, ""))
    chosen = {str(finding): for_all for finding in form.getlist("finding") if for_all}
    own = {name: str(value) for name, value in form.items() if name.startswith(VERDICT_FIELD)}
    chosen |= {name.removeprefix(VERDICT_FIELD): value for name, value in own.items()}
    try:
        return tuple(
            FindingVerdict(finding=finding, verdict=Verdict(value), note=note) for finding, value in chosen.items()
        )
    except ValueError:
        raise InvalidRequestError("verdict: choose one of those that the page offers") from None


def _version(form: FormData) -> int:
    text = str(form.get("version", ""))
    if not text.isdecimal():
        raise InvalidRequestError("version: open the page of the case again and close it there")
    return int(text)


def _cases_of(session: Session, actor: Actor, tab: CaseTab, before: str) -> tuple[list[Case], bool]:
    """Return the cases of a tab, the most severe first where they are open, and whether there are older ones."""
    if tab is not CaseTab.PAST:
        return [case for case in cases.open_cases(session, actor) if tab_of(case) is tab], False
    found = cases.list_cases(session, actor, before=before or None, limit=PAGE_SIZE + 1)
    past = [case for case in found[:PAGE_SIZE] if tab_of(case) is CaseTab.PAST]
    return past, len(found) > PAGE_SIZE
