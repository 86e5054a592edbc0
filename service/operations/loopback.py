"""How a command asks the running service: over HTTP on this computer, with a key that lives as long as the question."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningService:
    """The service that holds the data folder; `get` and `post` take paths below `/api/v1`."""

    address: str
    key: str

    def get(self, path: str) -> Any:
        """Return the JSON of a path; a ServiceError says what the service says."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: Mapping[str, object]) -> Any:
        """Send JSON to a path and return the answer."""
        return self._ask("POST", path, json.dumps(body).encode())

    def _ask(self, method: str, path: str, body: bytes | None) -> Any:
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        request = urllib.request.Request(f"{self.address}/api/v1{path}", body, headers, method=method)  # noqa: S310 (our own address)
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_WITHIN_S) as answer:  # noqa: S310
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


def _refusal(error: urllib.error.HTTPError) -> ServiceError:
    try:
        problem = json.load(error)
        detail = str(problem.get("detail") or problem.get("title"))
    except (ValueError, AttributeError):
        detail = f"the service answers {error.code}"
    kinds: dict[int, type[ServiceError]] = {404: NotFoundError, 409: ConflictError, 422: InvalidRequestError}
    return kinds.get(error.code, ServiceError)(detail)
