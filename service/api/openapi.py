"""The published description of the API: problems on every operation, two ways to sign in, short operation ids."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from service.http.problems import MEDIA_TYPE, Problem

Document = dict[str, Any]
DESCRIPTION = (
    "Yeji tells ahead of time which machine is going to fail, which part to replace and by when. "
    "Times are RFC 3339 in UTC; lists come in pages (`limit`, `cursor`, `next_cursor`); every error is an RFC 9457 "
    "problem; a POST with an `Idempotency-Key` may be sent again without harm."
)
PROBLEMS = {
    "401": "Nobody is signed in",
    "403": "The actor may not do this",
    "404": "Not found",
    "409": "The object is in another state",
    "412": "The object has changed since it was read",
    "422": "Something in the request is wrong",
    "default": "Any other problem",
}
_READS = ("401", "403", "404", "422", "default")
_OPEN_PATHS = ("/livez", "/readyz")


def operation_id(route: APIRoute) -> str:
    """Return the name of the function that answers, which is unique in the API."""
    return route.name


def describe(app: FastAPI) -> None:
    """Let the application publish its description with problems and security in it."""

    def document() -> Document:
        if app.openapi_schema is None:
            plain = get_openapi(title="Yeji", version=app.version, description=DESCRIPTION, routes=app.routes)
            app.openapi_schema = _completed(plain)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # the way that FastAPI documents


def _completed(document: Document) -> Document:
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    components["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "An API key: `yeji user key`."},
        "session": {"type": "apiKey", "in": "cookie", "name": "yeji_session"},
    }
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _complete_operation(operation, method, is_open=path in _OPEN_PATHS)
    return document


def _complete_operation(operation: Document, method: str, *, is_open: bool) -> None:
    responses = operation["responses"]
    responses.pop("422", None)
    if is_open:
        operation["security"] = []
        return
    operation["security"] = [{"key": []}, {"session": []}]
    for status in PROBLEMS if method != "get" else _READS:
        responses[status] = {
            "description": PROBLEMS[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
