"""What the sensors of a shard of machines report: clean physics, noise that lingers, resolution, and faults."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from configs.measuring_points import sent_sensors
from configs.plant import EquipmentType, Machine, Sensor
from simulators.climate import Climate
from simulators.draws import keyed_generator, keyed_uniforms, normal
from simulators.equipment.lag import Lags
from simulators.equipment.physics import Job, NoiseLaw, Physics, Scene, Signal
from simulators.fleet import Fleet
from simulators.sensor_faults import (
    PERIOD_S,
    FaultSpan,
    SensorFault,
    exchange,
    faults_of,
    is_counter,
    sparse_hits,
    spoil,
)
from simulators.trace import Trace

Times = NDArray[np.float64]

SHARD_MACHINES = 256
OFF, IDLE, EXECUTING = 0, 1, 2
STATES = ("off", "idle", "executing")
_IDLE_NOISE = np.float32(0.2)
_ROUGHNESS = np.float32(1.6)
"""How much rougher a plant is than a test bench: trends then stand 0 to 15 dB above the noise, as measured ones do."""
_SILENCE_S = 60.0
_GUSTS = np.float32(0.5)
"""How much the white noise swells and ebbs: real residuals have heavy tails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointFault:
    """A fault of single samples: of the one at `at_s`, or of those up to `to_s`."""

    kind: SensorFault
    machine: str
    sensor: str
    at_s: float
    to_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the machines of a shard report at `times_s` (t,): `state` (t, n), and per sensor values (t, n), NaN = nothing."""

    times_s: Times
    state: NDArray[np.uint8]
    job: NDArray[np.int64]
    values: Mapping[str, Signal]
    point_faults: tuple[PointFault, ...]


class Shard:
    """Machines of one equipment type whose sensors are made together; noise comes from one generator."""

    def __init__(self, fleet: Fleet, equipment_type: EquipmentType, members: NDArray[np.int64], number: int) -> None:
        layout = fleet.layout
        self.equipment_type = equipment_type
        self.members = members
        self.machines: tuple[Machine, ...] = tuple(layout.machines[n] for n in members)
        self.sent = tuple(sent_sensors(machine) for machine in self.machines)
        self.rng = keyed_generator(layout.scenario.seed, equipment_type.id, "noise", number)
        self.lags = Lags()
        self.held: dict[FaultSpan, float] = {}
        self.silent_until_s: dict[str, Times] = {}
        self._fleet = fleet
        self._physics: Physics = layout.physics[members[0]]
        self._climate: Climate = fleet.climates[self.machines[0].site]
        self._units: dict[str, NDArray[np.float32]] = {}
        self._spans: dict[int, list[FaultSpan]] = {}
        root = layout.scenario.seed
        self._phase_min = np.array([60.0 * keyed_uniforms(root, m.id, "phase", count=1)[0] for m in self.machines])
        self._rows: dict[str, tuple[NDArray[np.int64], Signal]] = {
            slot.id: self._rows_of(slot.id) for slot in equipment_type.slots
        }
        self._tools: dict[str, list[tuple[int, int]]] = {
            slot.id: self._tools_of(slot.id) for slot in equipment_type.slots
        }

    def report(self, trace: Trace, times_s: Times, dt_s: float) -> Report:
        """Make what the sensors say at evenly spaced times within a trace."""
        tick = np.clip(np.searchsorted(trace.edges_s, times_s, side="right") - 1, 0, len(trace.edges_s) - 2)
        scene = self._scene(trace, tick, times_s, dt_s)
        clean = self._physics.observe(scene)
        points: list[PointFault] = []
        values: dict[str, Signal] = {
            sensor.id: self._sensed(sensor, np.broadcast_to(clean[sensor.id], scene.load.shape), scene, points, times_s)
            for sensor in self.equipment_type.sensors
        }
        self._spoil(values, times_s)
        state = np.where(scene.running, EXECUTING, np.where(scene.powered, IDLE, OFF)).astype(np.uint8)
        job = trace.job[:, self.members][tick]
        return Report(times_s=times_s, state=state, job=job, values=values, point_faults=tuple(points))

    def spans_between(self, from_s: float, to_s: float) -> list[FaultSpan]:
        """List the lasting sensor faults that touch a stretch of time."""
        first, last = int(from_s // PERIOD_S) - 1, int(to_s // PERIOD_S)
        spans = [span for period in range(first, last + 1) for span in self._faults_in(period)]
        return [span for span in spans if span.from_s < to_s and span.to_s > from_s]

    def add_fault(self, span: FaultSpan) -> None:
        """Add a lasting sensor fault that somebody asked for."""
        self._faults_in(int(span.from_s // PERIOD_S)).append(span)

    def job_name(self, column: int, job: int) -> str:
        """Give the name of a job of one of the shard's machines."""
        return self._jobs()[column][job].id

    def ambient_c(self, at_s: float) -> float:
        """Give the temperature of the air around the machines at a moment."""
        return float(self.ambient_at(np.array([at_s]))[0])

    def ambient_at(self, times_s: Times) -> Times:
        """Give the temperatures of the air around the machines at times."""
        return self._climate.ambient_c(times_s)

    def _faults_in(self, period: int) -> list[FaultSpan]:
        if period not in self._spans:
            scenario = self._fleet.layout.scenario
            found = [faults_of(scenario.seed, machine, scenario.rates, period) for machine in self.machines]
            self._spans[period] = [span for spans in found for span in spans]
        return self._spans[period]

    def _scene(self, trace: Trace, tick: NDArray[np.int64], times_s: Times, dt_s: float) -> Scene:
        layout, members = self._fleet.layout, self.members
        powered = trace.powered[:, members][tick]
        powered &= times_s[:, None] >= trace.on_from_s[:, members][tick]
        powered &= times_s[:, None] < trace.off_from_s[:, members][tick]
        job = trace.job[:, members][tick]
        running = powered & trace.working[:, members][tick] & self._in_cycle(job, times_s)
        width = trace.edges_s[tick + 1] - trace.edges_s[tick]
        share = ((times_s - trace.edges_s[tick]) / width).astype(np.float32)[:, None]
        severity, progress = self._wear(trace, tick, share)
        ambient = self._climate.ambient_c(times_s).astype(np.float32)[:, None]
        return Scene(
            running=running, powered=powered, load=layout.load[members, job].astype(np.float32),
            speed=layout.speed[members, job].astype(np.float32),
            contamination=layout.contamination[members, job].astype(np.float32),
            ambient_c=np.broadcast_to(ambient, running.shape), severity=severity, progress=progress,
            unit=self._unit, lags=self.lags, dt_s=dt_s,
        )  # fmt: skip

    def _in_cycle(self, job: NDArray[np.int64], times_s: Times) -> NDArray[np.bool_]:
        cycle = np.array([[j.cycle_min for j in jobs] for jobs in self._jobs()])
        busy = np.array([[j.cycle_min - j.idle_min for j in jobs] for jobs in self._jobs()])
        column = np.arange(len(self.members))
        minute = (times_s[:, None] / 60.0 + self._phase_min) % cycle[column, job]
        return np.asarray(minute < busy[column, job])

    def _jobs(self) -> list[tuple[Job, ...]]:
        return [self._fleet.layout.jobs[n] for n in self.members]

    def _wear(
        self, trace: Trace, tick: NDArray[np.int64], share: Signal
    ) -> tuple[dict[str, Signal], dict[str, Signal]]:
        severity: dict[str, Signal] = {}
        progress: dict[str, Signal] = {}
        for slot in self.equipment_type.slots:
            if self._tools[slot.id]:
                severity[slot.id], progress[slot.id] = self._tool_wear(trace, tick, share, slot.id)
            else:
                severity[slot.id] = self._between(trace.severity_from, trace.severity_to, slot.id, tick, share)
                progress[slot.id] = self._between(trace.progress_from, trace.progress_to, slot.id, tick, share)
        return severity, progress

    def _between(
        self, before: NDArray[np.float32], after: NDArray[np.float32], slot: str, tick: NDArray[np.int64], share: Signal
    ) -> Signal:
        rows, present = self._rows[slot]
        if before.shape[1] == 0:
            return np.zeros((len(tick), len(self.members)), dtype=np.float32)
        start, end = before[:, rows] * present, after[:, rows] * present
        return np.asarray(start[tick] + (end - start)[tick] * share, dtype=np.float32)

    def _tool_wear(self, trace: Trace, tick: NDArray[np.int64], share: Signal, slot: str) -> tuple[Signal, Signal]:
        shape = (len(tick), len(self.members))
        severity, progress = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
        for column, r in self._tools[slot]:
            start = trace.clock[tick, r]
            clock = start + (trace.clock[tick + 1, r] - start) * share[:, 0]
            severity[:, column], progress[:, column] = self._fleet.magazines[r].wear(clock)
        return severity, progress

    def _sensed(self, sensor: Sensor, clean: Signal, scene: Scene, points: list[PointFault], times_s: Times) -> Signal:
        law: NoiseLaw = self._physics.noise[sensor.id]
        shape = clean.shape
        lingering = self.lags.linger(
            f"{sensor.id}.noise", self.rng.standard_normal(shape, dtype=np.float32), tau_s=law.tau_s, dt_s=scene.dt_s
        )
        white = self.rng.standard_normal(shape, dtype=np.float32)
        gusts = np.exp(_GUSTS * lingering - _GUSTS**2)
        gusts *= white
        gusts *= _ROUGHNESS * np.float32(law.white_sd)
        lingering *= _ROUGHNESS * np.float32(law.lingering_sd)
        lingering += gusts
        lingering *= np.where(scene.running, np.float32(1.0), _IDLE_NOISE)
        values = np.add(clean, lingering, dtype=np.float32)
        self._spike(sensor, values, points, times_s, scene.dt_s)
        self._drop_out(sensor, values, points, times_s, scene.dt_s)
        np.clip(values, sensor.range_low, sensor.range_high, out=values)
        if sensor.resolution > 0:
            values /= np.float32(sensor.resolution)
            np.round(values, out=values)
            values *= np.float32(sensor.resolution)
        return values

    def _spike(self, sensor: Sensor, values: Signal, points: list[PointFault], times_s: Times, dt_s: float) -> None:
        chance = 0.0 if is_counter(sensor) else self._fleet.layout.scenario.rates.spike_share
        share = min(sensor.period_s / dt_s, 1.0)
        for row, column in sparse_hits(self.rng, chance, values.shape):
            values[row, column] += np.float32(4.0 * share * (sensor.normal_high - sensor.normal_low))
            points.append(self._point(SensorFault.SPIKE, sensor, column, (times_s[row], times_s[row])))

    def _drop_out(self, sensor: Sensor, values: Signal, points: list[PointFault], times_s: Times, dt_s: float) -> None:
        """Let a sensor fall silent for about a minute at a time, and into the next block of time where it takes that long."""
        until_s = self.silent_until_s.setdefault(sensor.id, np.zeros(values.shape[1]))
        for column in np.flatnonzero(until_s > times_s[0]).tolist():
            values[: np.searchsorted(times_s, until_s[column]), column] = np.nan
        chance = self._fleet.layout.scenario.rates.dropout_share / max(_SILENCE_S / dt_s, 1.0)
        for row, column in sparse_hits(self.rng, chance, values.shape):
            to_s = times_s[row] + max(self.rng.exponential(_SILENCE_S), dt_s)
            values[row : np.searchsorted(times_s, to_s), column] = np.nan
            until_s[column] = max(until_s[column], to_s)
            points.append(self._point(SensorFault.DROPOUT, sensor, column, (times_s[row], to_s)))

    def _point(self, kind: SensorFault, sensor: Sensor, column: int, span_s: tuple[float, float]) -> PointFault:
        machine = self.machines[column].id
        return PointFault(kind=kind, machine=machine, sensor=sensor.id, at_s=float(span_s[0]), to_s=float(span_s[1]))

    def _spoil(self, values: dict[str, Signal], times_s: Times) -> None:
        sensors: dict[str, Sensor] = {sensor.id: sensor for sensor in self.equipment_type.sensors}
        columns: dict[str, int] = {machine.id: column for column, machine in enumerate(self.machines)}
        for span in self.spans_between(float(times_s[0]), float(times_s[-1]) + 1.0):
            column = values[span.sensor][:, columns[span.machine]]
            if span.other is not None:
                exchange(column, values[span.other][:, columns[span.machine]], times_s, span)
            else:
                spoil(column, times_s, sensors[span.sensor], span, self.held)

    def _unit(self, name: str, spread: float) -> NDArray[np.float32]:
        if name not in self._units:
            root = self._fleet.layout.scenario.seed
            u = np.array([keyed_uniforms(root, machine.id, "unit", name, count=1)[0] for machine in self.machines])
            self._units[name] = np.clip(normal(u, mean=1.0, sd=spread), 0.3, 1.9).astype(np.float32)
        return self._units[name]

    def _rows_of(self, slot: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        where: dict[tuple[int, str], int] = {
            (place.machine_index, place.slot.id): k for k, place in enumerate(self._fleet.layout.worn)
        }
        rows = np.array([where.get((int(n), slot), -1) for n in self.members], dtype=np.int64)
        return np.maximum(rows, 0), (rows >= 0).astype(np.float32)

    def _tools_of(self, slot: str) -> list[tuple[int, int]]:
        where: dict[tuple[int, str], int] = {
            (place.machine_index, place.slot.id): r for r, place in enumerate(self._fleet.layout.renewed)
        }
        found = [(column, where.get((int(n), slot))) for column, n in enumerate(self.members)]
        return [(column, r) for column, r in found if r is not None]


def build_shards(fleet: Fleet) -> tuple[Shard, ...]:
    """Divide a fleet into shards of at most 256 machines of one equipment type and site."""
    shards = []
    layout = fleet.layout
    for kind in layout.scenario.plant.equipment_types:
        for site in layout.scenario.plant.sites:
            of = [n for n, m in enumerate(layout.machines) if m.equipment_type == kind.id and m.site == site.id]
            for number, start in enumerate(range(0, len(of), SHARD_MACHINES)):
                members = np.array(of[start : start + SHARD_MACHINES], dtype=np.int64)
                shards.append(Shard(fleet, kind, members, number))
    return tuple(shards)
