"""`/tables`: tables that people keep, handed in, looked at, stored and undone."""

from collections import defaultdict

from fastapi import APIRouter, Request, UploadFile
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from ingest.decode.table_layout import Answers
from ingest.errors import TableFileError
from service.actor import Actor
from service.http.policy import Technician
from service.http.scope import visible_machines
from service.http.services import Services, ServicesOf
from service.state import table_imports
from service.web.pages.frame import framed, words_for
from service.web.rendering import render
from service.web.views.tables import IGNORED, import_row, preview_view

router = APIRouter(prefix="/tables")
LISTED = 30


@router.get("")
def show_tables(request: Request, services: ServicesOf, actor: Technician) -> Response:
    """Return what was handed in, and where to hand in more."""
    return _list(request, services, actor, mistake="")


@router.post("")
def hand_in(request: Request, services: ServicesOf, actor: Technician, file: UploadFile) -> Response:
    """Keep a file and show what it holds; what is no table comes back with the reason."""
    try:
        preview = services.tables.receive(file.filename or "table", file.file, actor)
    except TableFileError as error:
        return _list(request, services, actor, mistake=str(error))
    return _to(preview.entry.id)


@router.get("/{import_id}")
def show_table(request: Request, services: ServicesOf, actor: Technician, import_id: str) -> Response:
    """Return what a file holds, or what came of it."""
    words = words_for(request, services)
    preview = services.tables.preview(import_id, actor)
    with services.database.reading() as session:
        frame = framed(request, services, words, actor, session)
    view = preview_view(preview, visible_machines(services.plant, actor), words)
    return render("table.html", words, frame, view=view, ignored=IGNORED)


@router.post("/{import_id}/answers")
async def answer(request: Request, services: ServicesOf, actor: Technician, import_id: str) -> Response:
    """Read the file again under what was corrected."""
    form = await request.form()
    await run_in_threadpool(services.tables.answer, import_id, _answers(form), actor)
    return _to(import_id)


@router.post("/{import_id}/storing")
def store(services: ServicesOf, actor: Technician, import_id: str) -> Response:
    """Begin to store it."""
    services.tables.store(import_id, actor)
    return _to(import_id)


@router.post("/{import_id}/undoing")
def undo(services: ServicesOf, actor: Technician, import_id: str) -> Response:
    """Take everything that it stored back out."""
    services.tables.undo(import_id, actor)
    return RedirectResponse("/tables", status_code=303)


def _answers(form: FormData) -> dict[str, Answers]:
    """Return what the form says, by shape: `machine:<shape>` and `column:<shape>:<heading>`."""
    machines: dict[str, str] = {}
    columns: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for name, value in form.items():
        field, _, rest = name.partition(":")
        shape, _, heading = rest.partition(":")
        if field == "machine":
            machines[shape] = str(value)
        elif field == "column" and value:
            columns[shape][heading] = str(value)
    return {shape: Answers(machine=machines.get(shape, ""), columns=columns[shape]) for shape in machines}


def _list(request: Request, services: Services, actor: Actor, *, mistake: str) -> Response:
    words = words_for(request, services)
    with services.database.reading() as session:
        found = table_imports.list_imports(session, actor, limit=LISTED)
        frame = framed(request, services, words, actor, session)
    rows = [import_row(entry, words) for entry in found]
    return render("tables.html", words, frame, status=422 if mistake else 200, rows=rows, mistake=mistake)


def _to(import_id: str) -> Response:
    return RedirectResponse(f"/tables/{import_id}", status_code=303)
