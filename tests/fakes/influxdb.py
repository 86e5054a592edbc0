"""A throw-away InfluxDB: Debian's engine (1.6), and an adapter that lets it be spoken to as 2.x and 3 are."""

import base64
import json
import shutil
import subprocess
import tempfile
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket

from tests.fakes.waiting import wait_until

TOKEN = "yeji:secret"
_CONFIG = """
reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
  query-log-enabled = false
  index-version = "inmem"
[http]
  bind-address = "127.0.0.1:{http}"
  auth-enabled = true
  log-enabled = false
  flux-enabled = false
[monitor]
  store-enabled = false
[subscriber]
  enabled = false
[logging]
  level = "error"
  suppress-logo = true
[continuous_queries]
  enabled = false
"""


def is_installed() -> bool:
    """Whether the engine is there."""
    return shutil.which("influxd") is not None


@dataclass(slots=True)
class InfluxDB:
    """An engine in `folder` that can be killed and started again, behind an adapter whose address stays.

    `fail` lets the adapter answer a request itself: it gets the path and gives a status, or None to pass it on.
    """

    folder: Path
    upstream: int
    url: str = ""
    process: "subprocess.Popen[bytes] | None" = None
    fail: Callable[[str], int | None] | None = None
    requests: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Start the engine and wait until it answers."""
        config = self.folder / "influxdb.conf"
        config.write_text(_CONFIG.format(folder=self.folder, http=self.upstream, rpc=_free_port()))
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(["influxd", "-config", str(config)], stdout=log, stderr=log)
        wait_until(self._answers, 20)

    def kill(self) -> None:
        """End the engine as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def run(self, statement: str) -> None:
        """Run an InfluxQL statement that changes something, as the administrator."""
        query = urllib.parse.urlencode({"q": statement})
        with closing(HTTPConnection("127.0.0.1", self.upstream, timeout=10)) as connection:
            connection.request("POST", f"/query?{query}", headers=_basic(TOKEN))
            said = connection.getresponse().read()
        assert b"error" not in said, said

    def _answers(self) -> bool:
        try:
            with closing(HTTPConnection("127.0.0.1", self.upstream, timeout=1)) as connection:
                connection.request("GET", "/ping")
                return connection.getresponse().status == 204
        except OSError:
            return False


@contextmanager
def an_influxdb() -> Iterator[InfluxDB]:
    """Give a running engine behind its adapter, and leave nothing of it behind."""
    folder = Path(tempfile.mkdtemp(prefix="yeji-influx-"))
    influx = InfluxDB(folder=folder, upstream=_free_port())
    adapter = _Adapter(influx)
    thread = threading.Thread(target=adapter.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    influx.url = f"http://127.0.0.1:{adapter.server_address[1]}"
    try:
        influx.start()
        user, password = TOKEN.split(":")
        influx.run(f"create user {user} with password '{password}' with all privileges")
        yield influx
    finally:
        adapter.shutdown()
        adapter.server_close()
        influx.kill()
        shutil.rmtree(folder, ignore_errors=True)


class _Adapter(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, influx: InfluxDB) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.influx = influx

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that has gone is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Adapter

    def do_GET(self) -> None:
        self._relay()

    def do_POST(self) -> None:
        self._relay()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _relay(self) -> None:
        content = self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = urllib.parse.urlsplit(self.path)
        influx = self.server.influx
        influx.requests.append(parts.path)
        status = influx.fail(parts.path) if influx.fail else None
        if status is not None:
            self._answer(status, {}, json.dumps({"code": "made up", "message": "made up"}).encode())
            return
        query = {name: values[-1] for name, values in urllib.parse.parse_qs(parts.query).items()}
        method, path, query, content = _translated(self.command, parts.path, query, content)
        headers = {"Accept-Encoding": "identity", **_authorization(self.headers.get("authorization"))}
        if encoding := self.headers.get("content-encoding"):
            headers["Content-Encoding"] = encoding
        target = f"{path}?{urllib.parse.urlencode(query)}"
        try:
            with closing(HTTPConnection("127.0.0.1", influx.upstream, timeout=30)) as connection:
                connection.request(method, target, body=content or None, headers=headers)
                answer = connection.getresponse()
                self._answer(answer.status, dict(answer.getheaders()), answer.read())
        except (OSError, HTTPException):
            self.close_connection = True

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", headers.get("Content-Type", "application/json"))
        if status != 204:
            self.send_header("content-length", str(len(content)))
        self.end_headers()
        if status != 204:
            self.wfile.write(content)


def _translated(
    method: str, path: str, query: dict[str, str], content: bytes
) -> tuple[str, str, dict[str, str], bytes]:
    """Return a request of 2.x as 1.x understands it."""
    if path == "/api/v2/write":
        database, _, policy = query["bucket"].partition("/")
        precision = {"us": "u"}.get(query.get("precision", "ns"), query.get("precision", "ns"))
        return method, "/write", {"db": database, "precision": precision, **({"rp": policy} if policy else {})}, content
    if path == "/api/v2/delete":
        wish = json.loads(content)
        statement = f"delete where time >= '{wish['start']}' and time < '{wish['stop']}'"
        return "POST", "/query", {"db": query["bucket"].partition("/")[0], "q": statement}, b""
    if path == "/health":
        return "GET", "/ping", {}, b""
    return method, path, query, content


def _authorization(said: str | None) -> dict[str, str]:
    return _basic(said.removeprefix("Token ")) if said else {}


def _basic(token: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(token.encode()).decode()}


def _free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
