"""The sensors of one machine: what each says now, in the order in which a person wants to see them."""

from collections.abc import Sequence
from dataclasses import dataclass

from configs.instant import utc_of_ns
from configs.measuring_points import derived_sensors
from configs.plant import Limit, Sensor, SensorId, SensorRole
from ingest.ports import LastValue
from ingest.reading import UNTRUSTED
from models.prediction import Prediction
from service.web.numbers import figure, unit_sign
from service.web.views.causes import LEVELS
from service.web.views.facts import MachineFacts
from service.web.words import Words

SHOWN_FIRST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitLine:
    """A limit as a line in a chart."""

    value: float
    level: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorView:
    """One sensor with its newest value; `at_ms` is None where it never reported.

    `point` is the measuring point that it is shown under: one that waveforms come to, and that nothing points at.
    """

    id: SensorId
    point: str | None
    name: str
    unit: str
    value: str
    at_ms: int | None
    age: str
    stamp: str
    is_doubtful: bool
    is_past_limit: bool
    limits: tuple[LimitLine, ...]
    normal_low: float
    normal_high: float


def sensor_views(facts: MachineFacts, prediction: Prediction | None, words: Words) -> tuple[SensorView, ...]:
    """Return the machine's sensors, those that moved most first, the context (load, speed) last."""
    shares = _shares(facts, prediction)
    points = {sensor.id: point.id for point in facts.machine.points for sensor in derived_sensors(point)}
    ranked = sorted(
        facts.machine.sensors,
        key=lambda sensor: (-shares.get(sensor.id, 0.0), sensor.role is SensorRole.CONTEXT),
    )
    quiet = {sensor: point for sensor, point in points.items() if sensor not in shares}
    return tuple(_sensor_view(each, facts.last_value(each.id), quiet.get(each.id), words) for each in ranked)


def limit_lines(limits: Sequence[Limit], words: Words) -> tuple[LimitLine, ...]:
    """Return the limits of a sensor as chart lines."""
    return tuple(
        LimitLine(
            value=limit.value,
            level=limit.level.value,
            words=words.say("limit.line", level=words.say(LEVELS[limit.level]), value=f"{limit.value:,g}"),
        )
        for limit in limits
    )


def _shares(facts: MachineFacts, prediction: Prediction | None) -> dict[SensorId, float]:
    """Return how much each sensor has to do with what is going on: findings first, then the prediction's drivers."""
    shares: dict[SensorId, float] = {}
    for driver in prediction.drivers if prediction is not None else ():
        if driver.sensor is not None:
            shares[driver.sensor] = driver.share
    for finding in facts.case.findings if facts.case is not None else ():
        for sensor in finding.sensors:
            shares[sensor.sensor] = max(1.0 + sensor.share, shares.get(sensor.sensor, 0.0))
    return shares


def _sensor_view(sensor: Sensor, last: LastValue | None, point: str | None, words: Words) -> SensorView:
    at = utc_of_ns(last.event_time_ns) if last is not None else None
    return SensorView(
        id=sensor.id,
        point=point,
        name=words.text(sensor.name),
        unit=unit_sign(sensor.unit),
        value=figure(last.value) if last is not None else "–",
        at_ms=last.event_time_ns // 1_000_000 if last is not None else None,
        age=words.ago(at) if at is not None else words.say("sensor.never"),
        stamp=words.stamp(at) if at is not None else "",
        is_doubtful=last is not None and bool(last.quality & UNTRUSTED),
        is_past_limit=last is not None and any(_is_past(limit, last.value) for limit in sensor.limits),
        limits=limit_lines(sensor.limits, words),
        normal_low=sensor.normal_low,
        normal_high=sensor.normal_high,
    )


def _is_past(limit: Limit, value: float) -> bool:
    return value >= limit.value if limit.bound.value == "upper" else value <= limit.value
