"""Readings that people type."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from configs.plant import MachineId, SensorId
from service.actions.entries import Entry, record_entry
from service.api.part_schemas import Identifier
from service.http.policy import Operator
from service.http.scope import machine_for
from service.http.services import ServicesOf

router = APIRouter(tags=["readings"])


class EntryRequest(BaseModel):
    """What somebody read off a machine; values are in the sensors' units."""

    model_config = ConfigDict(extra="forbid")

    machine: Identifier
    at: AwareDatetime
    values: Annotated[
        dict[Identifier, Annotated[float, Field(allow_inf_nan=False)]], Field(min_length=1, max_length=200)
    ]


class EntrySchema(BaseModel):
    """What came of it: stored now, or already before; and the quality flags of each value, 0 where it is good."""

    machine: str
    at: AwareDatetime
    stored: bool
    quality: dict[str, int]


@router.post("/entries", status_code=201)
def add_entry(services: ServicesOf, actor: Operator, wish: EntryRequest) -> EntrySchema:
    """Store readings that somebody typed; the same ones sent again are stored once."""
    machine = machine_for(services.plant, actor, wish.machine)
    values = {SensorId(name): value for name, value in wish.values.items()}
    entry = Entry(machine=MachineId(machine.id), at=wish.at, values=values)
    taken = record_entry(
        services.database, actor, entry, plant=services.plant, hand_in=services.hand_in, now=services.clock()
    )
    return EntrySchema(
        machine=machine.id,
        at=wish.at,
        stored=taken.is_new,
        quality={sensor: int(flag) for sensor, flag in taken.quality.items()},
    )
