"""A small Korean factory to simulate: a machining line and its utilities, with the people's names for the machines."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time

from configs.bearings import bearing_of
from configs.calendar import Shift, WorkCalendar, public_holidays
from configs.catalogue.load import Catalogue
from configs.measuring_points import derived_sensors
from configs.plant import (
    EquipmentTypeId,
    Line,
    LineId,
    Machine,
    MachineId,
    MeasuringPoint,
    Plant,
    Site,
    SiteId,
    SlotId,
    Text,
)
from simulators.calendar import CONTINUOUS, ONE_SHIFT, THREE_SHIFTS, TWO_SHIFTS, Shifts
from simulators.errors import SimulatorError

_MAINTENANCE = WorkCalendar(
    shifts=(Shift(name="주간", start=time(8), end=time(17), weekdays=(0, 1, 2, 3, 4)),), holidays=public_holidays("KR")
)
"""When parts are replaced: the machines may run longer."""

_SITE = Site(
    id=SiteId("changwon"),
    name=Text(ko="창원 1공장", en="Changwon plant 1"),
    time_zone="Asia/Seoul",
    calendar=_MAINTENANCE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Machines of one kind that stand on one line: how they are called, how many of 24, and when they work."""

    equipment_type: str
    prefix: str
    name: Text
    line: Line
    share: int
    shifts: tuple[Shifts, ...]


def _line(line_id: str, ko: str, en: str) -> Line:
    return Line(id=LineId(line_id), name=Text(ko=ko, en=en), site=_SITE.id)


_MACHINING = _line("machining", "절삭 라인", "Machining line")
_FORMING = _line("forming", "성형 라인", "Forming line")
_ASSEMBLY = _line("assembly", "조립 라인", "Assembly line")
_UTILITIES = _line("utilities", "유틸리티", "Utilities")

MACHINING_CENTRES = Group(
    equipment_type="cnc_machining_centre", prefix="mc", name=Text(ko="머시닝센터", en="Machining centre"),
    line=_MACHINING, share=6, shifts=(CONTINUOUS, TWO_SHIFTS, THREE_SHIFTS, ONE_SHIFT, CONTINUOUS, TWO_SHIFTS),
)  # fmt: skip
PUMPS = Group(
    equipment_type="centrifugal_pump", prefix="pump", name=Text(ko="원심펌프", en="Centrifugal pump"),
    line=_UTILITIES, share=5, shifts=(CONTINUOUS, CONTINUOUS, TWO_SHIFTS, CONTINUOUS, THREE_SHIFTS),
)  # fmt: skip
GROUPS = (
    MACHINING_CENTRES,
    Group(
        equipment_type="injection_moulding_machine", prefix="imm", name=Text(ko="사출성형기", en="Injection moulding machine"),
        line=_FORMING, share=3, shifts=(CONTINUOUS, THREE_SHIFTS, TWO_SHIFTS),
    ),
    Group(
        equipment_type="hydraulic_press", prefix="press", name=Text(ko="유압프레스", en="Hydraulic press"),
        line=_FORMING, share=2, shifts=(TWO_SHIFTS, ONE_SHIFT),
    ),
    Group(
        equipment_type="robot_arm_6axis", prefix="robot", name=Text(ko="용접로봇", en="Welding robot"),
        line=_ASSEMBLY, share=2, shifts=(THREE_SHIFTS, TWO_SHIFTS),
    ),
    Group(
        equipment_type="conveyor_gear_motor", prefix="conv", name=Text(ko="컨베이어", en="Conveyor"),
        line=_ASSEMBLY, share=2, shifts=(THREE_SHIFTS, TWO_SHIFTS),
    ),
    PUMPS,
    Group(
        equipment_type="air_compressor", prefix="comp", name=Text(ko="공기압축기", en="Air compressor"),
        line=_UTILITIES, share=2, shifts=(CONTINUOUS, THREE_SHIFTS),
    ),
    Group(
        equipment_type="cooling_fan_chiller", prefix="chiller", name=Text(ko="칠러", en="Chiller"),
        line=_UTILITIES, share=2, shifts=(CONTINUOUS, CONTINUOUS),
    ),
)  # fmt: skip


BEARING_SLOT = SlotId("bearing")
DRIVE_END = MeasuringPoint(
    id="drive_end", name=Text(ko="구동측", en="Drive end"), slot=BEARING_SLOT, bearing=bearing_of("6308"), rpm=1_770.0,
    period_s=300.0,
)  # fmt: skip


def build_factory(
    catalogue: Catalogue, machines: int, groups: Sequence[Group] = GROUPS
) -> tuple[Plant, dict[MachineId, Shifts]]:
    """Give a plant of that many machines, divided by the groups' shares, and their shift calendars.

    Raises
    ------
    SimulatorError
        When `machines` is below 1.
    """
    if machines < 1:
        raise SimulatorError(f"a factory of {machines} machines is impossible; give --machines 1 or more")
    kinds = {kind.id: kind for kind in catalogue.equipment_types}
    built: list[Machine] = []
    shifts: dict[MachineId, Shifts] = {}
    for group, count in zip(groups, _counts(machines, groups), strict=True):
        kind = kinds[EquipmentTypeId(group.equipment_type)]
        for number in range(1, count + 1):
            machine = MachineId(f"{group.prefix}-{number:02d}")
            name = Text(ko=f"{group.name.ko} {number}호기", en=f"{group.name.en} {number}")
            built.append(
                Machine(
                    id=machine, name=name, site=_SITE.id, line=group.line.id, equipment_type=kind.id,
                    serial=f"{group.prefix.upper()}{2016 + number % 8}-{1000 + 37 * number}", installed_at=None,
                    sensors=kind.sensors, slots=kind.slots, cost_planned_krw=None, cost_unplanned_krw=None,
                )
            )  # fmt: skip
            shifts[machine] = group.shifts[(number - 1) % len(group.shifts)]
    lines = tuple(dict.fromkeys(group.line for group in groups))
    used = {machine.equipment_type for machine in built}
    plant = Plant(
        sites=(_SITE,), lines=tuple(line for line in lines if any(m.line == line.id for m in built)),
        machines=tuple(built), equipment_types=tuple(kind for kind in catalogue.equipment_types if kind.id in used),
        part_types=catalogue.part_types, revision=1,
    )  # fmt: skip
    return plant, shifts


def with_accelerometers(plant: Plant) -> Plant:
    """Give the plant with an accelerometer at the bearing of every machine that has one slot of that name."""
    machines = tuple(
        replace(m, sensors=m.sensors + derived_sensors(DRIVE_END), points=(DRIVE_END,))
        if BEARING_SLOT in {slot.id for slot in m.slots}
        else m
        for m in plant.machines
    )
    return replace(plant, machines=machines)


def _counts(machines: int, groups: Sequence[Group]) -> list[int]:
    total = sum(group.share for group in groups)
    exact = [machines * group.share / total for group in groups]
    counts = [int(share) for share in exact]
    by_rest = sorted(range(len(exact)), key=lambda i: counts[i] - exact[i])
    for i in by_rest[: machines - sum(counts)]:
        counts[i] += 1
    return counts
