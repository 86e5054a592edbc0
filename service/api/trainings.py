"""Training: to learn from the plant's history, and how far that is."""

from fastapi import APIRouter

from service.api.training_schemas import TrainingSchema
from service.http.policy import Engineer, Viewer
from service.http.services import ServicesOf

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
