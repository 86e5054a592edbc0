"""The machines and slots of a scenario as flat arrays, so that a whole factory advances in a few array operations."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from configs.plant import EquipmentType, LifeUnit, Machine, PartType, Slot
from simulators.degradation import LifeLaw
from simulators.draws import keyed_uniforms, lognormal, normal
from simulators.equipment.physics import Job, Physics, SlotPhysics
from simulators.equipment.registry import physics_of
from simulators.scenario import Scenario

Array = NDArray[np.float64]
Index = NDArray[np.int64]

_ETA_SPREAD_SD = 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One slot of one machine with the laws that its parts follow."""

    machine_index: int
    machine: Machine
    slot: Slot
    part: PartType
    law: LifeLaw
    physics: SlotPhysics


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """N machines, K worn slots (`worn`), R slots renewed in use (`renewed`), J jobs at most per type.

    `jobs` has one tuple per machine. `stress` (K, J) and `units_per_hour` (K, J) are per worn slot and job,
    `renewal_stress` (R, J) per renewed slot; `couplings` are (cause, effect, factor) between worn slots.
    """

    scenario: Scenario
    machines: tuple[Machine, ...]
    physics: tuple[Physics, ...]
    jobs: tuple[tuple[Job, ...], ...]
    worn: tuple[Place, ...]
    renewed: tuple[Place, ...]
    offsets_s: Index
    machine_of_worn: Index
    machine_of_renewed: Index
    load: Array
    speed: Array
    contamination: Array
    run_share: Array
    starts_per_h: Array
    mean_hours: Array
    stress: Array
    renewal_stress: Array
    calendar_unit: NDArray[np.bool_]
    start_units: Array
    halving_k: Array
    reference_c: Array
    rise_k: Array
    cause: Index
    effect: Index
    factor: Array


def build_layout(scenario: Scenario, offsets_s: list[int]) -> Layout:
    """Lay a checked scenario out in arrays; `offsets_s` are the machines' distances from UTC."""
    machines = scenario.plant.machines
    by_type = {kind.id: _physics(kind, scenario) for kind in scenario.plant.equipment_types}
    physics = tuple(by_type[machine.equipment_type] for machine in machines)
    places = [
        _place(scenario, index, slot, physics[index])
        for index, machine in enumerate(machines)
        for slot in machine.slots
    ]
    worn = tuple(place for place in places if not place.physics.renewed_in_use)
    renewed = tuple(place for place in places if place.physics.renewed_in_use)
    tables = _JobTables(physics, [_duty(scenario, machine) for machine in machines])
    of_worn = np.array([place.machine_index for place in worn], dtype=np.int64)
    of_renewed = np.array([place.machine_index for place in renewed], dtype=np.int64)
    cause, effect, factor = _couplings(worn)
    return Layout(
        scenario=scenario, machines=machines, physics=physics, jobs=tuple(p.jobs for p in physics), worn=worn,
        renewed=renewed, offsets_s=np.array(offsets_s, dtype=np.int64), machine_of_worn=of_worn,
        machine_of_renewed=of_renewed, load=tables.load, speed=tables.speed, contamination=tables.contamination,
        run_share=tables.run_share, starts_per_h=tables.starts_per_h, mean_hours=tables.mean_hours,
        stress=tables.stress_of(worn), renewal_stress=tables.stress_of(renewed),
        calendar_unit=np.array([place.part.life_unit is LifeUnit.CALENDAR_DAYS for place in worn], dtype=np.bool_),
        start_units=np.array([place.physics.start_h for place in worn]),
        halving_k=np.array([place.physics.halving_k for place in worn]),
        reference_c=np.array([place.physics.reference_c for place in worn]),
        rise_k=np.array([place.physics.rise_k for place in worn]),
        cause=cause, effect=effect, factor=factor,
    )  # fmt: skip


def plant_eta_factor(scenario: Scenario, machine: Machine, part: PartType) -> float:
    """Give how much longer or shorter parts of a type last in this factory than the catalogue says."""
    u = keyed_uniforms(scenario.seed, machine.site, part.id, "eta", count=1)
    spread = np.clip(normal(u, mean=0.0, sd=1.0), -_ETA_SPREAD_SD, _ETA_SPREAD_SD)
    return float(np.exp(part.ln_sd_eta * spread)[0])


def _physics(kind: EquipmentType, scenario: Scenario) -> Physics:
    known = physics_of(kind)
    return replace(known, jobs=known.jobs[:1]) if scenario.steady else known


def _place(scenario: Scenario, index: int, slot: Slot, physics: Physics) -> Place:
    machine = scenario.plant.machines[index]
    part = scenario.plant.part_type(slot.part_type)
    how = physics.slots[slot.id]
    eta = part.eta * plant_eta_factor(scenario, machine, part)
    law = LifeLaw(beta=part.beta, eta=eta, signature=how.signature, upkeep=how.upkeep)
    return Place(machine_index=index, machine=machine, slot=slot, part=part, law=law, physics=how)


def _duty(scenario: Scenario, machine: Machine) -> float:
    u = keyed_uniforms(scenario.seed, machine.id, "duty", count=1)
    return float(lognormal(u, median=1.0, ln_sd=0.06)[0])


def _couplings(worn: tuple[Place, ...]) -> tuple[Index, Index, Array]:
    where: dict[tuple[int, str], int] = {(place.machine_index, place.slot.id): k for k, place in enumerate(worn)}
    found = [
        (k, where[place.machine_index, victim], factor)
        for k, place in enumerate(worn)
        for victim, factor in place.physics.hurts.items()
        if (place.machine_index, victim) in where
    ]
    cause, effect, factor = zip(*found, strict=True) if found else ((), (), ())
    return np.array(cause, dtype=np.int64), np.array(effect, dtype=np.int64), np.array(factor, dtype=np.float64)


class _JobTables:
    """Job properties of every machine, padded to the longest job list, each of shape (N, J)."""

    def __init__(self, physics: tuple[Physics, ...], duties: list[float]) -> None:
        width = max(len(p.jobs) for p in physics)
        rows = [[p.jobs[min(j, len(p.jobs) - 1)] for j in range(width)] for p in physics]
        duty = np.array(duties)[:, None]
        self.load = np.array([[job.load for job in row] for row in rows]) * duty
        self.speed = np.array([[job.speed for job in row] for row in rows])
        self.contamination = np.array([[job.contamination for job in row] for row in rows])
        self.run_share = np.array([[job.run_share for job in row] for row in rows])
        self.starts_per_h = np.array([[job.starts_per_h for job in row] for row in rows])
        self.mean_hours = np.array([[job.mean_hours for job in row] for row in rows])
        self._rated = np.array([_usual(p) for p in physics])

    def stress_of(self, places: tuple[Place, ...]) -> Array:
        """Give the damage rate of each place under each job, 1 under the usual mix of jobs."""
        of = np.array([place.machine_index for place in places], dtype=np.int64)
        powers = np.array(
            [(p.physics.load_exponent, p.physics.speed_exponent, p.physics.contamination_exponent) for p in places]
        ).reshape(len(places), 3)
        relative = [
            table[of] / self._rated[of, axis, None]
            for axis, table in enumerate((self.load, self.speed, self.contamination))
        ]
        return np.asarray(np.prod([r ** powers[:, axis, None] for axis, r in enumerate(relative)], axis=0))


def _usual(physics: Physics) -> tuple[float, float, float]:
    weights = np.array([job.weight * job.mean_hours for job in physics.jobs])
    columns = np.array([(job.load, job.speed, job.contamination) for job in physics.jobs])
    load, speed, contamination = weights @ columns / weights.sum()
    return float(load), float(speed), float(contamination)
