"""Plants to test with: a few machines whose figures are easy to reason about."""

from dataclasses import replace

from configs.plant import (
    EquipmentType,
    EquipmentTypeId,
    LifeUnit,
    Line,
    LineId,
    Machine,
    MachineId,
    PartType,
    PartTypeId,
    Plant,
    Sensor,
    SensorId,
    SensorRole,
    Site,
    SiteId,
    Slot,
    SlotId,
    Source,
    SourceKind,
    Text,
)

JUDGED = Source(kind=SourceKind.JUDGEMENT, note="for tests")


def a_text(word: str = "thing") -> Text:
    return Text(ko=word, en=word)


def a_sensor(name: str = "vib", **changes: object) -> Sensor:
    sensor = Sensor(
        id=SensorId(name),
        name=a_text(name),
        measurand="vibration_velocity",
        unit="mm/s",
        role=SensorRole.CONDITION,
        range_low=-100.0,
        range_high=100.0,
        normal_low=0.0,
        normal_high=5.0,
        resolution=0.0,
        period_s=1.0,
        limits=(),
        source=JUDGED,
    )
    return replace(sensor, **changes)  # type: ignore[arg-type]


def a_part_type(name: str = "pump.seal", **changes: object) -> PartType:
    part_type = PartType(
        id=PartTypeId(name),
        name=a_text(name),
        life_unit=LifeUnit.OPERATING_HOURS,
        beta=2.0,
        eta=8000.0,
        ln_sd_beta=0.25,
        ln_sd_eta=0.6,
        life_source=JUDGED,
        failure_modes=("ELP",),
        remedy=a_text(),
        check=a_text(),
        lead_time_days=7.0,
        price_krw=100_000.0,
        quantity=1,
        cost_ratio=5.0,
        stress_law=None,
        trade_source=JUDGED,
    )
    return replace(part_type, **changes)  # type: ignore[arg-type]


def a_type(name: str = "pump", **changes: object) -> EquipmentType:
    kind = EquipmentType(
        id=EquipmentTypeId(name),
        name=a_text(name),
        sensors=(a_sensor("vib"), a_sensor("temp", unit="degC", measurand="temperature", normal_high=60.0)),
        slots=(Slot(id=SlotId("seal"), name=a_text("seal"), part_type=PartTypeId("pump.seal"), signs=()),),
        window_s=60.0,
        learning_span_s=1_209_600.0,
        operating_rule=None,
        source=JUDGED,
    )
    return replace(kind, **changes)  # type: ignore[arg-type]


def a_machine(name: str = "pump1", kind: EquipmentType | None = None, **changes: object) -> Machine:
    kind = kind or a_type()
    machine = Machine(
        id=MachineId(name),
        name=a_text(name),
        site=SiteId("busan"),
        line=LineId("a"),
        equipment_type=kind.id,
        serial=None,
        installed_at=None,
        sensors=kind.sensors,
        slots=kind.slots,
        cost_planned_krw=None,
        cost_unplanned_krw=None,
    )
    return replace(machine, **changes)  # type: ignore[arg-type]


def a_plant(*machines: Machine, kinds: tuple[EquipmentType, ...] = ()) -> Plant:
    kinds = kinds or (a_type(),)
    return Plant(
        sites=(Site(id=SiteId("busan"), name=a_text("Busan"), time_zone="Asia/Seoul"),),
        lines=(Line(id=LineId("a"), name=a_text("A"), site=SiteId("busan")),),
        machines=machines or (a_machine("pump1"), a_machine("pump2")),
        equipment_types=kinds,
        part_types=(a_part_type(),),
        revision=1,
    )


def a_fleet(machines: int, sensors: int = 8) -> Plant:
    """Return a plant of equal machines `m0`, `m1`... with sensors `s0`, `s1`..."""
    kind = a_type("mill", sensors=tuple(a_sensor(f"s{i}") for i in range(sensors)))
    return a_plant(*(a_machine(f"m{i}", kind) for i in range(machines)), kinds=(kind,))
