"""Machines and how they are."""

from fastapi import APIRouter

from configs.instant import utc_of_ns
from configs.plant import Machine
from ingest.operation import OperatingState
from ingest.ports import MachineProgress
from service.actor import Actor
from service.api.plant_schemas import (
    HealthSchema,
    MachineDetailSchema,
    MachineSchema,
    OpenCaseSchema,
    OutOfServiceSchema,
    SensorSchema,
    SlotSchema,
    TextSchema,
)
from service.http.paging import Page, Paging, page_of
from service.http.policy import Viewer
from service.http.scope import machine_for, visible_machines
from service.http.services import Services, ServicesOf
from service.state import cases, health, out_of_service

router = APIRouter(tags=["machines"])


@router.get("/machines")
def list_machines(services: ServicesOf, actor: Viewer, paging: Paging) -> Page[MachineSchema]:
    """Return the machines of the plant with their health and what is open about them, by id."""
    machines = visible_machines(services.plant, actor)
    return page_of([(schema.id, schema) for schema in _schemas(services, actor, machines)], paging)


@router.get("/machines/{machine}")
def read_machine(services: ServicesOf, actor: Viewer, machine: str) -> MachineDetailSchema:
    """Return one machine with its sensors, their newest values and limits, and its slots."""
    found = machine_for(services.plant, actor, machine)
    (short,) = _schemas(services, actor, (found,))
    last = {value.sensor: value for value in services.telemetry.last_values() if value.machine == found.id}
    return MachineDetailSchema(
        **short.model_dump(),
        sensors=tuple(SensorSchema.of(sensor, last.get(sensor.id)) for sensor in found.sensors),
        slots=tuple(SlotSchema.of(slot, services.plant) for slot in found.slots),
    )


def _schemas(services: Services, actor: Actor, machines: tuple[Machine, ...]) -> tuple[MachineSchema, ...]:
    progress = {each.machine: each for each in services.telemetry.progress()}
    with services.database.reading() as session:
        open_cases = {case.machine: case for case in cases.open_cases(session, actor)}
        healths = {each.machine: each for each in health.latest(session, actor)}
        absent = out_of_service.current(session, actor, services.clock())
    standing = (
        (machine, progress.get(machine.id), open_cases.get(machine.id), healths.get(machine.id), absent.get(machine.id))
        for machine in machines
    )
    return tuple(
        _schema(machine, reached).model_copy(
            update={
                "health": known and HealthSchema.of(known),
                "open_case": case and OpenCaseSchema.of(case),
                "out_of_service": away and OutOfServiceSchema(until=away.until, reason=away.reason),
            }
        )
        for machine, reached, case, known, away in standing
    )


def _schema(machine: Machine, progress: MachineProgress | None) -> MachineSchema:
    return MachineSchema(
        id=machine.id,
        name=TextSchema.of(machine.name),
        site=machine.site,
        line=machine.line,
        equipment_type=machine.equipment_type,
        serial=machine.serial,
        installed_at=machine.installed_at,
        operating_state=progress.state if progress else OperatingState.UNKNOWN,
        newest_reading_at=utc_of_ns(progress.newest_event_time_ns) if progress else None,
        received_at=utc_of_ns(progress.newest_received_time_ns) if progress else None,
        health=None,
        open_case=None,
        out_of_service=None,
    )
