"""The limits of a machine: when each is raised and cleared, and where its value comes from."""

from dataclasses import dataclass
from datetime import timedelta

from configs.plant import Bound, Limit, Machine, Sensor, SourceKind
from service.web.numbers import measured
from service.web.views.causes import LEVELS
from service.web.words import Words, key

SOURCES = {
    SourceKind.MEASURED: key("limits.from.measured"),
    SourceKind.MAKER: key("limits.from.maker"),
    SourceKind.STANDARD: key("limits.from.standard"),
    SourceKind.DATABASE: key("limits.from.database"),
    SourceKind.PUBLISHED_RULE: key("limits.from.published_rule"),
    SourceKind.JUDGEMENT: key("limits.from.judgement"),
    SourceKind.SITE: key("limits.from.site"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRow:
    """One limit of one sensor, in words."""

    sensor: str
    limit: str
    raised: str
    cleared: str
    source: str
    note: str


def limit_rows(machine: Machine, words: Words) -> tuple[LimitRow, ...]:
    """Return the limits of a machine, sensor by sensor."""
    return tuple(_row(sensor, limit, words) for sensor in machine.sensors for limit in sensor.limits)


def _row(sensor: Sensor, limit: Limit, words: Words) -> LimitRow:
    level, value = words.say(LEVELS[limit.level]), measured(limit.value, sensor.unit)
    is_upper = limit.bound is Bound.UPPER
    inside = measured(limit.value - limit.deadband if is_upper else limit.value + limit.deadband, sensor.unit)
    return LimitRow(
        sensor=words.text(sensor.name),
        limit=words.say("limits.over", level=level, value=value)
        if is_upper
        else words.say("limits.under", level=level, value=value),
        raised=_after(limit.on_delay_s, words),
        cleared=words.say("limits.back_under", value=inside, when=_after(limit.off_delay_s, words))
        if is_upper
        else words.say("limits.back_over", value=inside, when=_after(limit.off_delay_s, words)),
        source=words.say(SOURCES[limit.source.kind]),
        note=limit.source.note,
    )


def _after(delay_s: float, words: Words) -> str:
    if delay_s <= 0:
        return words.say("limits.at_once")
    return words.say("limits.after", span=words.lasting(timedelta(seconds=delay_s)))
