"""How the data is: which sensors are silent, stuck or doubtful, which messages are missing, which were refused."""

from fastapi import APIRouter

from service.api.data_health_schemas import DataHealthSchema, JudgeAgain, JudgedAgainSchema
from service.http.data_health import data_health
from service.http.policy import Engineer, Viewer
from service.http.scope import machine_for
from service.http.services import ServicesOf

router = APIRouter(tags=["intake"])


@router.get("/data-health")
def read_data_health(services: ServicesOf, actor: Viewer) -> DataHealthSchema:
    """Return every sensor's condition, the exact numbers of missing messages, and what was refused by reason."""
    intake = next((part for part in services.readiness().parts if part.name == "intake"), None)
    with services.database.reading() as session:
        found = data_health(services, actor, session)
    return DataHealthSchema.of(found, services.clock(), intake)


@router.post("/data-health/recompute")
def judge_again(services: ServicesOf, actor: Engineer, wish: JudgeAgain) -> JudgedAgainSchema:
    """Judge the flags of a machine's raw readings of a day at most again, as if they had come in order."""
    machine = machine_for(services.plant, actor, wish.machine)
    found = services.flags.judge_again(actor, machine, (wish.start, wish.end), now=services.clock())
    return JudgedAgainSchema(changed=found.cells)
