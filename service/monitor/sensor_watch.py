"""Watching the sensors themselves: which mislead, by what the machine's own running was like before.

Machines take turns, each every two hours of its own data, so that stored and imported data is watched like live data. What is
found is kept, and written on the readings.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from configs.instant import ns_of
from configs.plant import LifeUnit, Machine, MachineId, Plant
from ingest.ports import MachineProgress, QualityStore, TelemetryStore
from ingest.quality import Doubt, SteadyBlocks, follow, steady_blocks, suspect
from ingest.reading import UNTRUSTED
from ingest.reflagging import doubting
from ingest.rollup import WindowBlock, roll_up
from service.actor import SYSTEM
from service.state import part_lives, sensor_doubts
from service.state.database import StateDatabase

HOUR_NS = 3_600_000_000_000
DAY_NS = 24 * HOUR_NS
EVERY_NS = 2 * HOUR_NS
LOOKED_BACK_NS, LOOKED_FAR_BACK_NS = 12 * DAY_NS, 32 * DAY_NS
"""What is judged by, and what a drift is judged by once a day."""

RAW_NS = 6 * HOUR_NS
"""How much is read raw of a sensor whose readings are left out of the rollups because it is in doubt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorPorts:
    """The plant, its readings, and where it is kept which sensors mislead."""

    plant: Plant
    telemetry: TelemetryStore
    quality: QualityStore
    database: StateDatabase


class SensorWatch:
    """Looks at one machine's sensors after the other; not for several threads at once."""

    def __init__(self, ports: SensorPorts) -> None:
        self._ports = ports
        self._looked_ns: dict[MachineId, int] = {}
        self._slow_ns: dict[MachineId, int] = {}

    def look_at_next(self) -> MachineId | None:
        """Look at the machine whose data has gone furthest since it was looked at; None where none has gone far enough."""
        reach = {each.machine: each for each in self._ports.telemetry.progress()}
        due = [
            (reach[machine.id].newest_event_time_ns - self._looked_ns.get(machine.id, 0), machine)
            for machine in self._ports.plant.machines
            if machine.id in reach
        ]
        waited, machine = max(due, key=lambda each: each[0], default=(0, None))
        if machine is None or waited < EVERY_NS:
            return None
        self._look_at(machine, reach[machine.id])
        return machine.id

    def look(self, machine: Machine, at_ns: int, *, far: bool = True) -> tuple[Doubt, ...]:
        """Return which of a machine's sensors mislead at a moment of its data; keep it, and write it on the readings."""
        with self._ports.database.reading() as session:
            doubts = sensor_doubts.of_machine(session, machine.id)
            lives = part_lives.open_lives(session, SYSTEM, machine=machine.id)
        short = {part.id for part in self._ports.plant.part_types if part.life_unit is LifeUnit.CUTTING_MINUTES}
        worked = {life.slot: ns_of(life.installed_at) for life in lives if life.part_type not in short}
        blocks = self._blocks(machine, doubts, at_ns, LOOKED_FAR_BACK_NS if far else LOOKED_BACK_NS)
        found = suspect(machine, blocks, doubts, {slot: each for slot, each in worked.items() if each < at_ns})
        after = follow(doubts, found, at_ns)
        self._write(machine, doubts, after, at_ns)
        return after

    def _look_at(self, machine: Machine, reach: MachineProgress) -> None:
        at_ns = reach.newest_event_time_ns
        far = at_ns - self._slow_ns.get(machine.id, 0) >= DAY_NS
        self.look(machine, at_ns, far=far)
        self._looked_ns[machine.id] = at_ns
        if far:
            self._slow_ns[machine.id] = at_ns

    def _blocks(self, machine: Machine, doubts: Sequence[Doubt], at_ns: int, back_ns: int) -> SteadyBlocks:
        hidden = [doubt for doubt in doubts if doubt.until_ns is None and doubt.flag & UNTRUSTED]
        minutes_to_ns = at_ns - RAW_NS if hidden else at_ns
        minutes = self._ports.telemetry.read_windows(
            machine.equipment_type, [machine.id], start_ns=at_ns - back_ns, end_ns=minutes_to_ns, width_s=60.0
        )
        blocks = steady_blocks(minutes)
        return blocks.then(steady_blocks(self._unhidden(machine, hidden, at_ns))) if hidden else blocks

    def _unhidden(self, machine: Machine, hidden: Sequence[Doubt], at_ns: int) -> WindowBlock:
        """Return the newest minutes with the readings of sensors that are left out only because they are in doubt."""
        series = self._ports.telemetry.read_series(machine.id, at_ns - RAW_NS, at_ns)
        quality = series.quality.copy()
        for doubt in hidden:
            if doubt.sensor in series.sensors:
                quality[:, series.sensors.index(doubt.sensor)] &= ~np.uint16(doubt.flag)
        return roll_up(replace(series, quality=quality), machine.equipment_type, 60.0)

    def _write(self, machine: Machine, before: Sequence[Doubt], after: Sequence[Doubt], at_ns: int) -> None:
        news = [doubt for doubt in after if doubt not in before or doubt.until_ns is None]
        if not news:
            return
        with self._ports.database.transaction() as session:
            sensor_doubts.save(session, machine, news)
        standing = [doubt for doubt in news if doubt.until_ns is None]
        for start_ns in range(min(doubt.since_ns for doubt in news), at_ns + 1, RAW_NS):
            self._ports.quality.reflag(machine.id, start_ns, min(start_ns + RAW_NS, at_ns + 1), doubting(standing))
