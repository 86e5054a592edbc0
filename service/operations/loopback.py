"""How a command asks the running service: over HTTP on this computer, with a key that lives as long as the question."""

import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from configs.settings import Settings
from service.actor import SYSTEM, Role
from service.app.clock import utc_now
from service.app.data_folder import holder_of
from service.app.running_file import read_whereabouts
from service.app.state import open_state
from service.errors import ConflictError, InvalidRequestError, NotFoundError, ServiceError
from service.security import api_keys
from service.security.api_keys import NewKey

KEY_LASTS = timedelta(minutes=10)
ANSWER_WITHIN_S = 60.0
READ_WITHIN_S = 600.0
"""How long the service may read a table of 200 MB."""

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningService:
    """The service that holds the data folder; `get` and `post` take paths below `/api/v1`."""

    address: str
    key: str

    def get(self, path: str) -> Any:
        """Return the JSON of a path; a ServiceError says what the service says."""
        return self._ask("GET", path, None)

    def get_text(self, path: str) -> str:
        """Return what a path answers, as it stands; a ServiceError says what the service says."""
        request = urllib.request.Request(f"{self.address}/api/v1{path}", None, {"authorization": f"Bearer {self.key}"})  # noqa: S310 (our own address)
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_WITHIN_S) as answer:  # noqa: S310
                text: str = answer.read().decode()
        except urllib.error.HTTPError as error:
            raise _refusal(error) from None
        except OSError as error:
            raise ServiceError(f"the service at {self.address} does not answer: {error}") from None
        return text

    def post(self, path: str, body: Mapping[str, object]) -> Any:
        """Send JSON to a path and return the answer."""
        return self._ask("POST", path, json.dumps(body).encode())

    def put(self, path: str, body: object) -> Any:
        """Replace what is at a path by JSON and return the answer."""
        return self._ask("PUT", path, json.dumps(body).encode())

    def upload(self, path: str, file: Path) -> Any:
        """Send a file to a path, as a form does, and return the answer."""
        mark = secrets.token_hex(16)
        name = file.name.replace('"', "_")
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        tail = f"\r\n--{mark}--\r\n".encode()
        headers = {
            "authorization": f"Bearer {self.key}",
            "content-type": f"multipart/form-data; boundary={mark}",
            "content-length": str(len(head) + file.stat().st_size + len(tail)),
        }
        request = urllib.request.Request(  # noqa: S310 (our own address)
            f"{self.address}/api/v1{path}", _parts(head, file, tail), headers, method="POST"
        )
        return self._answer(request, READ_WITHIN_S)

    def _ask(self, method: str, path: str, body: bytes | None) -> Any:
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        request = urllib.request.Request(f"{self.address}/api/v1{path}", body, headers, method=method)  # noqa: S310 (our own address)
        return self._answer(request, ANSWER_WITHIN_S)

    def _answer(self, request: urllib.request.Request, within_s: float) -> Any:
        try:
            with urllib.request.urlopen(request, timeout=within_s) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise _refusal(error) from None
        except OSError as error:
            raise ServiceError(f"the service at {self.address} does not answer: {error}") from None


@contextmanager
def running_service(settings: Settings) -> Iterator[RunningService | None]:
    """Give the service that runs on the data folder, or None where nobody holds it.

    Raises
    ------
    ConflictError
        A process holds the folder and is not a service that answers.
    """
    holder = holder_of(settings.data_dir)
    if holder is None:
        yield None
        return
    running = read_whereabouts(settings.data_dir)
    if running is None or running.pid != holder:
        raise ConflictError(f"{settings.data_dir} is in use by process {holder}, which does not answer yet; try again")
    now = utc_now()
    with open_state(settings.state, settings.data_dir) as database:
        new = NewKey(name="command line", role=Role.ADMINISTRATOR, expires_at=now + KEY_LASTS)
        issued = api_keys.issue_key(database, SYSTEM, new, now=now)
        try:
            yield RunningService(address=running.address, key=issued.text)
        finally:
            api_keys.revoke_key(database, SYSTEM, issued.key.id, now=utc_now())


def _parts(head: bytes, file: Path, tail: bytes) -> Iterator[bytes]:
    yield head
    with file.open("rb") as content:
        while block := content.read(_BLOCK):
            yield block
    yield tail


def _refusal(error: urllib.error.HTTPError) -> ServiceError:
    try:
        problem = json.load(error)
        detail = str(problem.get("detail") or problem.get("title"))
    except (ValueError, AttributeError):
        detail = f"the service answers {error.code}"
    kinds: dict[int, type[ServiceError]] = {404: NotFoundError, 409: ConflictError, 422: InvalidRequestError}
    return kinds.get(error.code, ServiceError)(detail)
