"""The connection to an InfluxDB server: writes of lines, InfluxQL queries, and what its answers mean to a person.

Lines go through influxdb-client's synchronous write API: the batching one loses data without an error. Reading is
`GET /query`, the one way to read that InfluxDB 1.x, 2.x and 3 share.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import urllib3
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.rest import ApiException

from configs.instant import utc_of_ns
from ingest.errors import StoreUnavailableError

_HTTP_TROUBLE = (urllib3.exceptions.HTTPError, OSError)
_REFUSED = frozenset({400, 422})
_TOO_LARGE = 413


@dataclass(frozen=True, slots=True, kw_only=True)
class InfluxDBAddress:
    """Where the server is, and as whom we come; `token` is `user:password` for InfluxDB 1.x."""

    url: str
    token: str
    org: str = ""
    ca_file: str | None = None
    timeout_s: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A line that the server will not have, by its position among those sent, and why."""

    at: int
    reason: str


@dataclass(frozen=True, slots=True)
class Rows:
    """The columns of one series of an answer, by name: `time` in nanoseconds, the rest as JSON has it."""

    tags: dict[str, str]
    columns: dict[str, list[Any]]

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(self.columns["time"])


class InfluxDBLink:
    """One server, used by any thread."""

    def __init__(self, address: InfluxDBAddress) -> None:
        self.url = address.url.rstrip("/")
        self._client = InfluxDBClient(
            self.url,
            token=address.token,
            org=address.org or "-",
            timeout=round(address.timeout_s * 1000),
            enable_gzip=True,
            ssl_ca_cert=address.ca_file,
        )
        self._writing = self._client.write_api(write_options=SYNCHRONOUS)
        self._deleting = self._client.delete_api()
        self._pool = urllib3.PoolManager(
            headers={"Authorization": f"Token {address.token}", "Accept": "application/json"},
            timeout=urllib3.Timeout(connect=min(5.0, address.timeout_s), read=address.timeout_s),
            retries=False,
            maxsize=8,
            ca_certs=address.ca_file,
        )

    def write(self, bucket: str, lines: Sequence[str]) -> list[Refusal]:
        """Store lines, and return those that the server refuses for what they say.

        A batch that is refused is halved until the lines at fault stand alone: all others are stored.

        Raises
        ------
        StoreUnavailableError
            The server is away, busy, or does not let us in; the same lines may be sent again.
        """
        return list(self._write(bucket, lines, 0)) if lines else []

    def query(self, database: str, statement: str) -> list[Rows]:
        """Return the series that an InfluxQL statement selects, times in nanoseconds.

        Raises
        ------
        StoreUnavailableError
            The server is away, or says that the statement has failed.
        """
        fields = {"db": database, "q": statement, "epoch": "ns"}
        with self._translated(f"reading {database}"):
            answer = self._pool.request("GET", f"{self.url}/query", fields=fields)
        if answer.status != 200:
            raise StoreUnavailableError(self._said(f"reading {database}", answer.status, answer.data))
        return [_rows(series) for series in self._series(database, answer.data)]

    def delete_before(self, bucket: str, before_ns: int) -> None:
        """Let go of everything in a bucket that is older."""
        with self._translated(f"deleting from {bucket}"):
            self._deleting.delete(utc_of_ns(0), utc_of_ns(before_ns), "", bucket=bucket)

    def close(self) -> None:
        """Close the connections; safe to repeat."""
        self._pool.clear()
        self._client.close()  # type: ignore[no-untyped-call]

    def _write(self, bucket: str, lines: Sequence[str], offset: int, *, is_at_fault: bool = False) -> Iterator[Refusal]:
        """Send lines, halving them while they are refused; `is_at_fault` where one of several is known to be."""
        if len(lines) == 1 or not is_at_fault:
            fault = self._send(bucket, lines)
            if fault is None:
                return
            if len(lines) == 1:
                yield Refusal(at=offset, reason=fault)
                return
        middle = len(lines) // 2
        refused = list(self._write(bucket, lines[:middle], offset))
        yield from refused
        yield from self._write(bucket, lines[middle:], offset + middle, is_at_fault=not refused)

    def _send(self, bucket: str, lines: Sequence[str]) -> str | None:
        """Return why the server refuses these lines, or None where it took them."""
        try:
            with self._translated(f"writing to {bucket}"):
                self._writing.write(bucket=bucket, record="\n".join(lines))
        except _RefusedError as refused:
            return str(refused)
        return None

    @contextmanager
    def _translated(self, doing: str) -> Iterator[None]:
        try:
            yield
        except ApiException as error:
            said = self._said(doing, error.status, error.body or b"")
            if error.status in _REFUSED or error.status == _TOO_LARGE:
                raise _RefusedError(said) from error
            raise StoreUnavailableError(said) from error
        except _HTTP_TROUBLE as error:
            said = " ".join(str(error).split())[:200]
            reason = f"InfluxDB at {self.url} does not answer ({said}); is it running, and is store.url right?"
            raise StoreUnavailableError(reason) from error

    def _said(self, doing: str, status: int | None, body: bytes | str) -> str:
        text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
        mend = _MENDS.get(status or 0, "it is tried again")
        return f"InfluxDB at {self.url}, {doing}: status {status}, {_message(text)}; {mend}"

    def _series(self, database: str, content: bytes) -> Iterator[dict[str, Any]]:
        try:
            results = orjson.loads(content)["results"]
        except (ValueError, KeyError, TypeError) as error:
            reason = f"InfluxDB at {self.url} gave an answer that is not one to a query; is store.url right?"
            raise StoreUnavailableError(reason) from error
        for result in results:
            if "error" in result:
                raise StoreUnavailableError(f"InfluxDB at {self.url}, reading {database}: {result['error']}")
            yield from result.get("series", ())


class _RefusedError(Exception):
    """The server will not have what was sent, however often it is sent."""


_MENDS = {
    400: "correct what was sent",
    401: "correct the token in store.token_file",
    403: "give the token the right to read and write the buckets",
    404: "make the bucket, or correct store.bucket and store.org",
    413: "it is sent in smaller parts",
    500: "look at its log; after a full disk it has to be started again",
}


def _rows(series: dict[str, Any]) -> Rows:
    names, values = series["columns"], series.get("values", ())
    columns = dict(zip(names, map(list, zip(*values, strict=True)), strict=True)) if values else {n: [] for n in names}
    return Rows(series.get("tags", {}), columns)


def _message(text: str) -> str:
    try:
        said = orjson.loads(text)
    except ValueError:
        said = text
    if isinstance(said, dict):
        said = said.get("message") or said.get("error") or text
    return " ".join(str(said).split())[:300]
