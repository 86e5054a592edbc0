"""The routes of the pages: each fetches what its view needs, and renders it."""

from fastapi import APIRouter

from service.web.pages import (
    cases,
    data_health,
    entry,
    fleet,
    found,
    improvement,
    machines,
    monthly_report,
    orders,
    out_of_service,
    part_lives,
    plan,
    replacement,
    sign_in,
    stock,
    tables,
    terms,
)

router = APIRouter(include_in_schema=False)
for _each in (
    fleet,
    machines,
    data_health,
    replacement,
    out_of_service,
    cases,
    plan,
    orders,
    stock,
    part_lives,
    improvement,
    monthly_report,
    terms,
    entry,
    tables,
    found,
    sign_in,
):
    router.include_router(_each.router)
