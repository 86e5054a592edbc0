"""Meters: what the lives of parts are counted in."""

from typing import Annotated

from fastapi import APIRouter, Query

from configs.plant import MachineId
from service.actions.meters import TypedMeter, record_meter
from service.api.part_schemas import MeterRequest, MeterSchema
from service.http.paging import Page, Paging, page_of
from service.http.policy import Operator, Viewer
from service.http.scope import machine_for, visible_machines
from service.http.services import ServicesOf

router = APIRouter(tags=["parts"])


@router.get("/meters")
def list_meters(
    services: ServicesOf,
    actor: Viewer,
    paging: Paging,
    machine: Annotated[str | None, Query(max_length=64)] = None,
) -> Page[MeterSchema]:
    """Return where the meters of the machines stand, by machine and unit."""
    wanted = machine_for(services.plant, actor, machine).id if machine is not None else None
    seen = {each.id for each in visible_machines(services.plant, actor)}
    standing = (meter for meter in services.meters.meters(wanted) if meter.machine in seen)
    keyed = [(f"{meter.machine} {meter.unit}", MeterSchema.of(meter)) for meter in standing]
    return page_of(keyed, paging)


@router.post("/meters", status_code=201)
def add_meter(services: ServicesOf, actor: Operator, entry: MeterRequest) -> MeterSchema:
    """Take a meter value that a person read off or a device reports."""
    machine = machine_for(services.plant, actor, entry.machine)
    typed = TypedMeter(machine=MachineId(machine.id), unit=entry.unit, value=entry.value, at=entry.at)
    taken = record_meter(
        services.database, actor, typed, plant=services.plant, meters=services.meters, now=services.clock()
    )
    return MeterSchema(machine=taken.machine, unit=taken.unit, value=taken.value, at=taken.at)
