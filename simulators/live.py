"""The factory in real time: it goes on from its checkpoint, publishes what its sensors say, and has its repairs reported.

advance 10 s ──► reports of every shard ──► second by second, a tenth of the machines each 100 ms ──► MQTT
      └──► removals ──► the technician's pile ──► API
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from math import isnan
from pathlib import Path
from typing import Protocol

import numpy as np

from configs.plant import MachineId, PartTypeId
from simulators.accelerometers import Accelerometers
from simulators.batches import batches_of
from simulators.clock_faults import Clocks
from simulators.connection_faults import Connection, ConnectionFault, Connections
from simulators.dialect import Dialect, Instant, Reading
from simulators.draws import keyed_generator
from simulators.equipment.lag import Lags
from simulators.errors import SimulatorError
from simulators.foreman import Foreman, Found
from simulators.injection import Injection, apply_injection
from simulators.inspection import look_behind
from simulators.network_faults import Network, Packet
from simulators.removal import TrueLife
from simulators.signals import OFF, STATES, Report, Shard
from simulators.simulation import Simulation
from simulators.technician import Technician, note_removal

BLOCK_S = 10
TENTHS = 10
_COLD_AFTER_S = 1800.0
_ASLEEP_S = 60.0
_CLOCK_TOLERANCE_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Real time as the live factory sees it: `now_s()` in epoch seconds, `wait_until(s)` false when it is to stop."""

    now_s: Callable[[], float]
    wait_until: Callable[[float], bool]


class Outlet(Connection, Protocol):
    """Where messages go."""

    def publish(self, packet: Packet) -> None:
        """Take one message for delivery, at least once where its QoS is 1."""
        ...

    def flush(self, timeout_s: float) -> None:
        """Wait until what was taken is delivered, or the time is over."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How a factory speaks: over what, in which dialect, and whether ten seconds at once."""

    outlet: Outlet
    dialect: Dialect
    batched: bool = False


class LiveFactory:
    """Runs a simulation against the clock and publishes it."""

    def __init__(
        self,
        simulation: Simulation,
        voice: Voice,
        technician: Technician | None,
        truth: Path,
        foreman: Foreman | None = None,
    ) -> None:
        self._simulation = simulation
        self._outlet, self._dialect, self._batched = voice.outlet, voice.dialect, voice.batched
        self._technician, self._foreman = technician, foreman
        self._truth = truth
        self._network = Network(
            simulation.scenario.rates, keyed_generator(simulation.scenario.seed, "network", int(simulation.at_s))
        )
        self._clocks = Clocks(
            simulation.scenario.rates, keyed_generator(simulation.scenario.seed, "clocks", int(simulation.at_s))
        )
        self._connections = Connections(simulation.scenario.plant.machines, self._outlet, self._network)
        self._accelerometers = Accelerometers(simulation.fleet)
        self._on: set[MachineId] = set()
        self.requests: list[Injection] = []
        self.published = 0

    def run(self, clock: Clock, checkpoint: Path) -> None:
        """Publish until the clock says stop; then report every machine off and save the checkpoint."""
        self._begin(clock.now_s())
        try:
            while self._block(clock):
                now_s = clock.now_s()
                self.report_repairs(now_s)
                if now_s - self._simulation.at_s > _ASLEEP_S:
                    self._switch_off(self._simulation.at_s)
                    _stand_still(self._simulation, float(np.ceil(now_s)))
        finally:
            self._switch_off(clock.now_s())
            for packet in self._dialect.farewell(clock.now_s()):
                self._outlet.publish(packet)
            self._outlet.flush(5.0)
            self._simulation.save(checkpoint)
            if self._technician is not None:
                self._technician.save(checkpoint / "reports.json")

    def report_repairs(self, now_s: float) -> None:
        """Let the technician report what is due, and the foreman answer alerts and have parts exchanged."""
        if self._technician is not None:
            self._technician.report_due(now_s)
        if self._foreman is not None:
            answers = self._foreman.attend(now_s, partial(look_behind, self._simulation))
            self._keep_truth([asdict(answer) for answer in answers])
            for answer in answers:
                if answer.said is Found.WORN and answer.slot is not None:
                    self._simulation.fleet.order_exchange(answer.machine, answer.slot)

    def _begin(self, now_s: float) -> None:
        simulation = self._simulation
        if simulation.at_s > now_s + _CLOCK_TOLERANCE_S:
            raise SimulatorError("the checkpoint lies in the future; set the clock right or write a new history")
        _stand_still(simulation, max(float(np.ceil(now_s)), simulation.at_s))

    def _block(self, clock: Clock) -> bool:
        simulation = self._simulation
        start_s = simulation.at_s
        end_s = (start_s // BLOCK_S + 1) * BLOCK_S
        self._grant_requests()
        trace = simulation.fleet.advance(np.array([start_s, end_s]))
        self._keep_truth([asdict(life) for life in trace.removals])
        self._take_notes(trace.removals)
        times_s = np.arange(start_s, end_s)
        reports = [(shard, shard.report(trace, times_s, 1.0)) for shard in simulation.shards]
        self._accelerometers.listen(trace, reports)
        for shard, report in reports:
            begun = (span for span in shard.spans_between(start_s, end_s) if span.from_s >= start_s)
            self._keep_truth([*map(asdict, begun), *map(asdict, report.point_faults)])
        published = self._publish_batches if self._batched else self._publish_singly
        if not published(reports, clock):
            return False
        self._keep_truth([*map(asdict, self._network.faults), *map(asdict, self._clocks.faults)])
        self._keep_truth([*map(asdict, self._accelerometers.truth)])
        for told in (self._network.faults, self._clocks.faults, self._accelerometers.truth):
            told.clear()
        return True

    def _publish_singly(self, reports: list[tuple[Shard, Report]], clock: Clock) -> bool:
        times_s = reports[0][1].times_s
        for second in range(len(times_s)):
            for tenth in range(TENTHS):
                if not clock.wait_until(float(times_s[second]) + tenth / TENTHS):
                    return False
                self._publish_tenth(reports, second, tenth)
        return True

    def _publish_batches(self, reports: list[tuple[Shard, Report]], clock: Clock) -> bool:
        """Publish what a block held once it is over, a tenth of the machines each 100 ms."""
        end_s = float(reports[0][1].times_s[-1]) + 1.0
        for tenth in range(TENTHS):
            at_s = end_s + tenth / TENTHS
            if not clock.wait_until(at_s):
                return False
            self._be_born(at_s)
            for shard, report in reports:
                for column in range(tenth, len(shard.machines), TENTHS):
                    self._publish_batch(shard, report, column, at_s)
            self._publish_due(at_s)
        return True

    def _publish_batch(self, shard: Shard, report: Report, column: int, at_s: float) -> None:
        machine = shard.machines[column]
        for batch in batches_of(shard, report, column, was_on=machine.id in self._on):
            when = Instant(at_s=at_s, told_ms=self._clocks.told_ms(machine.id, batch.from_s))
            self._carry(self._dialect.batch(machine, batch, when), at_s)
        self._remember(machine.id, is_on=bool(report.state[-1, column] != OFF))

    def _grant_requests(self) -> None:
        while self.requests:
            request = self.requests.pop(0)
            try:
                if request.fault in set(ConnectionFault):
                    self._keep_truth([asdict(self._connections.fail(request, self._simulation.at_s))])
                    continue
                apply_injection(self._simulation, request)
                self._keep_truth([{"asked_for": asdict(request), "at_s": self._simulation.at_s}])
            except SimulatorError as problem:
                self._keep_truth([{"refused": str(problem)}])

    def _publish_tenth(self, reports: list[tuple[Shard, Report]], second: int, tenth: int) -> None:
        at_s = float(reports[0][1].times_s[second]) + tenth / TENTHS
        self._be_born(at_s)
        for shard, report in reports:
            for column in range(tenth, len(shard.machines), TENTHS):
                self._publish_machine(shard, report, second, column, at_s)
        self._publish_due(at_s)

    def _publish_machine(self, shard: Shard, report: Report, second: int, column: int, at_s: float) -> None:
        machine = shard.machines[column]
        state = int(report.state[second, column])
        was_on, is_on = machine.id in self._on, state != OFF
        self._remember(machine.id, is_on=is_on)
        if not is_on and not was_on:
            return
        reading = Reading(
            machine=machine,
            values=_due_values(shard, report, second, column) if is_on else {},
            state=STATES[state],
            job=shard.job_name(column, int(report.job[second, column])) if is_on else None,
        )
        when = Instant(at_s=at_s, told_ms=self._clocks.told_ms(machine.id, at_s))
        self._carry(self._dialect.reading(reading, when), at_s)

    def _remember(self, machine: MachineId, *, is_on: bool) -> None:
        if is_on:
            self._on.add(machine)
        else:
            self._on.discard(machine)

    def _be_born(self, at_s: float) -> None:
        for packet in self._dialect.births(at_s):
            self._send(packet)

    def _publish_due(self, at_s: float) -> None:
        """Publish the waveforms that are over, the births of devices that are back, and what the network held back."""
        for birth in self._connections.come_back(at_s):
            self._send(birth)
        for capture in self._accelerometers.due(at_s):
            when = Instant(at_s=at_s, told_ms=self._clocks.told_ms(capture.machine.id, capture.at_s))
            self._carry(self._dialect.capture(capture, when), at_s)
        for packet in self._network.due(at_s):
            self._send(packet)

    def _carry(self, packet: Packet, at_s: float) -> None:
        if self._connections.is_torn_off(MachineId(packet.machine)):
            return
        for arriving in self._network.carry(packet, at_s):
            self._send(arriving)

    def _send(self, packet: Packet) -> None:
        self._outlet.publish(packet)
        self.published += 1

    def _switch_off(self, now_s: float) -> None:
        for packet in self._network.due(np.inf):
            self._send(packet)
        when = Instant(at_s=now_s, told_ms=round(now_s * 1000))
        for machine in self._simulation.scenario.plant.machines:
            if machine.id in self._on:
                off = Reading(machine=machine, values={}, state=STATES[OFF], job=None)
                self._outlet.publish(self._dialect.reading(off, when))
        self._on.clear()
        self._outlet.flush(5.0)

    def _take_notes(self, removals: tuple[TrueLife, ...]) -> None:
        if self._technician is None:
            return
        plant = self._simulation.scenario.plant
        renewed: set[tuple[str, str]] = {(p.machine.id, p.slot.id) for p in self._simulation.fleet.layout.renewed}
        parts: dict[tuple[str, str], PartTypeId] = {
            (m.id, slot.id): slot.part_type for m in plant.machines for slot in m.slots
        }
        for life in removals:
            key = (life.machine, life.slot)
            part = plant.part_type(parts[key])
            self._technician.take(note_removal(life, part, renewed_in_use=key in renewed))

    def _keep_truth(self, rows: list[dict[str, object]]) -> None:
        if rows:
            self._truth.parent.mkdir(parents=True, exist_ok=True)
            with self._truth.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(row) + "\n" for row in rows)


def _due_values(shard: Shard, report: Report, second: int, column: int) -> dict[str, float]:
    at = int(report.times_s[second])
    values: dict[str, float] = {}
    for sensor in shard.sent[column]:
        if at % max(round(sensor.period_s), 1) == 0:
            value = float(report.values[sensor.id][second, column])
            if not isnan(value):
                values[sensor.id] = round(value, 4)
    return values


def _stand_still(simulation: Simulation, to_s: float) -> None:
    """Pass over the time in which the simulator did not run: nothing wears, and what was warm gets cold."""
    state = simulation.fleet.state
    gap_s = to_s - state.at_s
    state.at_s = to_s
    state.was_on[:] = False
    if gap_s >= _COLD_AFTER_S:
        for shard in simulation.shards:
            _cool(shard.lags, shard.ambient_c(to_s))


def _cool(lags: Lags, ambient_c: float) -> None:
    for name, level in lags.levels.items():
        if not name.endswith(".noise"):
            lags.levels[name] = np.full_like(level, ambient_c)
