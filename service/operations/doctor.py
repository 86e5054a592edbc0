"""`yeji doctor`: what is wrong with this installation, and how to mend it."""

import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

import duckdb

from configs.errors import YejiError
from configs.settings import BrokerKind, Settings
from service.app.data_folder import holder_of, open_data_folder
from service.app.running_file import read_whereabouts
from service.app.server import bind
from service.app.state import FILE_NAME as STATE_FILE
from service.app.state import state_url
from service.app.telemetry import look_at_store
from service.operations.broker import find_mosquitto, has_builtin_broker
from service.operations.broker_address import broker_for
from service.operations.broker_check import check_broker
from service.operations.result import Output
from service.operations.setup import Typed, plant_for, settings_for
from service.state.database import StateDatabase

OLDEST_PYTHON = (3, 11)
NOT_MADE = "not made yet; the first start makes it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    check: str
    ok: bool
    detail: str


def diagnose(typed: Typed, output: Output) -> bool:
    """Look at everything, show what was found, and return whether all of it is well."""
    findings = [_look("versions", _versions)]
    settings = _try_settings(typed, findings)
    if settings is not None:
        findings += [_look(name, partial(check, settings)) for name, check in _CHECKS.items()]
    if settings is not None:
        findings += _running_broker(settings)
    rows = [{"check": f.check, "result": "ok" if f.ok else "PROBLEM", "detail": f.detail} for f in findings]
    output.show_rows(rows, "nothing to look at")
    return all(finding.ok for finding in findings)


def _look(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(check=name, ok=True, detail=check())
    except YejiError as error:
        return Finding(check=name, ok=False, detail=str(error))


def _try_settings(typed: Typed, findings: list[Finding]) -> Settings | None:
    try:
        settings = settings_for(typed)
    except YejiError as error:
        findings.append(Finding(check="settings", ok=False, detail=str(error)))
        return None
    findings.append(Finding(check="settings", ok=True, detail=f"data folder {settings.data_dir}"))
    return settings


def _versions() -> str:
    if sys.version_info < OLDEST_PYTHON:
        raise YejiError("Python is older than 3.11; install a newer one")
    python = ".".join(map(str, sys.version_info[:3]))
    return f"yeji {version('yeji')}, Python {python}, DuckDB {duckdb.__version__}, SQLite {sqlite3.sqlite_version}"


def _plant(settings: Settings) -> str:
    plant = plant_for(settings)
    return f"{settings.plant_path}: {len(plant.sites)} sites, {len(plant.machines)} machines"


def _data_folder(settings: Settings) -> str:
    if not settings.data_dir.exists():
        return NOT_MADE
    holder = holder_of(settings.data_dir)
    if holder is not None:
        return f"in use by the running service (process {holder})"
    with open_data_folder(settings.data_dir):
        return "writable, and nobody uses it"


def _state(settings: Settings) -> str:
    url = state_url(settings.state, settings.data_dir)
    if url.startswith("sqlite") and not (settings.data_dir / STATE_FILE).exists():
        return NOT_MADE
    database = StateDatabase(url)
    try:
        if not database.is_current():
            raise YejiError("the tables are not at the newest revision; run `yeji db upgrade`, or start `yeji run`")
    finally:
        database.close()
    return "at the newest revision"


def _store(settings: Settings) -> str:
    return look_at_store(settings.store)


def _broker(settings: Settings) -> str:
    kind = settings.mqtt.broker
    mosquitto = find_mosquitto()
    if kind is BrokerKind.EXTERNAL:
        return f"external, at {settings.mqtt.host}:{settings.mqtt.external_port}"
    if mosquitto is not None and kind is not BrokerKind.BUILTIN:
        return f"Mosquitto at {mosquitto}"
    if has_builtin_broker() and kind is not BrokerKind.MOSQUITTO:
        return "the built-in broker, for trying out: it keeps everything in memory; apt install mosquitto for a plant"
    raise YejiError("no MQTT broker: install mosquitto (apt install mosquitto), or pip install 'yeji[broker]'")


def _running_broker(settings: Settings) -> list[Finding]:
    """Return what the broker that runs now lets be seen of it; nothing where none runs."""
    try:
        address = broker_for(settings, None)
    except YejiError as error:
        is_expected = settings.mqtt.broker is not BrokerKind.EXTERNAL
        return [] if is_expected else [Finding(check="broker connection", ok=False, detail=str(error))]
    return [Finding(check=each.check, ok=each.ok, detail=each.detail) for each in check_broker(address)]


def _port(settings: Settings) -> str:
    running = read_whereabouts(settings.data_dir)
    if running is not None and holder_of(settings.data_dir) == running.pid:
        return f"the service answers at {running.address}"
    bind(settings.host, settings.port).close()
    return f"{settings.host}:{settings.port} is free"


_CHECKS: dict[str, Callable[[Settings], str]] = {
    "plant": _plant,
    "data folder": _data_folder,
    "state database": _state,
    "store": _store,
    "broker": _broker,
    "port": _port,
}
