"""How the data is: which sensors are silent, stuck or doubtful, which messages are missing, which were refused."""

from fastapi import APIRouter

from service.api.data_health_schemas import DataHealthSchema
from service.http.data_health import data_health
from service.http.policy import Viewer
from service.http.services import ServicesOf

router = APIRouter(tags=["intake"])


@router.get("/data-health")
def read_data_health(services: ServicesOf, actor: Viewer) -> DataHealthSchema:
    """Return every sensor's condition, the exact numbers of missing messages, and what was refused by reason."""
    intake = next((part for part in services.readiness().parts if part.name == "intake"), None)
    with services.database.reading() as session:
        found = data_health(services, actor, session)
    return DataHealthSchema.of(found, services.clock(), intake)
