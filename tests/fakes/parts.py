"""Parts in slots to test with: their lives, the readings that speak of them, and wear that runs to failure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from configs.plant import LifeUnit, LimitLevel, MachineId, PartTypeId, SensorId, SlotId
from ingest.part_life import PartLife, RemovalReason
from models.condition import Condition, ConditionKind, Contribution
from models.health import Health, HealthStatus, SlotHealth
from models.prognosis.degradation import IndicatorSeries
from models.prognosis.evidence import SlotEvidence
from models.prognosis.lives import Ending, LifeHistory
from models.prognosis.usage import MeterRate
from tests.fakes.plants import a_part_type

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOW_NS = int(NOW.timestamp()) * 1_000_000_000
HOUR_NS = 3_600_000_000_000


def a_life(*, used_days: float = 100.0, **changes: object) -> PartLife:
    """Return an open life of a new part, installed so many days ago when the meter stood at 1,000."""
    life = PartLife(
        id="life1",
        machine=MachineId("pump1"),
        slot=SlotId("seal"),
        part_type=PartTypeId("pump.seal"),
        life_unit=LifeUnit.OPERATING_HOURS,
        installed_at=NOW - timedelta(days=used_days),
        meter_at_install=1000.0,
        age_at_install=0.0,
        removed_at=None,
        meter_at_removal=None,
        removal_reason=None,
        failure_mode=None,
        note=None,
    )
    return replace(life, **changes)  # type: ignore[arg-type]


def a_closed_life(used: float, reason: RemovalReason | None = RemovalReason.FAILED, **changes: object) -> PartLife:
    closed = a_life(removed_at=NOW, meter_at_removal=1000.0 + used, removal_reason=reason)
    return replace(closed, **changes)  # type: ignore[arg-type]


def a_history(
    exit_: NDArray[np.float64],
    ending: NDArray[np.int_] | int = Ending.FAILED,
    *,
    entry: NDArray[np.float64] | float = 0.0,
    known_start: bool = True,
) -> LifeHistory:
    """Return lives that ended (or were last seen) at ages `exit_`."""
    return LifeHistory(
        entry=np.broadcast_to(np.asarray(entry, dtype=np.float64), exit_.shape).copy(),
        exit=exit_.astype(np.float64),
        known_start=np.full(exit_.shape, known_start),
        ending=np.broadcast_to(ending, exit_.shape).astype(np.int8),
        closed=np.ones(exit_.shape, dtype=bool),
    )


def a_series(values: NDArray[np.float64], *, ends_hours_ago: int = 0) -> IndicatorSeries:
    """Return hourly values, the last of them so many hours ago."""
    hours_back = np.arange(values.size)[::-1] + ends_hours_ago
    return IndicatorSeries(hours_ns=NOW_NS - hours_back * HOUR_NS, values=values, weights=np.full(values.size, 60.0))


def a_flat_course(days: float, rng: np.random.Generator, *, noise: float = 3.0) -> NDArray[np.float64]:
    return noise * rng.standard_normal(int(days * 24))


def a_worn_course(
    days: float, rng: np.random.Generator, *, fails_in_days: float, shows_for_days: float = 60.0, noise: float = 3.0
) -> NDArray[np.float64]:
    """Return hours of an indicator that reaches 100 so many days after the last of them."""
    back = np.arange(int(days * 24))[::-1] / 24.0
    progress = np.maximum(1.0 - (fails_in_days + back) / shows_for_days, 0.0)
    return 100.0 * np.expm1(3.5 * progress) / np.expm1(3.5) + noise * rng.standard_normal(back.size)


def a_contribution(sensor: str = "vib", share: float = 1.0, deviation: float = 6.0) -> Contribution:
    return Contribution(sensor=SensorId(sensor), share=share, value=4.0, expected=1.0, deviation=deviation)


def a_limit_passed(level: LimitLevel = LimitLevel.CRITICAL, sensor: str = "vib") -> Condition:
    return Condition(
        machine=MachineId("pump1"),
        kind=ConditionKind.LIMIT,
        level=level,
        since_ns=NOW_NS,
        until_ns=None,
        score=1.0,
        sensor=SensorId(sensor),
        value=8.0,
        limit=7.1,
        contributions=(),
        slots=(SlotId("seal"),),
    )


def a_health(status: HealthStatus = HealthStatus.OK, indicator: float = 5.0) -> Health:
    known = status is HealthStatus.OK
    return Health(
        machine=MachineId("pump1"),
        at_ns=NOW_NS,
        status=status,
        health=100.0 - indicator if known else None,
        anomaly=0.2 if known else None,
        learnt_s=3600.0,
        needed_s=7200.0,
        slots=(SlotHealth(slot=SlotId("seal"), health=100.0 - indicator, indicator=indicator),) if known else (),
    )


def a_slot(*, age: float = 2000.0, **changes: object) -> SlotEvidence:
    """Return a slot whose part has done `age` operating hours at 20 a day, with no reading of it."""
    evidence = SlotEvidence(
        machine=MachineId("pump1"),
        slot=SlotId("seal"),
        part_type=a_part_type(),
        life=a_life(used_days=age / 20.0),
        meter=1000.0 + age,
        rate=MeterRate(per_day=20.0, cv=0.15),
        plant_revision=3,
    )
    return replace(evidence, **changes)  # type: ignore[arg-type]
