"""What is predicted of every slot."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query

from configs.catalogue.failure_modes import failure_modes
from configs.plant import Machine, MachineId, Plant
from models.prediction import Prediction
from service.advisory.failure_modes import likely_modes
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
    chosen = [each for each in found if slot in {None, each.slot}]
    machines = {each.id: each for each in services.plant.machines}
    keyed = [(f"{each.machine} {each.slot}", _shown(each, machines, services.plant)) for each in chosen]
    return page_of(keyed, paging)


def _shown(prediction: Prediction, machines: Mapping[MachineId, Machine], plant: Plant) -> PredictionSchema:
    known, part = (
        machines.get(prediction.machine),
        next((p for p in plant.part_types if p.id == prediction.part_type), None),
    )
    if known is None or part is None:
        return PredictionSchema.of(prediction)
    return PredictionSchema.of(prediction, likely_modes(part, prediction.drivers, known, failure_modes()))
