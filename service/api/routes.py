"""Every router of the API."""

from fastapi import APIRouter

from service.api import (
    cases,
    data_health,
    dead_letters,
    degradation,
    description,
    entries,
    found,
    health,
    improvements,
    machines,
    meters,
    out_of_service,
    part_lives,
    plan,
    plant,
    predictions,
    readings,
    records,
    status,
    stock,
    stream,
    table_imports,
    terms,
    trainings,
    transfers,
    waveforms,
)

root_router = health.router
api_router = APIRouter()
for _nouns in (
    machines,
    readings,
    waveforms,
    predictions,
    degradation,
    cases,
    out_of_service,
    meters,
    part_lives,
    plan,
    plant,
    stock,
    improvements,
    terms,
    stream,
    table_imports,
    entries,
    found,
    status,
    records,
    dead_letters,
    data_health,
    trainings,
    transfers,
    description,
):
    api_router.include_router(_nouns.router)
