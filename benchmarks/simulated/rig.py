"""A rig of engines that the simulator knows by its general physics alone: many sensors, and a part that wears out."""

from dataclasses import replace

from benchmarks.simulated.recordings import NO_FAULTS
from configs.catalogue.load import Catalogue, load_catalogue
from configs.plant import PartType, PartTypeId, SensorId, SensorRole, Sign, Slot, SlotId, Text
from simulators.calendar import CONTINUOUS
from simulators.factory import MACHINING_CENTRES, Group, build_factory
from simulators.scenario import Scenario

_TYPE = "turbofan_engine"
_BETA, _ETA = 4.4, 225.0
"""Shape and scale (cycles) of the lives of C-MAPSS FD001: a rig is given the spread of the lives that it is compared with."""
_COUNTED = frozenset({"cycle"})

SENSORS: tuple[str, ...] = tuple(
    sensor.id
    for kind in load_catalogue().equipment_types
    if kind.id == _TYPE
    for sensor in kind.sensors
    if sensor.role is SensorRole.CONDITION and sensor.id not in _COUNTED
)


def a_rig(seed: int, *, machines: int, mode: int) -> Scenario:
    """Give a scenario of so many engines at one operating point that fail in one way."""
    catalogue = _with_slot(load_catalogue(), _slot(mode))
    group = Group(
        equipment_type=_TYPE, prefix="engine", name=Text(ko="엔진", en="Engine"), line=MACHINING_CENTRES.line, share=1,
        shifts=(CONTINUOUS,),
    )  # fmt: skip
    plant, shifts = build_factory(catalogue, machines, (group,))
    return Scenario(plant=plant, seed=seed, shifts=shifts, rates=NO_FAULTS, steady=True)


def _slot(mode: int) -> Slot:
    """Give a compressor that fouls; its name tells the simulator how such wear shows.

    A fault of the core moves all sensors alike; the second mode, one of the fan, moves every fourth three times as far.
    """
    signs = tuple(
        Sign(sensor=SensorId(s), rises=(n >> mode) % 2 == 0)
        for n, s in enumerate(SENSORS)
        for _ in range(3 if mode and n % 4 == 0 else 1)
    )
    name = Text(ko="고압 압축기", en="High-pressure compressor")
    return Slot(id=SlotId("compressor_fouling"), name=name, part_type=PartTypeId(f"{_TYPE}.part"), signs=signs)


def _with_slot(catalogue: Catalogue, slot: Slot) -> Catalogue:
    known: PartType = next(part for part in catalogue.part_types if part.life_unit == "operating_hours")
    part = replace(known, id=slot.part_type, beta=_BETA, eta=_ETA, ln_sd_eta=0.0)
    kinds = tuple(replace(kind, slots=(slot,)) if kind.id == _TYPE else kind for kind in catalogue.equipment_types)
    return replace(catalogue, equipment_types=kinds, part_types=(*catalogue.part_types, part))
