"""Accelerometers on machines: a capture every few minutes while the machine runs, of what its bearing really does."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from configs.bearings import bearing_of
from configs.plant import Machine, MeasuringPoint
from simulators.bearing_waveform import LENGTH_S, Damage, Defect, Floats, Mounting, Shaking, orders, waveform
from simulators.draws import keyed_generator, keyed_uniforms
from simulators.fleet import Fleet
from simulators.signals import EXECUTING, Report, Shard
from simulators.trace import Trace

USUAL_RPM = 1_770.0
USUAL_BEARING = "6308"
SNR_AT_FAILURE_DB = 14.0
FIRST_WITHIN_S = 30.0
_HIDDEN_DB = -40.0
_DEFECT_SHARES = {Defect.OUTER: 0.45, Defect.INNER: 0.30, Defect.ELEMENT: 0.15, Defect.CAGE: 0.10}
_UNBALANCED_BY, _MISALIGNED_BY = ("impeller", "impeller_fouling", "fan"), ("coupling", "drive_belt", "timing_belt")
_USUAL_VELOCITY_MM_S = 1.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One capture: `acceleration_m_s2` (n,) from `at_s` on, and the speed that the gateway read beside it."""

    machine: Machine
    point: str
    at_s: float
    rpm: float
    acceleration_m_s2: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueCapture:
    """What was in a capture: the part of the slot and what is wrong with it, how strong and how often it strikes."""

    machine: str
    point: str
    at_s: float
    rotation_hz: float
    install_no: int | None
    defect: Defect | None
    snr_db: float | None
    struck_hz: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ear:
    """A measuring point: the worn slot that it listens to (None where there is none), how long after the start; `worn` are all of the machine's."""

    point: MeasuringPoint
    index: int
    slot: int | None
    worn: Mapping[str, int]
    phase_s: float
    mounting: Mounting


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    machine: Machine
    ear: _Ear
    at_s: float
    shaking: Shaking
    damage: Damage | None
    install_no: int | None


class Accelerometers:
    """The accelerometers of a factory; a capture can be had once it is over."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._ears = {n: _ears(fleet, n) for n, machine in enumerate(fleet.layout.machines) if machine.points}
        self._start_s: float | None = None
        self._waiting: list[tuple[float, int, _Wanted]] = []
        self._count = 0
        self.truth: list[TrueCapture] = []

    def listen(self, trace: Trace, reports: Iterable[tuple[Shard, Report]]) -> None:
        """Take note of the captures that begin within a block of which reports are given, one a second."""
        if not self._ears:
            return
        self._start_s = float(trace.edges_s[0]) if self._start_s is None else self._start_s
        for shard, report in reports:
            for column, n in enumerate(shard.members.tolist()):
                for ear in self._ears.get(n, ()):
                    for second in _begins(ear, report, column, self._start_s):
                        self._count += 1
                        wanted = self._wanted(ear, trace, shard, report, (second, column))
                        heappush(self._waiting, (wanted.at_s + LENGTH_S, self._count, wanted))

    def due(self, at_s: float) -> Iterator[Capture]:
        """Give the captures that are over by a moment."""
        while self._waiting and self._waiting[0][0] <= at_s:
            yield self._capture(heappop(self._waiting)[2])

    def _wanted(self, ear: _Ear, trace: Trace, shard: Shard, report: Report, at: tuple[int, int]) -> _Wanted:
        layout, (second, column) = self._fleet.layout, at
        at_s = float(report.times_s[second])
        tick = int(np.clip(np.searchsorted(trace.edges_s, at_s, side="right") - 1, 0, len(trace.edges_s) - 2))
        speed = float(layout.speed[ear.index, int(report.job[second, column])])
        worn = {name: float(trace.severity_to[tick, k]) for name, k in ear.worn.items()}
        shaking = Shaking(
            rotation_hz=(ear.point.rpm or USUAL_RPM) / 60.0 * speed,
            velocity_mm_s=_velocity(shard, report, at),
            unbalance=max(worn.get(name, 0.0) for name in _UNBALANCED_BY),
            misalignment=max(worn.get(name, 0.0) for name in _MISALIGNED_BY),
        )
        damage = None
        if ear.slot is not None and trace.severity_to[tick, ear.slot] > 0:
            damage = self._damage(ear.point, ear.slot, float(trace.progress_to[tick, ear.slot]))
        install_no = None if ear.slot is None else int(self._fleet.state.install_no[ear.slot])
        return _Wanted(
            machine=shard.machines[column], ear=ear, at_s=at_s, shaking=shaking, damage=damage, install_no=install_no
        )

    def _damage(self, point: MeasuringPoint, slot: int, progress: float) -> Damage | None:
        """Give the defect of the part in a worn slot; its blows grow ahead of the vibration, as high frequencies do."""
        early = min(max(progress, 0.0), 1.0) ** 1.5
        snr_db = SNR_AT_FAILURE_DB + 20 * float(np.log10(max(early, 1e-9)))
        if snr_db < _HIDDEN_DB:
            return None
        place = self._fleet.layout.worn[slot]
        root, number = self._fleet.layout.scenario.seed, int(self._fleet.state.install_no[slot])
        draw = keyed_uniforms(root, place.machine.id, place.slot.id, "defect", number, count=1)[0]
        shares = np.cumsum(list(_DEFECT_SHARES.values()))
        defect = list(_DEFECT_SHARES)[int(np.searchsorted(shares, draw))]
        return Damage(bearing=point.bearing or bearing_of(USUAL_BEARING), defect=defect, snr_db=snr_db)

    def _capture(self, wanted: _Wanted) -> Capture:
        point, shaking, damage = wanted.ear.point.id, wanted.shaking, wanted.damage
        rng = keyed_generator(
            self._fleet.layout.scenario.seed, wanted.machine.id, "waveform", point, int(wanted.at_s * 1000)
        )
        self.truth.append(
            TrueCapture(
                machine=wanted.machine.id,
                point=point,
                at_s=wanted.at_s,
                rotation_hz=shaking.rotation_hz,
                install_no=wanted.install_no,
                defect=damage.defect if damage else None,
                snr_db=round(damage.snr_db, 2) if damage else None,
                struck_hz=orders(damage.bearing)[damage.defect] * shaking.rotation_hz if damage else None,
            )
        )
        return Capture(
            machine=wanted.machine,
            point=point,
            at_s=wanted.at_s,
            rpm=round(60 * shaking.rotation_hz * (1 + float(rng.normal(0, 0.001))), 1),
            acceleration_m_s2=waveform(shaking, wanted.ear.mounting, damage, rng),
        )


def _begins(ear: _Ear, report: Report, column: int, start_s: float) -> list[int]:
    """Give the seconds of a report at which a capture begins: on time, and while the machine runs throughout.

    A gateway listens soon after it is switched on, and then once a period.
    """
    at = report.times_s - start_s - ear.phase_s
    on_time = np.flatnonzero(np.floor(at / ear.point.period_s) != np.floor((at - 1.0) / ear.point.period_s))
    return [int(s) for s in on_time if (report.state[s : s + 1 + int(LENGTH_S), column] == EXECUTING).all()]


def _velocity(shard: Shard, report: Report, at: tuple[int, int]) -> float:
    """Give what the machine's own vibration sensor says, so that both tell the same."""
    for sensor in shard.equipment_type.sensors:
        if sensor.measurand == "vibration_velocity":
            value = float(report.values[sensor.id][at])
            return value if np.isfinite(value) and value > 0 else _USUAL_VELOCITY_MM_S
    return _USUAL_VELOCITY_MM_S


def _ears(fleet: Fleet, n: int) -> tuple[_Ear, ...]:
    layout, machine = fleet.layout, fleet.layout.machines[n]
    worn: dict[str, int] = {place.slot.id: k for k, place in enumerate(layout.worn) if place.machine_index == n}
    ears = []
    for point in machine.points:
        u = keyed_uniforms(layout.scenario.seed, machine.id, "mounting", point.id, count=4)
        ears.append(
            _Ear(
                point=point,
                index=n,
                slot=None if point.slot is None else worn.get(point.slot),
                worn=worn,
                phase_s=float(np.floor(FIRST_WITHIN_S * u[0])),
                mounting=Mounting(
                    resonance_hz=2_000.0 + 5_000.0 * float(u[1]),
                    damping=0.03 + 0.05 * float(u[2]),
                    noise_m_s2=0.6 + 1.0 * float(u[3]),
                ),
            )
        )
    return tuple(ears)
