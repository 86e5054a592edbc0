"""The plant file, read anew while the service runs."""

from typing import Self

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from configs.plant import Plant
from service.http.policy import Engineer
from service.http.services import ServicesOf

router = APIRouter(prefix="/plant", tags=["plant"])


class PlantSchema(BaseModel):
    """What the plant comes to."""

    model_config = ConfigDict(extra="forbid")

    revision: int
    machines: int
    mappings: tuple[str, ...]

    @classmethod
    def of(cls, plant: Plant) -> Self:
        """Return the shape of a plant."""
        mappings = tuple(mapping.id for mapping in plant.mappings)
        return cls(revision=plant.revision, machines=len(plant.machines), mappings=mappings)


@router.post("/reading")
def read_plant_anew(services: ServicesOf, actor: Engineer) -> PlantSchema:
    """Go by the plant file as it is written now, under what was changed on the pages; a mistake in it changes nothing."""
    return PlantSchema.of(services.plants.reread(services.database, actor, now=services.clock()))
