"""`/entry`: the touch form for readings, meter values and parts that were replaced."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from service.errors import NotFoundError
from service.http.policy import Operator
from service.http.scope import machine_for, visible_machines
from service.http.services import ServicesOf
from service.state import part_lives
from service.web.pages.frame import framed, words_for
from service.web.rendering import render
from service.web.views.entry import EntryFacts, entry_view

router = APIRouter(prefix="/entry")


@router.get("")
def show_entry(request: Request, services: ServicesOf, actor: Operator, machine: str = "") -> Response:
    """Return the form for a machine, the first one unless told otherwise."""
    machines = visible_machines(services.plant, actor)
    if not machines:
        raise NotFoundError("there is no machine yet; register one, or add it to the plant file")
    chosen = machine_for(services.plant, actor, machine) if machine else machines[0]
    words = words_for(request, services, chosen)
    with services.database.reading() as session:
        lives = part_lives.open_lives(session, actor, machine=chosen.id)
        frame = framed(request, services, words, actor, session)
    facts = EntryFacts(
        machine=chosen,
        last_values=[each for each in services.telemetry.last_values() if each.machine == chosen.id],
        meters=services.meters.meters(chosen.id),
        lives=lives if frame.may_record_part else (),
        part_types={part.id: part for part in services.plant.part_types},
    )
    return render("entry.html", words, frame, view=entry_view(facts, machines, words))
