"""The course of a slot's degradation: what was, and what is to come."""

from datetime import timedelta
from typing import Annotated, Literal

import numpy as np
from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from configs.instant import ns_of
from configs.plant import Slot
from ingest.ports import ConditionBlock
from service.api.csv_text import degradation_as_csv
from service.api.decimation import Points, decimate
from service.api.prediction_schemas import DegradationSchema, degradation_schema
from service.http.policy import Viewer
from service.http.scope import machine_for, slot_for, zone_of
from service.http.services import ServicesOf
from service.state import predictions

router = APIRouter(tags=["predictions"])
Name = Annotated[str, Field(max_length=64)]
MOST_POINTS = 2000
GAP_NS = 3 * 86_400 * 1_000_000_000
"""A machine that stood still for less than this is drawn through: its parts do not wear meanwhile."""


class DegradationQuery(BaseModel):
    """Which slot, and how many days back."""

    model_config = ConfigDict(extra="forbid")

    machine: Name
    slot: Name
    days: Annotated[int, Field(ge=1, le=3700)] = 120
    output: Annotated[Literal["json", "csv"], Field(alias="format")] = "json"


@router.get(
    "/degradation",
    response_model=DegradationSchema,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def read_degradation(services: ServicesOf, actor: Viewer, query: Annotated[DegradationQuery, Query()]) -> Response:
    """Return the degradation indicator hour by hour, its forecast, and the date by which to replace the part."""
    machine = machine_for(services.plant, actor, query.machine)
    slot = slot_for(machine, query.slot)
    now = services.clock()
    block = services.condition.read_condition(machine.id, ns_of(now - timedelta(days=query.days)), ns_of(now))
    with services.database.reading() as session:
        prediction = predictions.latest_of(session, actor, machine.id, slot.id)
    course = _course(block, slot)
    if query.output == "csv":
        text = degradation_as_csv(course, prediction, zone=zone_of(services.plant, machine))
        headers = {"content-disposition": f'attachment; filename="{machine.id}-{slot.id}-degradation.csv"'}
        return Response(text, media_type="text/csv; charset=utf-8", headers=headers)
    answer = degradation_schema(course, prediction, machine=machine.id, slot=slot.id, now=now)
    return Response(answer.model_dump_json(), media_type="application/json")


def _course(block: ConditionBlock, slot: Slot) -> Points:
    of_slot = block.keys == slot.id
    values = block.values[of_slot]
    return decimate(
        Points(
            times_ns=block.hours_ns[of_slot],
            low=values,
            high=values,
            mean=values,
            good_share=np.ones(values.size),
            flags=np.zeros(values.size, dtype=np.int64),
        ),
        columns=MOST_POINTS,
        gap_ns=GAP_NS,
    )
