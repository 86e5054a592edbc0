"""The web application: routers, layers, problems, and the check that every route says who may use it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from service.api.openapi import describe, operation_id
from service.api.routes import api_router, root_router
from service.errors import ServiceError
from service.http.body_limit import BodyLimit
from service.http.idempotency import Idempotency
from service.http.origin_guard import OriginGuard
from service.http.policy import routes_without_policy
from service.http.problems import install_problems
from service.http.request_scope import RequestScope
from service.http.security_headers import SecurityHeaders
from service.http.services import Services
from service.web.assets import mount_static
from service.web.error_page import error_page
from service.web.pages import router as page_router

BODY_LIMIT_BYTES = 1_000_000
FILE_LIMIT_BYTES = 201_000_000
"""A table of at most 200 MB, and what a form puts around it."""

FILE_PATHS = ("/api/v1/table-imports", "/tables")
SMALLEST_ZIPPED_BYTES = 600


def build_web(services: Services) -> FastAPI:
    """Return the application over these services; ServiceError where a route does not say who may use it."""
    app = FastAPI(
        title="Yeji",
        version=services.version,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=_lifespan,
        generate_unique_id_function=operation_id,
        middleware=_layers(services),
    )
    app.state.services = services
    app.include_router(root_router)
    app.include_router(api_router, prefix="/api/v1")
    app.include_router(page_router)
    mount_static(app)
    install_problems(app, error_page)
    describe(app)
    if bare := routes_without_policy(app.routes):
        raise ServiceError(f"routes without a policy: {', '.join(bare)}; give each a role, or say that it is open")
    return app


def _layers(services: Services) -> list[Middleware]:
    """Return the layers around every route, the outermost first."""
    names = frozenset({"localhost", socket.gethostname().lower(), *map(str.lower, services.security.allowed_hosts)})
    return [
        Middleware(SecurityHeaders),
        Middleware(RequestScope, metrics=services.metrics),
        Middleware(OriginGuard, host_names=names),
        Middleware(BodyLimit, limit_bytes=BODY_LIMIT_BYTES, exceptions=dict.fromkeys(FILE_PATHS, FILE_LIMIT_BYTES)),
        Middleware(GZipMiddleware, minimum_size=SMALLEST_ZIPPED_BYTES, compresslevel=5),
        Middleware(Idempotency, database=services.database, clock=services.clock),
    ]


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    services.live.open(asyncio.get_running_loop())
    yield
    services.live.close()
