"""What is predicted of every slot."""

from typing import Annotated

from fastapi import APIRouter, Query

from service.api.prediction_schemas import PredictionSchema
from service.http.paging import Page, Paging, page_of
from service.http.policy import Viewer
from service.http.scope import machine_for
from service.http.services import ServicesOf
from service.state import predictions

router = APIRouter(tags=["predictions"])


@router.get("/predictions")
def list_predictions(
    services: ServicesOf,
    actor: Viewer,
    paging: Paging,
    machine: Annotated[str | None, Query(max_length=64)] = None,
    slot: Annotated[str | None, Query(max_length=64)] = None,
) -> Page[PredictionSchema]:
    """Return the newest prediction of every slot, by machine and slot; a slot without a number says why."""
    wanted = machine_for(services.plant, actor, machine).id if machine is not None else None
    with services.database.reading() as session:
        found = predictions.latest(session, actor, machine=wanted, with_forecast=False)
    keyed = [(f"{each.machine} {each.slot}", PredictionSchema.of(each)) for each in found if slot in {None, each.slot}]
    return page_of(keyed, paging)
