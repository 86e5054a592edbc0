"""Tells open pages which values changed, at most twice a second, and only while a page is open."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog

from configs.plant import MachineId, Plant, SensorId, SiteId
from ingest.errors import IngestError
from ingest.ports import LastValue, TelemetryStore
from service.app.foundations import Foundations
from service.live import LiveFeed, changed_since, value_rows

PERIOD_S = 0.5
STOP_S = 2.0
SIGN_OF_LIFE = timedelta(seconds=2)
_log = structlog.get_logger(__name__)


class Feeder:
    """A thread that reads the newest values and publishes the difference as `tick` events, one per site."""

    def __init__(
        self, telemetry: TelemetryStore, live: LiveFeed, plant: Plant, *, clock: Callable[[], datetime]
    ) -> None:
        self._telemetry = telemetry
        self._live = live
        self._clock = clock
        self._site_of: dict[MachineId, SiteId] = {machine.id: machine.site for machine in plant.machines}
        self._told_at = {site.id: clock() for site in plant.sites}
        self._known: dict[tuple[MachineId, SensorId], LastValue] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="feeder", daemon=True)

    def start(self) -> None:
        """Begin to feed."""
        self._thread.start()

    def stop(self, within_s: float) -> None:
        """End the thread; safe to repeat."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(within_s)

    def feed(self) -> None:
        """Publish what changed since the last call; an empty tick where nothing has for a while, as a sign of life."""
        values = self._telemetry.last_values()
        changed: defaultdict[SiteId, list[LastValue]] = defaultdict(list)
        for value in changed_since(self._known, values):
            if value.machine in self._site_of:
                changed[self._site_of[value.machine]].append(value)
        self._known = {(value.machine, value.sensor): value for value in values}
        now = self._clock()
        for site, told_at in self._told_at.items():
            rows = changed.get(site, [])
            if rows or now - told_at >= SIGN_OF_LIFE:
                self._live.publish("tick", site, {"at": now, "values": value_rows(rows)})
                self._told_at[site] = now

    def _run(self) -> None:
        while not self._stopping.wait(PERIOD_S):
            if not self._live.listener_count:
                continue
            try:
                self.feed()
            except IngestError as error:
                _log.warning("feed_failed", error=str(error))


@contextmanager
def run_feeder(base: Foundations, *, clock: Callable[[], datetime]) -> Iterator[None]:
    """Feed open pages while the context lasts."""
    feeder = Feeder(base.store, base.live, base.plant, clock=clock)
    feeder.start()
    try:
        yield
    finally:
        feeder.stop(STOP_S)
