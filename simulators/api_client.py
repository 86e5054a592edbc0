"""Yeji's HTTP API, as a device of the factory's people calls it."""

import json
import urllib.request
from pathlib import Path
from typing import Any

from simulators.errors import SimulatorError

_TIMEOUT_S = 10.0


class ApiClient:
    """Calls the API with a key; what goes wrong is an OSError (with a status: HTTPError) or a ValueError."""

    def __init__(self, address: str, key_file: Path) -> None:
        if not address.startswith(("http://", "https://")):
            raise SimulatorError(f"{address}: not the address of an API; write http://127.0.0.1:8000")
        self._address = address.rstrip("/")
        self._key_file = key_file

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Send one request and give its answer."""
        key = self._key_file.read_text(encoding="utf-8").strip()
        request = urllib.request.Request(  # noqa: S310 (the address is http or https: checked when the client starts)
            self._address + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 (as above)
            return json.loads(answer.read())
