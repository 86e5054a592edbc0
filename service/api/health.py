"""What a supervisor asks: does it live, is it ready, what does it count."""

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import PlainTextResponse, Response

from service.http.policy import ForViewers, OpenToAll
from service.http.services import ServicesOf

router = APIRouter(tags=["health"])


@router.get("/livez", dependencies=[OpenToAll], response_class=PlainTextResponse)
async def read_liveness() -> PlainTextResponse:
    """Say that the process answers."""
    return PlainTextResponse("live")


@router.get(
    "/readyz",
    dependencies=[OpenToAll],
    response_class=PlainTextResponse,
    responses={503: {"description": "Not ready", "content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def read_readiness(services: ServicesOf) -> PlainTextResponse:
    """Say in one word whether the state database, the store, intake and the monitor work; `/api/v1/status` says more."""
    ready = services.readiness().ready
    return PlainTextResponse("ready" if ready else "unready", status_code=200 if ready else 503)


@router.get(
    "/metrics", dependencies=[ForViewers], responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}
)
def read_metrics(services: ServicesOf) -> Response:
    """Return the metrics in the text format of Prometheus."""
    return Response(services.metrics.exposition(), media_type=CONTENT_TYPE_LATEST)
