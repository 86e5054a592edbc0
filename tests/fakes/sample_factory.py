"""A small Korean factory in trouble, with conclusions as the monitor would draw them: what the pages are looked at with.

Eighteen machines on three lines at 2026-11-24 17:05 in Seoul: one critical, two warnings, a watch, a silent gateway, one
machine under maintenance, one that still learns, one that is off, the rest well.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from configs.catalogue.load import load_catalogue
from configs.instant import ns_of
from configs.plant import LifeUnit, LimitLevel, Machine, MachineId, Plant, SensorId, Slot
from configs.plant_file import parse_plant
from ingest.maintenance_event import MaintenanceEvent, MaintenanceKind
from ingest.meter import MeterState
from ingest.operation import OperatingState
from ingest.part_life import PartLife, RemovalReason
from ingest.ports import ConditionBlock, IntakeBatch
from ingest.reading import ReadingBatch
from ingest.stores.duckdb_store import DuckDBStore
from models.condition import Condition, ConditionKind, Contribution
from models.health import Health, HealthStatus, SlotHealth
from models.prediction import (
    Driver,
    EvidenceKind,
    EvidenceWeight,
    FailureProbability,
    ForecastPoint,
    Prediction,
    PredictionStatus,
    Reason,
    ReasonCode,
    RemainingLife,
)
from service.actions import cases as case_actions
from service.actions.conclusions import Assessment, Conclusions, record
from service.actions.out_of_service import set_out_of_service
from service.actor import Actor, Role
from service.state.database import StateDatabase
from service.state.history import StateHistoryStore
from tests.fakes.houses import House, a_house

NOW = datetime(2026, 11, 24, 8, 5, 37, tzinfo=UTC)
FOREMAN = Actor(id="p1", name="김반장", role=Role.TECHNICIAN, sites=None)
DAY = timedelta(days=1)
HOUR_NS = 3_600_000_000_000

_LINES = {
    "cutting": ("절삭 라인", "Cutting line"),
    "moulding": ("성형 라인", "Moulding line"),
    "utility": ("유틸리티", "Utilities"),
}
_MACHINES = (
    ("cnc-01", "머시닝센터 1호기", "Machining centre 1", "cutting", "cnc_machining_centre"),
    ("cnc-02", "머시닝센터 2호기", "Machining centre 2", "cutting", "cnc_machining_centre"),
    ("cnc-03", "머시닝센터 3호기", "Machining centre 3", "cutting", "cnc_machining_centre"),
    ("cnc-04", "머시닝센터 4호기", "Machining centre 4", "cutting", "cnc_machining_centre"),
    ("robot-01", "로봇 1호기", "Robot 1", "cutting", "robot_arm_6axis"),
    ("conveyor-01", "컨베이어 1호기", "Conveyor 1", "cutting", "conveyor_gear_motor"),
    ("mould-01", "사출성형기 1호기", "Injection moulding machine 1", "moulding", "injection_moulding_machine"),
    ("mould-02", "사출성형기 2호기", "Injection moulding machine 2", "moulding", "injection_moulding_machine"),
    ("press-01", "유압 프레스 1호기", "Hydraulic press 1", "moulding", "hydraulic_press"),
    ("press-02", "유압 프레스 2호기", "Hydraulic press 2", "moulding", "hydraulic_press"),
    ("chiller-02", "냉각팬 2호기", "Cooling fan 2", "moulding", "cooling_fan_chiller"),
    ("conveyor-02", "컨베이어 2호기", "Conveyor 2", "moulding", "conveyor_gear_motor"),
    ("air-01", "공기압축기 1호기", "Air compressor 1", "utility", "air_compressor"),
    ("air-02", "공기압축기 2호기", "Air compressor 2", "utility", "air_compressor"),
    ("pump-01", "냉각수 순환 원심펌프 1호기", "Cooling water circulation pump 1", "utility", "centrifugal_pump"),
    ("pump-02", "원심펌프 2호기", "Centrifugal pump 2", "utility", "centrifugal_pump"),
    ("pump-03", "원심펌프 3호기", "Centrifugal pump 3", "utility", "centrifugal_pump"),
    ("chiller-01", "칠러 1호기", "Chiller 1", "utility", "cooling_fan_chiller"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What is wrong with one slot: remaining days at P10, P50, P90, and the chance within 7 days."""

    slot: str
    days: tuple[float, float, float]
    within_7: float
    within_30: float
    replace_in: float
    sensor: str
    value: float
    expected: float
    indicator: float


TROUBLES = {
    "cnc-03": Trouble(
        slot="spindle_bearing",
        days=(2.4, 6.1, 12.3),
        within_7=0.61,
        within_30=0.97,
        replace_in=2.9,
        sensor="spindle_vib",
        value=1.46,
        expected=0.56,
        indicator=71.0,
    ),
    "press-01": Trouble(
        slot="return_filter",
        days=(7.2, 12.4, 19.6),
        within_7=0.17,
        within_30=0.93,
        replace_in=10.0,
        sensor="filter_dp",
        value=0.82,
        expected=0.41,
        indicator=78.0,
    ),
    "air-02": Trouble(
        slot="oil_separator",
        days=(12.5, 20.0, 30.0),
        within_7=0.03,
        within_30=0.84,
        replace_in=16.9,
        sensor="separator_dp",
        value=0.72,
        expected=0.38,
        indicator=66.0,
    ),
    "mould-01": Trouble(
        slot="check_ring",
        days=(21.0, 33.0, 48.0),
        within_7=0.01,
        within_30=0.38,
        replace_in=25.0,
        sensor="cushion",
        value=6.9,
        expected=5.2,
        indicator=58.0,
    ),
}


def sample_plant() -> Plant:
    """Return the factory as its plant file says it."""
    lines = "\n".join(
        f'[[line]]\nid = "{line}"\nname = {{ ko = "{ko}", en = "{en}" }}\nsite = "ansan"'
        for line, (ko, en) in _LINES.items()
    )
    machines = "\n".join(
        f'[[machine]]\nid = "{id_}"\nname = {{ ko = "{ko}", en = "{en}" }}\nline = "{line}"\ntype = "{kind}"\n'
        f'serial = "SN-{number:04}"\ninstalled_at = 2023-03-02T00:00:00Z'
        for number, (id_, ko, en, line, kind) in enumerate(_MACHINES, 1)
    )
    site = (
        '[[site]]\nid = "ansan"\nname = { ko = "안산 공장", en = "Ansan plant" }\ntime_zone = "Asia/Seoul"\n'
        'calendar = { holidays = "KR", shifts = [{ name = "주간", start = 08:00:00, end = 17:00:00 }] }'
    )
    plant = parse_plant(f"{site}\n{lines}\n{machines}", load_catalogue(), "sample")
    return replace(
        plant,
        machines=tuple(
            replace(each, cost_planned_krw=920_000.0, cost_unplanned_krw=5_400_000.0) if each.id == "cnc-03" else each
            for each in plant.machines
        ),
    )


def fill(database: StateDatabase, store: DuckDBStore, plant: Plant, *, now: datetime = NOW) -> None:
    """Put the factory's readings, lives, predictions and cases into the stores."""
    rng = np.random.default_rng(24)
    for machine in plant.machines:
        _commit(store, _readings(machine, now, rng))
        store.set_meters(_meters(machine, now))
        store.write_condition(_condition(machine, now, rng))
    lives = [life for machine in plant.machines for life in _lives(plant, machine, now)]
    events = [
        MaintenanceEvent(
            machine=MachineId("cnc-03"),
            slot=None,
            at=now - 33 * DAY,
            kind=MaintenanceKind.PREVENTIVE,
            note="그리스 주입",
        )
    ]
    StateHistoryStore(database, plant, lambda: now).add_history(lives, events, [])
    for back, only in (
        (1.2 / 24, ("cnc-03",)),
        (3.1 / 24, ("air-02", "chiller-02", "pump-03")),
        (1.1, ("press-01", "mould-01")),
    ):
        _conclude(database, plant, only, now - back * DAY)
    rest = [
        machine.id
        for machine in plant.machines
        if machine.id not in {"cnc-03", "air-02", "chiller-02", "pump-03", "press-01", "mould-01"}
    ]
    _conclude(database, plant, rest, now - timedelta(minutes=2))
    for case in _open_cases(database):
        if case.machine in {"press-01", "mould-01"}:
            case_actions.acknowledge(database, FOREMAN, case.id, expected_version=None, now=now - timedelta(hours=20))
    machine = plant.machine(MachineId("cnc-04"))
    assert machine is not None
    set_out_of_service(
        database,
        FOREMAN,
        machine,
        until=now + timedelta(hours=1),
        reason="주축 냉각기 점검",
        now=now - timedelta(hours=2),
    )


@contextmanager
def a_filled_house(folder: Path) -> Iterator[House]:
    """Open the service over the factory whose files lie in the folder; they are made where they are missing."""
    plant = sample_plant()
    is_empty = not (folder / "state.sqlite").exists()
    with a_house(folder, plant) as house:
        house.now[0] = NOW
        if is_empty:
            fill(house.database, house.store, plant)
        yield house


def sample_prediction(plant: Plant, machine: Machine, slot: Slot, now: datetime) -> Prediction:
    """Return the prediction of a slot: what `TROUBLES` says, or years of calm."""
    trouble = TROUBLES.get(machine.id)
    if trouble is not None and trouble.slot == slot.id:
        return _troubled(plant, machine, slot, trouble, now)
    part = plant.part_type(slot.part_type)
    if slot.id == "cutting_tool":
        return _calm(plant, machine, slot, (0.009, 0.016, 0.024), now)
    if machine.id == "conveyor-02" and slot.id == machine.slots[0].id:
        reason = Reason(code=ReasonCode.NO_LIFE)
        return replace(
            _calm(plant, machine, slot, (1.0, 2.0, 3.0), now),
            status=PredictionStatus.NO_DATA,
            reasons=(reason,),
            remaining=None,
            failure_probability=None,
            replace_by=None,
            order_by=None,
            age=None,
            drivers=(),
            evidence=(),
        )
    scale = 0.02 + (sum(map(ord, machine.id + slot.id)) % 37) / 60
    eta_days = part.eta / 20
    return _calm(plant, machine, slot, (0.35 * scale * eta_days, scale * eta_days, 2.1 * scale * eta_days), now)


def _troubled(plant: Plant, machine: Machine, slot: Slot, trouble: Trouble, now: datetime) -> Prediction:
    part = plant.part_type(slot.part_type)
    p10, p50, p90 = trouble.days
    by = now + trouble.replace_in * DAY
    return Prediction(
        machine=machine.id,
        slot=slot.id,
        part_type=part.id,
        made_at=now,
        status=PredictionStatus.OK,
        reasons=(
            Reason(
                code=ReasonCode.SIGN_MOVED,
                sensor=SensorId(trouble.sensor),
                parameters=(trouble.value, trouble.expected, 6.2),
            ),
            Reason(code=ReasonCode.TREND, parameters=(trouble.indicator, 2.4)),
            Reason(code=ReasonCode.AGE_USED, parameters=(4120.0, 5100.0)),
            Reason(code=ReasonCode.SITE_LIVES, parameters=(3.0, 5.0)),
        ),
        remaining=RemainingLife(
            unit=part.life_unit,
            p10=p10 * 20,
            p50=p50 * 20,
            p90=p90 * 20,
            p10_at=now + p10 * DAY,
            p50_at=now + p50 * DAY,
            p90_at=now + p90 * DAY,
        ),
        failure_probability=FailureProbability(
            within_7_days=trouble.within_7, within_30_days=trouble.within_30, within_90_days=0.995
        ),
        replace_by=by,
        order_by=by - part.lead_time_days * DAY,
        health=100 - trouble.indicator,
        indicator=trouble.indicator,
        age=4120.0,
        drivers=(
            Driver(
                sensor=SensorId(trouble.sensor),
                share=0.68,
                value=trouble.value,
                expected=trouble.expected,
                deviation=6.2,
            ),
            Driver(sensor=None, share=0.21, value=4120.0, expected=5100.0, deviation=0.0),
        ),
        evidence=(
            EvidenceWeight(kind=EvidenceKind.CONDITION, weight=0.72),
            EvidenceWeight(kind=EvidenceKind.AGE, weight=0.21),
            EvidenceWeight(kind=EvidenceKind.RULES, weight=0.07),
        ),
        forecast=tuple(_forecast(trouble, now)),
        raises_case=True,
        model_digest="0" * 64,
        plant_revision=1,
    )


def _forecast(trouble: Trouble, now: datetime) -> Iterable[ForecastPoint]:
    p10, p50, p90 = trouble.days
    for step in np.linspace(0, p90 * 1.3, 28):
        at = now + float(step) * DAY
        low, middle, high = (
            trouble.indicator + (100 - trouble.indicator) * float(step / reach) ** 1.15 for reach in (p90, p50, p10)
        )
        yield ForecastPoint(at=at, p10=low, p50=middle, p90=high)


def _calm(plant: Plant, machine: Machine, slot: Slot, days: tuple[float, float, float], now: datetime) -> Prediction:
    part = plant.part_type(slot.part_type)
    p10, p50, p90 = days
    by = now + 0.7 * p50 * DAY
    return Prediction(
        machine=machine.id,
        slot=slot.id,
        part_type=part.id,
        made_at=now,
        status=PredictionStatus.OK,
        reasons=(
            Reason(code=ReasonCode.CATALOGUE_ESTIMATE),
            Reason(code=ReasonCode.AGE_USED, parameters=(part.eta * 0.3, part.eta * 0.9)),
        ),
        remaining=RemainingLife(
            unit=part.life_unit,
            p10=p10,
            p50=p50,
            p90=p90,
            p10_at=now + p10 * DAY,
            p50_at=now + p50 * DAY,
            p90_at=now + p90 * DAY,
        ),
        failure_probability=FailureProbability(within_7_days=0.004, within_30_days=0.02, within_90_days=0.08),
        replace_by=by,
        order_by=by - part.lead_time_days * DAY if part.lead_time_days < 0.7 * p50 else by,
        health=None,
        indicator=None,
        age=part.eta * 0.3,
        drivers=(),
        evidence=(EvidenceWeight(kind=EvidenceKind.AGE, weight=1.0),),
        forecast=(),
        raises_case=False,
        model_digest="",
        plant_revision=1,
    )


def _conclude(database: StateDatabase, plant: Plant, machines: Iterable[str], now: datetime) -> None:
    chosen = [machine for machine in plant.machines if machine.id in set(machines)]
    record(
        database,
        Conclusions(
            plant=plant,
            assessments=tuple(
                Assessment(
                    machine=machine.id,
                    assessed_until=now,
                    conditions=_conditions(machine, now),
                    predictions=tuple(sample_prediction(plant, machine, slot, now) for slot in machine.slots),
                )
                for machine in chosen
            ),
            health=tuple(sample_health(machine, now) for machine in chosen),
            watermarks=(),
        ),
        now=now,
    )


def sample_health(machine: Machine, now: datetime) -> Health:
    """Return the health of a machine: 30 to 60 per cent worn unless `TROUBLES` knows better; one still learns."""
    status = {"conveyor-02": HealthStatus.LEARNING, "chiller-02": HealthStatus.NO_DATA}.get(machine.id, HealthStatus.OK)
    trouble = TROUBLES.get(machine.id)
    slots = tuple(
        SlotHealth(slot=slot.id, health=100.0 - worn, indicator=worn)
        for number, slot in enumerate(machine.slots)
        for worn in (
            trouble.indicator
            if trouble and trouble.slot == slot.id
            else 4.0 + (number * 17 + len(machine.id) * 5) % 31,
        )
    )
    is_ok = status is HealthStatus.OK
    return Health(
        machine=machine.id,
        at_ns=ns_of(now),
        status=status,
        health=min(slot.health for slot in slots) if is_ok and slots else None,
        anomaly=0.3 if is_ok else None,
        learnt_s=9.2 * 86_400 if status is HealthStatus.LEARNING else 14 * 86_400,
        needed_s=14 * 86_400,
        slots=slots if is_ok else (),
    )


def _conditions(machine: Machine, now: datetime) -> tuple[Condition, ...]:
    since = ns_of(now - timedelta(minutes=26))
    if machine.id == "chiller-02":
        return (_condition_of(machine, ConditionKind.NO_DATA, LimitLevel.CRITICAL, since),)
    if machine.id == "pump-03":
        sensors = [sensor for sensor in machine.sensors if sensor.limits][:1] or list(machine.sensors[:1])
        contributions = tuple(
            Contribution(
                sensor=sensor.id,
                share=0.7,
                value=sensor.normal_high * 1.5,
                expected=sensor.normal_high * 0.7,
                deviation=5.4,
            )
            for sensor in sensors
        )
        return (
            replace(
                _condition_of(machine, ConditionKind.ANOMALY, LimitLevel.CRITICAL, since), contributions=contributions
            ),
        )
    return ()


def _condition_of(machine: Machine, kind: ConditionKind, level: LimitLevel, since: int) -> Condition:
    return Condition(
        machine=machine.id,
        kind=kind,
        level=level,
        since_ns=since,
        until_ns=None,
        score=1.4,
        sensor=None,
        value=None,
        limit=None,
        contributions=(),
        slots=(),
    )


def _open_cases(database: StateDatabase):
    from service.state import cases  # noqa: PLC0415

    with database.reading() as session:
        return cases.open_cases(session, FOREMAN)


def _lives(plant: Plant, machine: Machine, now: datetime) -> Iterable[PartLife]:
    for slot in machine.slots:
        if machine.id == "conveyor-02" and slot.id == machine.slots[0].id:
            continue
        part = plant.part_type(slot.part_type)
        life = PartLife(
            id=f"{machine.id}-{slot.id}-2",
            machine=machine.id,
            slot=slot.id,
            part_type=part.id,
            life_unit=part.life_unit,
            installed_at=now - 240 * DAY,
            meter_at_install=3000.0,
            age_at_install=0.0,
            removed_at=None,
            meter_at_removal=None,
            removal_reason=None,
            failure_mode=None,
            note=None,
        )
        yield life
        yield replace(
            life,
            id=f"{machine.id}-{slot.id}-1",
            installed_at=now - 600 * DAY,
            meter_at_install=0.0,
            removed_at=now - 240 * DAY,
            meter_at_removal=3000.0,
            removal_reason=RemovalReason.PLANNED,
        )


def _meters(machine: Machine, now: datetime) -> Iterable[MeterState]:
    return (
        MeterState(machine=machine.id, unit=unit, value=7120.5, at_ns=ns_of(now))
        for unit in (LifeUnit.OPERATING_HOURS, LifeUnit.CUTTING_MINUTES)
    )


def _condition(machine: Machine, now: datetime, rng: np.random.Generator) -> ConditionBlock:
    trouble = TROUBLES.get(machine.id)
    hours = (ns_of(now) // HOUR_NS - np.arange(24 * 60)[::-1]) * HOUR_NS
    slot = trouble.slot if trouble else (machine.slots[0].id if machine.slots else "")
    end = trouble.indicator if trouble else 24.0
    days_back = np.arange(24 * 60)[::-1] / 24
    course = 18 + (end - 18) * np.exp(-days_back / 11) + rng.normal(0, 1.6, days_back.size)
    kept = ~((days_back > 25.0) & (days_back < 27.2))
    return ConditionBlock(
        machines=np.full(int(kept.sum()), machine.id, dtype=object),
        keys=np.full(int(kept.sum()), slot, dtype=object),
        hours_ns=hours[kept].astype(np.int64),
        values=course[kept],
        weights=np.full(int(kept.sum()), 60.0),
    )


def _readings(machine: Machine, now: datetime, rng: np.random.Generator) -> ReadingBatch:
    """Return 8 hours of minutes, a silence of 40 minutes in the middle; the silent machine ends 26 minutes ago."""
    minutes = np.arange(8 * 60)[::-1]
    minutes = minutes[(minutes < 200) | (minutes > 240)]
    if machine.id == "chiller-02":
        minutes = minutes[minutes >= 26]
    times = ns_of(now) - 3_000_000_000 - minutes * 60_000_000_000
    size = times.size
    trouble = TROUBLES.get(machine.id)
    values = np.column_stack([_course(sensor, trouble, size, rng) for sensor in machine.sensors])
    state = OperatingState.OFF if machine.id == "press-02" else OperatingState.EXECUTING
    states = np.full(size, OperatingState.EXECUTING.value, dtype=object)
    states[-1] = state.value
    return ReadingBatch(
        equipment_type=machine.equipment_type,
        sensors=tuple(sensor.id for sensor in machine.sensors),
        machines=np.full(size, machine.id, dtype=object),
        event_times_ns=times.astype(np.int64),
        received_times_ns=times.astype(np.int64),
        boots=np.full(size, "b1", dtype=object),
        seqs=np.arange(size, dtype=np.int64),
        rows=np.zeros(size, np.int32),
        states=states,
        jobs=np.full(size, None, dtype=object),
        values=values,
        quality=np.zeros(values.shape, np.uint16),
    )


def _course(sensor, trouble: Trouble | None, size: int, rng: np.random.Generator):
    middle, spread = (sensor.normal_low + sensor.normal_high) / 2, (sensor.normal_high - sensor.normal_low) / 14
    course = middle + spread * np.sin(np.arange(size) / 31) + rng.normal(0, max(spread, 1e-3) / 3, size)
    if trouble is not None and sensor.id == trouble.sensor:
        course = np.linspace(trouble.expected, trouble.value, size) + rng.normal(0, 0.03 * trouble.value, size)
    return np.round(course, 3)


def _commit(store: DuckDBStore, batch: ReadingBatch) -> None:
    store.commit(IntakeBatch(readings=(batch,), rejections=(), ledgers=(), meters=()))
