"""What reports on known topics and is not in the plant, and its registration."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from configs.instant import utc_of_ns
from ingest.intake.found import Found
from service.actions.registration import Registration, register
from service.http.paging import Page, Paging, page_of
from service.http.policy import Engineer, Technician
from service.http.scope import may_see_topic
from service.http.services import ServicesOf

router = APIRouter(prefix="/found", tags=["plant"])
Wire = Annotated[str, Field(max_length=300)]


class FoundSchema(BaseModel):
    """One name that the plant lacks, with the newest thing it said. `known_machine` is null where the machine is new too."""

    topic: str
    machine: str
    known_machine: str | None
    sensor: str
    unit: str | None
    value: float | None
    first_seen: datetime
    last_seen: datetime
    count: int

    @classmethod
    def of(cls, found: Found) -> Self:
        """Return the shape of what was found."""
        newest = found.newest
        return cls(
            topic=newest.topic,
            machine=newest.machine,
            known_machine=newest.known_machine,
            sensor=newest.sensor,
            unit=newest.unit,
            value=newest.value,
            first_seen=utc_of_ns(found.first_seen_ns),
            last_seen=utc_of_ns(found.last_seen_ns),
            count=found.count,
        )


class RegistrationRequest(BaseModel):
    """What is to be registered: a sensor of a known machine; or a machine, with everything that it reports."""

    model_config = ConfigDict(extra="forbid")

    topic: Wire
    machine: Wire
    sensor: Wire = ""
    equipment_type: Wire = ""
    line: Wire = ""


class PlantRevisionSchema(BaseModel):
    """The revision of the plant that the running service goes by now."""

    revision: int


@router.get("")
def list_found(services: ServicesOf, actor: Technician, paging: Paging) -> Page[FoundSchema]:
    """Return what is found and not registered."""
    seen = [each for each in services.found.all() if may_see_topic(actor, each.newest.topic)]
    return page_of([("\n".join(each.key), FoundSchema.of(each)) for each in seen], paging)


@router.post("/registration", status_code=201)
def register_found(services: ServicesOf, actor: Engineer, wish: RegistrationRequest) -> PlantRevisionSchema:
    """Register what was found; readings that come from now on are stored, without a restart."""
    plant = register(
        services.database,
        services.plants,
        services.found,
        actor,
        Registration(**wish.model_dump()),
        now=services.clock(),
    )
    return PlantRevisionSchema(revision=plant.revision)
