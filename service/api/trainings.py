"""Training: to learn from the plant's history, and how far that is."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from service.api.training_schemas import TrainingSchema
from service.http.policy import Engineer, Viewer
from service.http.services import ServicesOf
from service.http.training_desk import Work

router = APIRouter(tags=["models"])


@router.post("/trainings", status_code=202)
def start_training(services: ServicesOf, actor: Engineer) -> TrainingSchema:
    """Learn from the plant's history in the background: how parts show their wear, and what predictions were worth.

    409 while a training runs.
    """
    return TrainingSchema.of(services.training.start(actor))


@router.get("/trainings/latest")
def latest_training(services: ServicesOf, _actor: Viewer) -> TrainingSchema:
    """Return how the latest training stands, and what it taught."""
    return TrainingSchema.of(services.training.latest())


@router.post("/evaluations", status_code=202)
def start_evaluation(services: ServicesOf, actor: Engineer) -> TrainingSchema:
    """Judge predictions on the plant's own history in the background; `/trainings/latest` tells how far it is."""
    return TrainingSchema.of(services.training.start(actor, Work.EVALUATE))


@router.get("/evaluations/latest/report", response_class=HTMLResponse)
def latest_report(services: ServicesOf, _actor: Engineer) -> str:
    """Return the report of the latest evaluation: one page that needs nothing beside it."""
    return services.training.report()
