"""Part lives: what is installed where, since when, and the record of what came off."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from configs.plant import MachineId, SlotId
from service.actions.part_lives import Installation, Removal, record_installation, record_removal
from service.api.part_schemas import InstallationRequest, PartLifeSchema, RemovalRequest, RemovalSchema
from service.http.paging import Page, Paging, decode_cursor, page_after
from service.http.policy import Technician, Viewer
from service.http.scope import machine_for, slot_for
from service.http.services import ServicesOf
from service.state import part_lives

router = APIRouter(tags=["parts"])


@dataclass(frozen=True, slots=True)
class LifeFilter:
    """Which part lives are asked for."""

    machine: Annotated[MachineId | None, Query(max_length=64)] = None
    slot: Annotated[SlotId | None, Query(max_length=64)] = None
    is_open: Annotated[bool | None, Query(alias="open")] = None


@router.get("/part-lives")
def list_part_lives(
    services: ServicesOf, actor: Viewer, paging: Paging, wanted: Annotated[LifeFilter, Depends()]
) -> Page[PartLifeSchema]:
    """Return part lives, the newest installed first."""
    with services.database.reading() as session:
        found = part_lives.list_lives(
            session,
            actor,
            wanted=part_lives.LifeFilter(machine=wanted.machine, slot=wanted.slot, is_open=wanted.is_open),
            before=decode_cursor(paging.cursor),
            limit=paging.limit + 1,
        )
    return page_after([PartLifeSchema.of(each) for each in found], [each.id for each in found], paging)


@router.post("/part-lives", status_code=201)
def add_part_life(services: ServicesOf, actor: Technician, wish: InstallationRequest) -> PartLifeSchema:
    """Record the first part of an empty slot."""
    machine = machine_for(services.plant, actor, wish.machine)
    installation = Installation(
        machine=machine.id,
        slot=slot_for(machine, wish.slot).id,
        installed_at=wish.installed_at,
        meter=wish.meter,
        age=wish.age_at_install,
        note=wish.note,
    )
    opened = record_installation(
        services.database, actor, installation, plant=services.plant, meters=services.meters, now=services.clock()
    )
    return PartLifeSchema.of(opened)


@router.post("/part-lives/{life_id}/removal")
def remove_part(services: ServicesOf, actor: Technician, life_id: str, wish: RemovalRequest) -> RemovalSchema:
    """Record that the part came off and a new one went in: closes this life and opens the next, together."""
    removal = Removal(
        life_id=life_id,
        reason=wish.reason,
        removed_at=wish.removed_at,
        meter=wish.meter,
        failure_mode=wish.failure_mode,
        note=wish.note,
    )
    closed, opened = record_removal(
        services.database, actor, removal, plant=services.plant, meters=services.meters, now=services.clock()
    )
    return RemovalSchema(closed=PartLifeSchema.of(closed), opened=PartLifeSchema.of(opened))
