"""Every router of the API."""

from fastapi import APIRouter

from service.api import (
    cases,
    dead_letters,
    degradation,
    description,
    health,
    machines,
    meters,
    out_of_service,
    part_lives,
    predictions,
    readings,
    records,
    status,
    stream,
)

root_router = health.router
api_router = APIRouter()
for _nouns in (
    machines,
    readings,
    predictions,
    degradation,
    cases,
    out_of_service,
    meters,
    part_lives,
    stream,
    status,
    records,
    dead_letters,
    description,
):
    api_router.include_router(_nouns.router)
