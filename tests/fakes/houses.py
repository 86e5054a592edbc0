"""A service in one process, on real stores, with a clock that stands still: what route tests talk to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient

from configs.plant import Plant, SiteId
from configs.settings import SecuritySettings
from ingest.decode.native import TimeWindow
from ingest.intake.examination import Examiner
from ingest.intake.found import FoundBook
from ingest.intake.hand_in import HandIn
from ingest.intake.presence_book import PresenceBook
from ingest.ports import IntakeBatch
from ingest.quality import QualityRules
from ingest.stores.duckdb_store import DuckDBStore
from ingest.stores.waveform_files import WaveformFiles, WaveformPolicy
from service.actions.flags import FlagDesk
from service.actions.plant import book_of
from service.actor import SYSTEM, Role
from service.app.history import HistoryPorts
from service.app.table_desk import StoringTableDesk
from service.app.table_ports import DeskPorts
from service.app.table_reading import read_table
from service.app.training import ChildTrainingDesk, TrainingPorts
from service.app.transfers import Transfers
from service.app.web import build_web
from service.http.plan_desk import PlanDesk
from service.http.services import Services
from service.live import LiveFeed
from service.observability.health import PartReadiness, assess_readiness
from service.observability.metrics import Metrics
from service.security.api_keys import NewKey, issue_key
from service.security.passwords import Passwords
from service.security.sessions import SessionLimits
from service.state.database import StateDatabase, sqlite_url
from tests.fakes.intake import a_letter_desk
from tests.fakes.plants import a_plant
from tests.fakes.translations import compile_translations

MORNING = datetime(2026, 11, 25, 0, 0, tzinfo=UTC)
BASE = "http://127.0.0.1:8000"


@dataclass(slots=True)
class House:
    """The service and what a test turns: the clock, and whether it is ready."""

    app: FastAPI
    services: Services
    store: DuckDBStore
    now: list[datetime]
    parts: list[PartReadiness] = field(default_factory=list)

    @property
    def database(self) -> StateDatabase:
        return self.services.database

    def key(self, role: Role, sites: frozenset[SiteId] | None = None) -> str:
        return issue_key(self.database, SYSTEM, NewKey(name=role.name, role=role, sites=sites), now=self.now[0]).text

    def client(self, role: Role | None = Role.ADMINISTRATOR, sites: frozenset[SiteId] | None = None) -> TestClient:
        headers = {} if role is None else {"authorization": f"Bearer {self.key(role, sites)}"}
        return TestClient(self.app, base_url=BASE, headers={"accept-language": "en", **headers})


def a_hand_in(plant: Plant, store: DuckDBStore) -> HandIn:
    """Return the way in for tables and forms, with no source beside."""
    window = TimeWindow(past_ns=30 * 86_400 * 10**9, future_ns=300 * 10**9)
    examiner = Examiner(plant, window, QualityRules(), store.load())

    def commit(batch: IntakeBatch) -> bool:
        store.commit(batch)
        return True

    lock = threading.RLock()

    @contextmanager
    def turn() -> Iterator[None]:
        with lock:
            yield

    return HandIn(examiner, commit, turn)


@contextmanager
def a_house(folder: Path, plant: Plant | None = None) -> Iterator[House]:
    """Open the stores in the folder, and close them afterwards."""
    compile_translations()
    now = [MORNING]
    parts = [PartReadiness(name="state", ready=True, detail="")]
    database = StateDatabase(sqlite_url(folder / "state.sqlite"))
    database.migrate()
    store = DuckDBStore(folder / "telemetry.duckdb")
    plants = book_of(plant or a_plant())
    hand_in = a_hand_in(plants.current, store)
    tables = DeskPorts(
        folder=folder,
        plants=plants,
        database=database,
        store=store,
        hand_in=hand_in,
        read=read_table,
        clock=lambda: now[0],
        raw=timedelta(days=30),
    )
    desk = StoringTableDesk(tables)
    training = TrainingPorts(
        plant=lambda: plants.current,
        database=database,
        condition=store,
        meters=store,
        folder=folder,
        artefacts=folder / "artefacts",
        keys=folder / "keys",
        clock=lambda: now[0],
    )
    history = HistoryPorts(folder=folder, plants=plants, database=database, store=store, simulated=False)
    plants.follow(lambda changed: hand_in.replant(changed, store.load))
    services = Services(
        plants=plants,
        planning=PlanDesk(),
        tables=desk,
        training=ChildTrainingDesk(training),
        transfers=Transfers(history),
        hand_in=hand_in,
        database=database,
        telemetry=store,
        condition=store,
        meters=store,
        records=store,
        letters=a_letter_desk(store, plant),
        flags=FlagDesk(database, store, QualityRules(), lambda: plants.current),
        found=FoundBook(),
        presences=PresenceBook(),
        waveforms=WaveformFiles(folder / "waveforms", WaveformPolicy()),
        live=LiveFeed(),
        clock=lambda: now[0],
        readiness=lambda: assess_readiness([lambda part=part: part for part in parts]),
        metrics=Metrics(),
        security=SecuritySettings(allowed_hosts=("testserver",)),
        session_limits=SessionLimits(idle=timedelta(minutes=30), longest=timedelta(hours=12)),
        passwords=Passwords(),
        simulated=False,
        version="0.0.0",
    )
    try:
        yield House(app=build_web(services), services=services, store=store, now=now, parts=parts)
    finally:
        desk.stop()
        store.close()
        database.close()
