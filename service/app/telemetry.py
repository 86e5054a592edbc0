"""Which store keeps the readings: one file of ours, or a server behind a queue of ours."""

import shutil
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TypeVar

import structlog

from configs.errors import ConfigurationError
from configs.plant import LineId, MachineId, Plant, SiteId
from configs.settings import StoreKind, StoreSettings
from ingest.errors import StoreDamagedError
from ingest.ports import (
    ConditionSeries,
    HistoryImport,
    IntakeRecords,
    IntakeStore,
    MeterReader,
    QualityStore,
    TelemetryStore,
)
from ingest.spool.forwarder import ForwarderStatus
from ingest.spool.spool import Spool
from ingest.spool.spooled_store import SpooledStore
from ingest.stores.duckdb_store import DuckDBOptions, DuckDBStore
from ingest.stores.influxdb_lines import Places
from ingest.stores.influxdb_link import InfluxDBAddress
from ingest.stores.influxdb_store import InfluxDBBuckets, InfluxDBStore
from service.observability.health import PartReadiness

FILE_NAME = "telemetry.duckdb"
SPOOL_NAME = "spool.sqlite"
AWAY_TOO_LONG_S = 60.0
Opened = TypeVar("Opened")
_log = structlog.get_logger(__name__)


class PlantStore(
    IntakeStore, TelemetryStore, HistoryImport, ConditionSeries, IntakeRecords, MeterReader, QualityStore, Protocol
):
    """All that the program asks of the store of its readings."""


@contextmanager
def open_store(settings: StoreSettings, data_dir: Path, plant: Callable[[], Plant]) -> Iterator[PlantStore]:
    """Open the store that the settings name, and close it when the context ends.

    A file that is damaged is set aside and reported, and an empty one begun: a service that ends again and again would
    take nothing in. `plant` gives the plant as it is now: readings on a server carry the site and line of their machine.

    Raises
    ------
    ConfigurationError
        What the settings say of the server is incomplete.
    StoreLockedError
        Another process has the file open, or writes to the same buckets.
    StoreUnavailableError
        The file cannot be read or written.
    """
    store: DuckDBStore | SpooledStore
    if settings.kind is StoreKind.DUCKDB:
        options = DuckDBOptions(raw_days=settings.raw_days, dead_letters_per_device=settings.dead_letters_per_device)
        store = _begun_anew(data_dir / FILE_NAME, lambda path: DuckDBStore(path, options))
    else:
        store = _open_spooled(settings, data_dir, plant)
    try:
        yield store
    finally:
        store.close()


def store_readiness(store: PlantStore) -> PartReadiness:
    """Return whether readings reach the store: of a server, that it has not been away for long."""
    status = store.status() if isinstance(store, SpooledStore) else None
    if status is None:
        return PartReadiness(name="store", ready=True, detail="")
    return PartReadiness(
        name="store", ready=status.alive and status.trouble_s < AWAY_TOO_LONG_S, detail=_detail(status)
    )


def store_metrics(store: PlantStore) -> Mapping[str, float]:
    """Return what the queue in front of a server counts; nothing of an embedded store."""
    if not isinstance(store, SpooledStore):
        return {}
    status = store.status()
    return {
        "waiting_commits": float(status.waiting_commits),
        "spool_bytes": float(status.spool_bytes),
        "forwarded_readings_total": float(status.readings),
        "refused_readings_total": float(status.refused),
        "failures_total": float(status.failures),
        "away_seconds": status.trouble_s,
    }


def look_at_store(settings: StoreSettings) -> str:
    """Return in a few words where readings are kept; StoreUnavailableError where a server does not let us read."""
    if settings.kind is StoreKind.DUCKDB:
        return "one DuckDB file in the data folder"
    address = _address(settings)
    buckets = InfluxDBBuckets(readings=settings.bucket, rollups=settings.rollup_bucket)
    remote = InfluxDBStore(address, buckets, Places(of=lambda _: None), host="doctor")
    try:
        remote.look()
    finally:
        remote.close()
    return f"InfluxDB at {address.url} answers; buckets {settings.bucket} and {settings.rollup_bucket} can be read"


def _detail(status: ForwarderStatus) -> str:
    if status.trouble is None:
        return ""
    waiting = f"{status.waiting_commits} commits ({status.spool_bytes / 1e6:.0f} MB) wait in the spool"
    return f"{status.trouble}; {waiting}, and nothing is lost"


class _Whereabouts:
    """Where each machine stands, looked up anew when the plant has changed."""

    def __init__(self, plant: Callable[[], Plant]) -> None:
        self._plant = plant
        self._known: tuple[Plant | None, dict[MachineId, tuple[SiteId, LineId]]] = (None, {})

    def place_of(self, machine: MachineId) -> tuple[SiteId, LineId] | None:
        plant, places = self._plant(), self._known[1]
        if self._known[0] is not plant:
            places = {each.id: (each.site, each.line) for each in plant.machines}
            self._known = (plant, places)
        return places.get(machine)

    def topic_of(self, machine: str) -> str:
        site, line = self.place_of(MachineId(machine)) or ("-", "-")
        return f"yeji/v1/{site}/{line}/{machine}/telemetry"


def _open_spooled(settings: StoreSettings, data_dir: Path, plant: Callable[[], Plant]) -> SpooledStore:
    address, buckets = _address(settings), InfluxDBBuckets(readings=settings.bucket, rollups=settings.rollup_bucket)
    whereabouts = _Whereabouts(plant)

    def spool_at(path: Path) -> Spool:
        return Spool(
            path,
            limit_bytes=int(settings.spool_mb * 1e6),
            dead_letters_per_device=settings.dead_letters_per_device,
        )

    host = f"{socket.gethostname()}, {data_dir.absolute()}"
    spool = _begun_anew(data_dir / SPOOL_NAME, spool_at)
    remote = InfluxDBStore(address, buckets, Places(of=whereabouts.place_of), host=host)
    try:
        return SpooledStore(
            spool, remote, raw_days=settings.raw_days, clock_ns=time.time_ns, topic_of=whereabouts.topic_of
        )
    except BaseException:
        remote.close()
        spool.close()
        raise


def _address(settings: StoreSettings) -> InfluxDBAddress:
    missing = [name for name in ("url", "token_file") if getattr(settings, name) is None]
    mistakes = [f"store.{name} is missing; with store.kind = 'influxdb' it must be set" for name in missing]
    if settings.bucket == settings.rollup_bucket:
        mistakes.append("store.bucket and store.rollup_bucket are the same; rollups need a bucket of their own")
    if mistakes or settings.url is None or settings.token_file is None:
        raise ConfigurationError("settings", tuple(mistakes))
    return InfluxDBAddress(
        url=settings.url,
        token=_read_token(settings.token_file),
        org=settings.org,
        ca_file=None if settings.tls_ca_file is None else str(settings.tls_ca_file),
        timeout_s=settings.timeout_s,
    )


def _read_token(path: Path) -> str:
    try:
        token = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        mistake = f"store.token_file {path}: cannot be read ({error.strerror}); correct the path or its rights"
        raise ConfigurationError("settings", (mistake,)) from error
    if not token:
        raise ConfigurationError("settings", (f"store.token_file {path} is empty; write the token into it",))
    return token


def _begun_anew(path: Path, opening: Callable[[Path], Opened]) -> Opened:
    """Open a file, or set it aside where it is damaged and open an empty one in its place."""
    try:
        return opening(path)
    except StoreDamagedError as error:
        aside = _set_aside(path)
        _log.error(
            "store_set_aside",
            reason=str(error),
            kept_as=str(aside),
            megabytes=round(aside.stat().st_size / 1e6, 1),
            missing="all readings and rollups that were only in it; the data-health page lists them by device",
            mend="import the newest backup or export with `yeji import`; the service goes on with an empty store",
        )
        return opening(path)


def _set_aside(path: Path) -> Path:
    """Move a file, and what its engine keeps beside it, out of the way; never delete it."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    for suffix in ("", ".wal", "-wal", "-shm", "-journal"):
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            shutil.move(beside, aside.with_name(aside.name + suffix))
    return aside
