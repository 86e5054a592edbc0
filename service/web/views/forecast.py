"""The fan chart of one slot: how worn it has become, and how it may go on, against the failure limit."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from configs.instant import ns_of, utc_of_ns
from configs.plant import SlotId
from ingest.maintenance_event import MaintenanceEvent, MaintenanceKind
from ingest.part_life import PartLife
from ingest.ports import ConditionBlock
from models.prediction import Prediction
from service.web.numbers import whole_percent
from service.web.views.facts import INDICATOR_LIMIT, MachineFacts
from service.web.words import Words, key

HISTORY = timedelta(days=60)
STEP_NS = 6 * 3_600_000_000_000
GAP_STEPS = 4
_MS = 1_000_000
WORK = {
    MaintenanceKind.PREVENTIVE: key("work.preventive"),
    MaintenanceKind.CORRECTIVE: key("work.corrective"),
    MaintenanceKind.CONDITION_BASED: key("work.condition_based"),
    MaintenanceKind.INSPECTION: key("work.inspection"),
    MaintenanceKind.CALIBRATION: key("work.calibration"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The past of a machine: its parts' lives, newest first, the work done on it, and its condition by the hour."""

    lives: Sequence[PartLife]
    events: Sequence[MaintenanceEvent]
    block: ConditionBlock


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something that was done to the slot, with a place on the time axis."""

    at_ms: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FanRow:
    """One row of the chart's table; `past` or the three forecast columns are empty."""

    day: str
    past: str
    low: str
    middle: str
    high: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FanView:
    """What the fan chart draws: columns of equal length, None where nothing is known."""

    slot: SlotId
    name: str
    limit: float
    now_ms: int
    replace_by_ms: int | None
    at_ms: tuple[int, ...]
    past: tuple[float | None, ...]
    low: tuple[float | None, ...]
    middle: tuple[float | None, ...]
    high: tuple[float | None, ...]
    marks: tuple[Mark, ...]
    rows: tuple[FanRow, ...]
    summary: str
    warning: str


def fan_view(facts: MachineFacts, prediction: Prediction, history: History, words: Words) -> FanView | None:
    """Return the fan chart of a predicted slot, or None where neither past nor forecast is known."""
    slot = facts.slot(prediction.slot)
    past = _past(prediction.slot, history.block, _present_since(prediction.slot, history.lives))
    if slot is None or not (past or prediction.forecast):
        return None
    name = words.text(slot.name)
    empty: tuple[None, ...] = (None,) * len(prediction.forecast)
    unknown: tuple[None, ...] = (None,) * len(past)
    return FanView(
        slot=slot.id,
        name=name,
        limit=INDICATOR_LIMIT,
        now_ms=ns_of(words.now) // _MS,
        replace_by_ms=ns_of(prediction.replace_by) // _MS if prediction.replace_by else None,
        at_ms=(*(at // _MS for at, _ in past), *(ns_of(point.at) // _MS for point in prediction.forecast)),
        past=(*(value for _, value in past), *empty),
        low=(*unknown, *(round(point.p10, 1) for point in prediction.forecast)),
        middle=(*unknown, *(round(point.p50, 1) for point in prediction.forecast)),
        high=(*unknown, *(round(point.p90, 1) for point in prediction.forecast)),
        marks=_marks(facts, prediction.slot, history, words),
        rows=(*_past_rows(past, words), *_forecast_rows(prediction, words)),
        summary=_summary(name, prediction, words),
        warning=_warning(prediction, past, words),
    )


def _present_since(slot: SlotId, lives: Sequence[PartLife]) -> datetime | None:
    return next((life.installed_at for life in lives if life.slot == slot and life.removed_at is None), None)


def _past(slot: SlotId, block: ConditionBlock, since: datetime | None) -> list[tuple[int, float | None]]:
    """Return means over steps of some hours since the part was put in, with None where a gap lies."""
    from_ns = ns_of(since) if since is not None else 0
    sums: dict[int, tuple[float, float]] = {}
    rows = zip(block.keys, block.hours_ns.tolist(), block.values.tolist(), block.weights.tolist(), strict=True)
    for name, at, value, weight in rows:
        if name == slot and at >= from_ns and not math.isnan(value):
            total, count = sums.get(at // STEP_NS, (0.0, 0.0))
            sums[at // STEP_NS] = total + value * weight, count + weight
    points: list[tuple[int, float | None]] = []
    for step in sorted(sums):
        total, count = sums[step]
        if points and step * STEP_NS - points[-1][0] > GAP_STEPS * STEP_NS:
            points.append((points[-1][0] + STEP_NS, None))
        if count > 0:
            points.append((step * STEP_NS, round(total / count, 1)))
    return points


def _marks(facts: MachineFacts, slot: SlotId, history: History, words: Words) -> tuple[Mark, ...]:
    """Return what was done to the slot, or to the machine as a whole, within the chart."""
    known = facts.slot(slot)
    part = words.text(known.name) if known else slot
    replaced = [
        (life.installed_at, words.say("fan.replaced", part=part)) for life in history.lives if life.slot == slot
    ]
    worked = [
        (event.at, words.say(WORK[event.kind])) for event in history.events if event.slot is None or event.slot == slot
    ]
    since = words.now - HISTORY
    shown: dict[date, Mark] = {}
    for at, what in (*worked, *replaced):
        if since <= at <= words.now:
            shown[words.local_day(at)] = Mark(at_ms=ns_of(at) // _MS, words=what)
    return tuple(sorted(shown.values(), key=lambda mark: mark.at_ms))


def _past_rows(past: Sequence[tuple[int, float | None]], words: Words) -> list[FanRow]:
    by_day: dict[str, float] = {}
    for at, value in past:
        if value is not None:
            by_day[words.day(utc_of_ns(at))] = value
    return [FanRow(day=day, past=whole_percent(value), low="", middle="", high="") for day, value in by_day.items()]


def _forecast_rows(prediction: Prediction, words: Words) -> list[FanRow]:
    by_day = {words.day(point.at): point for point in prediction.forecast}
    return [
        FanRow(
            day=day,
            past="",
            low=whole_percent(point.p10),
            middle=whole_percent(point.p50),
            high=whole_percent(point.p90),
        )
        for day, point in by_day.items()
    ]


def _summary(name: str, prediction: Prediction, words: Words) -> str:
    now = whole_percent(prediction.indicator) if prediction.indicator is not None else words.say("unknown")
    if prediction.replace_by is None:
        return words.say("fan.summary", part=name, now=now)
    return words.say("fan.summary_by", part=name, now=now, day=words.day(prediction.replace_by))


def _warning(prediction: Prediction, past: Sequence[tuple[int, float | None]], words: Words) -> str:
    """Return since when the part is past the usual failure limit, or "" where it is not."""
    if prediction.indicator is None or prediction.indicator < INDICATOR_LIMIT:
        return ""
    since = _past_limit_since(past)
    if since is None:
        return words.say("fan.past_limit")
    return words.say("fan.past_limit_since", day=words.day(utc_of_ns(since)))


def _past_limit_since(past: Sequence[tuple[int, float | None]]) -> int | None:
    """Return the start of the last run of values past the limit, None where it was not seen to begin."""
    known = [(at, value >= INDICATOR_LIMIT) for at, value in past if value is not None]
    within = [i for i, (_, is_past) in enumerate(known) if not is_past]
    first = within[-1] + 1 if within else len(known)
    return known[first][0] if first < len(known) else None
