"""The running program: every stage in order, all or nothing, taken down in reverse."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from socket import socket

from fastapi import FastAPI

from configs.plant import Plant
from configs.settings import Settings
from ingest.errors import StoreBrokenError
from ingest.intake.status import IntakeStatus
from ingest.intake.writer import Intake
from service.actions.flags import FlagDesk
from service.app.clock import utc_now
from service.app.disk import DiskWatch
from service.app.foundations import Foundations, lay_foundations
from service.app.history import history_ports
from service.app.intake import intake_metrics, intake_readiness, quality_rules, record_metrics, run_intake
from service.app.monitor import MonitorWatch
from service.app.plant_parts import PlantParts, run_plant_parts
from service.app.readiness import Check, state_readiness
from service.app.running_file import announced
from service.app.server import Server, address_of, bind, stop_on_signals, stop_when
from service.app.tables import run_table_desk
from service.app.telemetry import store_metrics, store_readiness
from service.app.tidying import run_tidying
from service.app.training import run_training_desk, training_ports
from service.app.transfers import run_transfers
from service.app.web import build_web
from service.http.plan_desk import PlanDesk
from service.http.services import Services
from service.http.table_desk import TableDesk
from service.http.training_desk import TrainingDesk
from service.http.transfer_desk import TransferDesk
from service.live import LiveFeed
from service.observability.health import assess_readiness
from service.security.passwords import Passwords
from service.security.sessions import SessionLimits
from service.state.database import StateDatabase

StartBroker = Callable[[], AbstractContextManager[tuple[str, int]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A program whose every stage has started; `serve` answers requests until it is told to stop."""

    address: str
    database: StateDatabase
    web: FastAPI
    live: LiveFeed
    listener: socket
    intake: Callable[[], IntakeStatus]

    def serve(self) -> None:
        """Answer requests until SIGINT or SIGTERM; open streams end at once, other requests within seconds.

        Raises
        ------
        StoreBrokenError
            The store has become useless to this process, which must end: a supervisor starts it again.
        """
        server = Server(self.web, on_stop=self.live.close)
        with stop_on_signals(server), stop_when(lambda: self.intake().broken, server):
            asyncio.run(server.serve(sockets=[self.listener]))
        status = self.intake()
        if status.broken:
            raise StoreBrokenError(status.trouble or "the store can be used no more; restart the service")


@contextmanager
def start(settings: Settings, plant: Plant, start_broker: StartBroker) -> Iterator[Running]:
    """Start every stage, or none; stop them in reverse when the context ends.

    Raises
    ------
    ConfigurationError
        The port is in use, or the data folder cannot be used or is held by another process.
    YejiError
        A store, the broker or the state database cannot be opened.
    """
    with ExitStack() as stack:
        listener = stack.enter_context(closing(bind(settings.host, settings.port)))
        base = stack.enter_context(lay_foundations(settings, plant))
        broker = stack.enter_context(start_broker())
        intake = stack.enter_context(run_intake(base, broker=broker, clock_ns=time.time_ns))
        parts, checks = _start_work(stack, base, intake)
        tables = stack.enter_context(run_table_desk(base, intake.hand_in, clock=utc_now))
        ports = training_ports(base, clock=utc_now)
        training = stack.enter_context(run_training_desk(ports, lambda: parts.monitor_status().caught_up))
        transfers = stack.enter_context(run_transfers(history_ports(base)))
        web = build_web(_services(base, intake, _Desks(tables=tables, training=training, transfers=transfers), checks))
        address = address_of(listener)
        stack.enter_context(announced(base.folder, address=address, broker=broker))
        yield Running(
            address=address,
            database=base.database,
            web=web,
            live=base.live,
            listener=listener,
            intake=intake.status,
        )


def _start_work(stack: ExitStack, base: Foundations, intake: Intake) -> tuple[PlantParts, tuple[Check, ...]]:
    """Start monitor, feeder and tidying; return them, and what tells whether these and intake make progress."""
    parts = stack.enter_context(run_plant_parts(base, intake, clock=utc_now))
    watch = MonitorWatch(parts.monitor_status)
    stack.enter_context(run_tidying(base.database, base.waveforms, clock=utc_now))
    base.metrics.watch("intake", lambda: intake_metrics(intake.status()))
    disk = DiskWatch(base.folder)
    base.metrics.watch("data", lambda: record_metrics(base.store))
    base.metrics.watch("store", lambda: store_metrics(base.store))
    base.metrics.watch("disk", disk.metrics)
    base.metrics.watch("monitor", watch.metrics)
    base.metrics.watch("pages", lambda: {"open": float(base.live.listener_count)})
    return parts, (
        partial(state_readiness, base.database),
        lambda: intake_readiness(intake.status()),
        lambda: store_readiness(base.store),
        disk.readiness,
        watch.readiness,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desks:
    tables: TableDesk
    training: TrainingDesk
    transfers: TransferDesk


def _services(base: Foundations, intake: Intake, desks: _Desks, checks: tuple[Check, ...]) -> Services:
    security = base.settings.security
    return Services(
        plants=base.plants,
        database=base.database,
        telemetry=base.store,
        condition=base.store,
        meters=base.store,
        records=base.store,
        found=base.found,
        presences=base.presences,
        waveforms=base.waveforms,
        letters=intake.letters,
        flags=FlagDesk(base.database, base.store, quality_rules(base.settings.intake), lambda: base.plants.current),
        planning=PlanDesk(),
        tables=desks.tables,
        training=desks.training,
        transfers=desks.transfers,
        hand_in=intake.hand_in,
        live=base.live,
        clock=utc_now,
        readiness=lambda: assess_readiness(checks),
        metrics=base.metrics,
        security=security,
        session_limits=SessionLimits(
            idle=timedelta(minutes=security.session_idle_minutes), longest=timedelta(hours=security.session_max_hours)
        ),
        passwords=Passwords(),
        simulated=base.settings.simulated,
        version=version("yeji"),
    )
