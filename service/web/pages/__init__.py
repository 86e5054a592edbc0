"""The routes of the pages: each fetches what its view needs, and renders it."""

from fastapi import APIRouter

from service.web.pages import (
    cases,
    entry,
    fleet,
    found,
    machines,
    orders,
    out_of_service,
    part_lives,
    plan,
    replacement,
    sign_in,
    stock,
    tables,
)

router = APIRouter(include_in_schema=False)
for _each in (
    fleet,
    machines,
    replacement,
    out_of_service,
    cases,
    plan,
    orders,
    stock,
    part_lives,
    entry,
    tables,
    found,
    sign_in,
):
    router.include_router(_each.router)
