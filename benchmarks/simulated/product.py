"""The product's intake at the end of a simulated wire: what it stores, refuses and counts of the messages that arrive."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from configs.plant import MachineId, Plant, SensorId
from ingest.decode.time_window import TimeWindow
from ingest.intake.examination import Examiner
from ingest.ports import Delivery
from ingest.quality import QualityRules
from ingest.reading import QualityFlag
from ingest.stores.duckdb_store import DuckDBStore
from simulators.network_faults import Packet

_WINDOW = TimeWindow(past_ns=30 * 86_400 * 10**9, future_ns=300 * 10**9)
_AT_ONCE = 400


class Product:
    """An outlet that hands messages to the real intake, at the time that `now_s` tells, and makes them durable."""

    def __init__(self, plant: Plant, store: DuckDBStore) -> None:
        self._plant = plant
        self._store = store
        self._examiner = Examiner(plant, _WINDOW, QualityRules(), store.load())
        self._waiting: list[Delivery] = []
        self._taken = 0
        self.now_s = 0.0
        self.duplicates = 0
        self.readings = 0
        self.gone = 0
        self._silent_until_s = 0.0
        self._held: list[Packet] = []

    def publish(self, packet: Packet) -> None:
        """Take one message; what was said on a half-open line comes once it is mended."""
        if self.now_s < self._silent_until_s:
            self._held.append(packet)
            return
        for each in (*self._held, packet):
            self._take(each)
        self._held = []

    def fall_silent(self, seconds: float) -> None:
        """Hear nothing for so long."""
        self._silent_until_s = self.now_s + seconds

    def die(self, will: Packet) -> None:
        """Hear a device's will from the broker."""
        self.publish(will)

    def _take(self, packet: Packet) -> None:
        self._taken += 1
        self._waiting.append(Delivery(packet.topic, packet.payload, round(self.now_s * 1e9), (1, self._taken)))
        if len(self._waiting) >= _AT_ONCE:
            self.flush(0.0)

    def flush(self, timeout_s: float) -> None:  # noqa: ARG002 (it is durable when this returns)
        """Commit what waits."""
        if self._waiting:
            examined = self._examiner.examine(self._waiting)
            self._store.commit(examined.batch)
            self._waiting = []
            self.duplicates += examined.duplicates
            self.readings += sum(batch.machines.size for batch in examined.batch.readings)
            self.gone += sum(not presence.alive for presence in examined.presences)

    def refused(self) -> Counter[str]:
        """Count the dead letters by reason."""
        counts: Counter[str] = Counter()
        for letter in self._store.dead_letters(10_000):
            counts[letter.reason] += letter.count
        return counts

    def missing(self) -> int:
        """Count the messages that the ledger says never came."""
        return sum(gap.last - gap.first + 1 for gap in self._store.gaps())

    def flags(self, machine: MachineId, sensor: SensorId, from_s: float, to_s: float) -> QualityFlag:
        """Return every flag that stored values of a sensor carry in a span."""
        series = self._store.read_series(machine, round(from_s * 1e9), round(to_s * 1e9))
        if sensor not in series.sensors:
            return QualityFlag(0)
        return QualityFlag(int(np.bitwise_or.reduce(series.quality[:, series.sensors.index(sensor)], initial=0)))

    def off_the_second(self) -> int:
        """Count the stored instants that are no whole tenth of a second, as only shaken time stamps are."""
        stored = (self._store.read_series(machine.id, 0, 2**62) for machine in self._plant.machines)
        return sum(int((series.event_times_ns % 10**8 != 0).sum()) for series in stored)

    def flagged(self, flag: QualityFlag) -> int:
        """Count the stored instants of all machines that carry a flag."""
        stored = (self._store.read_series(machine.id, 0, 2**62) for machine in self._plant.machines)
        return sum(int((series.quality & np.uint16(flag) > 0).any(axis=1).sum()) for series in stored)


@contextmanager
def a_product(plant: Plant, folder: Path) -> Iterator[Product]:
    """Open an empty product of a plant for as long as the context lasts."""
    store = DuckDBStore(folder / "telemetry.duckdb")
    try:
        yield Product(plant, store)
    finally:
        store.close()
