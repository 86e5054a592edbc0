"""Part lives: what is installed where, since when, and the record of what came off."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from configs.plant import MachineId, SlotId
from ingest.part_life import PartLife
from service.actions.life_record import correct_life
from service.actions.part_lives import Installation, Removal, record_installation, record_removal
from service.advisory.life_record import Record
from service.api.csv_text import CSV_ANSWER, csv_response, csv_text
from service.api.part_schemas import (
    CorrectionRequest,
    CorrectionSchema,
    InstallationRequest,
    LifeChangeSchema,
    PartLifeSchema,
    RemovalRequest,
    RemovalSchema,
)
from service.http.paging import Page, Paging, decode_cursor, page_after, page_of
from service.http.policy import Technician, Viewer
from service.http.scope import machine_for, slot_for
from service.http.services import ServicesOf
from service.state import audit, part_lives

router = APIRouter(tags=["parts"])


@dataclass(frozen=True, slots=True)
class LifeFilter:
    """Which part lives are asked for."""

    machine: Annotated[MachineId | None, Query(max_length=64)] = None
    slot: Annotated[SlotId | None, Query(max_length=64)] = None
    is_open: Annotated[bool | None, Query(alias="open")] = None


@router.get("/part-lives", response_model=Page[PartLifeSchema], responses=CSV_ANSWER)
def list_part_lives(
    services: ServicesOf,
    actor: Viewer,
    paging: Paging,
    wanted: Annotated[LifeFilter, Depends()],
    output: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
) -> Response:
    """Return part lives, the newest installed first; the CSV is the table that the page of part lives reads back."""
    with services.database.reading() as session:
        found = part_lives.list_lives(
            session,
            actor,
            wanted=part_lives.LifeFilter(machine=wanted.machine, slot=wanted.slot, is_open=wanted.is_open),
            before=decode_cursor(paging.cursor),
            limit=paging.limit + 1,
        )
    if output == "csv":
        return csv_response("part_lives.csv", _csv(found[: paging.limit]))
    page = page_after([PartLifeSchema.of(each) for each in found], [each.id for each in found], paging)
    return Response(page.model_dump_json(), media_type="application/json")


@router.get("/part-lives/{life_id}/changes")
def list_changes(services: ServicesOf, actor: Viewer, paging: Paging, life_id: str) -> Page[LifeChangeSchema]:
    """Return what was done to a part life, oldest first."""
    with services.database.reading() as session:
        part_lives.get_life(session, actor, life_id)
        trail = audit.entries_of(session, actor, "part_life", life_id)
    return page_of([(f"{entry.number:012d}", LifeChangeSchema.of(entry)) for entry in trail], paging)


@router.post("/part-lives/{life_id}/correction")
def correct_part_life(
    services: ServicesOf, actor: Technician, life_id: str, wish: CorrectionRequest
) -> CorrectionSchema:
    """Keep a part life as it is corrected; where the next part went in at its end, that moves along."""
    record = Record(
        installed_at=wish.installed_at,
        meter_at_install=wish.meter_at_install,
        age_at_install=wish.age_at_install,
        removed_at=wish.removed_at,
        meter_at_removal=wish.meter_at_removal,
        removal_reason=wish.removal_reason,
        failure_mode=wish.failure_mode,
        note=wish.note,
    )
    found = correct_life(services.database, actor, life_id, record, now=services.clock())
    following = None if found.next_life is None else PartLifeSchema.of(found.next_life)
    return CorrectionSchema(life=PartLifeSchema.of(found.life), next_life=following)


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


def _csv(lives: tuple[PartLife, ...]) -> str:
    header = (
        "machine", "slot", "installed_at", "meter_at_install", "age_at_install", "removed_at", "meter_at_removal",
        "reason", "failure_mode", "note",
    )  # fmt: skip
    rows = (
        (
            life.machine,
            life.slot,
            life.installed_at.isoformat(),
            life.meter_at_install,
            "unknown" if life.age_at_install is None else life.age_at_install,
            "" if life.removed_at is None else life.removed_at.isoformat(),
            life.meter_at_removal,
            life.removal_reason,
            life.failure_mode,
            life.note,
        )
        for life in lives
    )
    return csv_text(header, rows)
