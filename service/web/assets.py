"""Static files under addresses that change with their content, so that browsers may keep them for ever."""

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOREVER = "public, max-age=31536000, immutable"


class LastingFiles(StaticFiles):
    """Static files that browsers need not ask for again."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file, marked as never changing."""
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = FOREVER
        return response


def mount_static(app: FastAPI) -> None:
    """Serve the static files of this version."""
    app.mount(f"/static/{version_of_static()}", LastingFiles(directory=static_folder()), name="static")


def asset(path: str) -> str:
    """Return the address of a static file."""
    return f"/static/{version_of_static()}/{path}"


def static_folder() -> Path:
    """Return where the static files lie."""
    return Path(str(files("service.web") / "static"))


@cache
def version_of_static() -> str:
    """Return a digest over all static files: one for all, so that scripts may import each other by relative names."""
    folder = static_folder()
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(str(path.relative_to(folder)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
