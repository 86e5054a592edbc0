"""The description of the API itself."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse

from service.http.policy import ForViewers

router = APIRouter(tags=["status"])


@router.get("/openapi.json", dependencies=[ForViewers], include_in_schema=False)
def read_description(request: Request) -> JSONResponse:
    """Return the OpenAPI document."""
    return JSONResponse(request.app.openapi())
