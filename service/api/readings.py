"""Readings of one sensor over a span, as a chart or a spreadsheet wants them."""

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import Response

from configs.instant import ns_of
from configs.plant import Machine, Sensor
from service.api.csv_text import points_as_csv
from service.api.decimation import Points
from service.api.history import default_span, read_points
from service.api.reading_schemas import Asked, ReadingsSchema, readings_schema
from service.api.stops import stopped_spans
from service.errors import InvalidRequestError
from service.http.policy import Viewer
from service.http.scope import machine_for, sensor_for, zone_of
from service.http.services import Services, ServicesOf

router = APIRouter(tags=["readings"])
LONGEST_SPAN = timedelta(days=3700)
Name = Annotated[str, Field(max_length=64)]


class ReadingsQuery(BaseModel):
    """Which sensor, from when to when (the last day, unless told otherwise), and in how many points."""

    model_config = ConfigDict(extra="forbid")

    machine: Name
    sensor: Name
    start: Annotated[AwareDatetime | None, Field(alias="from")] = None
    end: Annotated[AwareDatetime | None, Field(alias="to")] = None
    max_points: Annotated[int, Field(ge=10, le=20_000)] = 1000
    output: Annotated[Literal["json", "csv"], Field(alias="format")] = "json"


@router.get(
    "/readings",
    response_model=ReadingsSchema,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def read_readings(services: ServicesOf, actor: Viewer, query: Annotated[ReadingsQuery, Query()]) -> Response:
    """Return a sensor's readings, thinned to the extremes of at most `max_points` columns, with gaps as nulls."""
    machine = machine_for(services.plant, actor, query.machine)
    sensor = sensor_for(machine, query.sensor)
    start, end = default_span(services.clock(), query.start, query.end)
    if not timedelta(0) < end - start <= LONGEST_SPAN:
        raise InvalidRequestError(f"from, to: must be in order and at most {LONGEST_SPAN.days} days apart")
    points, step_s = read_points(
        services.telemetry,
        machine,
        sensor,
        start_ns=ns_of(start),
        end_ns=ns_of(end),
        max_points=query.max_points,
    )
    if query.output == "csv":
        return _csv(services, machine, sensor, points)
    stopped = stopped_spans(services.telemetry, machine, points.holes(ns_of(start), ns_of(end)), step_s=step_s)
    asked = Asked(start=start, end=end, step_s=step_s)
    answer = readings_schema(machine, sensor, points, stopped, asked=asked)
    return Response(answer.model_dump_json(), media_type="application/json")


def _csv(services: Services, machine: Machine, sensor: Sensor, points: Points) -> Response:
    text = points_as_csv(points, name=sensor.id, unit=sensor.unit, zone=zone_of(services.plant, machine))
    headers = {"content-disposition": f'attachment; filename="{machine.id}-{sensor.id}.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)
