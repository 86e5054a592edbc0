"""A small plant with a past: parts that fail at a third of the nominal limit, long before the catalogue says."""

from dataclasses import replace
from datetime import timedelta

import numpy as np

from configs.instant import ns_of
from configs.plant import MachineId, SlotId
from ingest.meter import MeterState
from ingest.part_life import PartLife, RemovalReason
from ingest.ports import ConditionBlock
from models.training.plant_history import PlantHistory
from tests.fakes.parts import NOW, a_life
from tests.fakes.plants import a_machine, a_part_type

HOUR_NS = 3_600_000_000_000
DAYS = 240
BEGAN = NOW - timedelta(days=DAYS)
PART = a_part_type()
SLOT = SlotId("seal")


def a_life_of(machine: MachineId, number: int, begun: float, days: float) -> PartLife:
    """Return a part that was in a slot for so many days, at 20 hours of operation a day; days count from the beginning."""
    ended = begun + days < DAYS
    life = a_life(id=f"{machine}.{number}", machine=machine, slot=SLOT, part_type=PART.id, age_at_install=0.0)
    return replace(
        life,
        installed_at=BEGAN + timedelta(days=begun),
        meter_at_install=20.0 * begun,
        removed_at=BEGAN + timedelta(days=begun + days) if ended else None,
        meter_at_removal=20.0 * (begun + days) if ended else None,
        removal_reason=RemovalReason.FAILED if ended else None,
    )


def a_worn_plant(machines: int, rng: np.random.Generator) -> PlantHistory:
    """Return machines whose parts last some 45 days and reach a third of the nominal limit as they fail."""
    plant, lives, hours, meters = [], [], {}, []
    for number in range(machines):
        machine = replace(
            a_machine(f"m{number}"), slots=(replace(a_machine("x").slots[0], id=SLOT, part_type=PART.id),)
        )
        begun, values = 0.0, np.empty(0)
        for k in range(40):
            days = float(rng.uniform(30, 60))
            lives.append(a_life_of(machine.id, k, begun, days))
            wear = 33.0 * np.clip((np.arange(int(days * 24)) / (days * 24) - 0.5) / 0.5, 0, 1) ** 2
            values = np.concatenate([values, wear])
            begun += days
            if begun > DAYS:
                break
        values = values[: DAYS * 24] + rng.normal(0, 3, DAYS * 24)
        at = ns_of(BEGAN) + np.arange(values.size) * HOUR_NS
        hours[machine.id] = ConditionBlock(
            machines=np.full(values.size, machine.id, dtype=object), keys=np.full(values.size, SLOT, dtype=object),
            hours_ns=at, values=values, weights=np.full(values.size, 60.0),
        )  # fmt: skip
        meters.append(MeterState(machine=machine.id, unit=PART.life_unit, value=20.0 * DAYS, at_ns=ns_of(NOW)))
        plant.append(machine)
    return PlantHistory(
        machines=tuple(plant),
        part_types={PART.id: PART},
        lives=tuple(lives),
        meters=tuple(meters),
        hours=hours,
        until=NOW,
    )
