"""The replacement plan as a foreman reads it: what is done in which week, and twelve weeks at a glance."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from configs.plant import Site
from service.advisory.plan import NoteKind, PlanNote, ReplacementPlan, Stop
from service.advisory.slot_plan import PLAN_WEEKS, PlannedSlot, SlotFacts, Timing
from service.web.numbers import percent
from service.web.views.life_bar import range_words
from service.web.views.parts import STATUSES
from service.web.words import Words, key

MOST_ROWS = 300
TICK_WEEKS = 2
TIMINGS = {
    Timing.BY_COST: key("timing.by_cost"),
    Timing.BY_RISK: key("timing.by_risk"),
    Timing.RUN_TO_FAILURE: key("timing.run_to_failure"),
    Timing.UNKNOWN_AGE: key("timing.unknown_age"),
}
NOTES = {
    NoteKind.NO_CALENDAR: key("plan.no_calendar"),
    NoteKind.CALENDAR_ENDS: key("plan.calendar_ends"),
    NoteKind.NO_SHIFT: key("plan.no_shift"),
    NoteKind.NO_COSTS: key("plan.no_costs"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StopItem:
    """One part that is replaced in a stop."""

    part: str
    number: str
    range: str
    chance: str
    waits: str
    is_pulled: bool
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRow:
    """One stop of a machine: the day and shift first."""

    day: str
    turn: str
    machine: str
    machine_name: str
    is_overdue: bool
    items: tuple[StopItem, ...]
    cost: str
    saved: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """The stops of one week."""

    title: str
    stops: tuple[StopRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRow:
    """One part on the axis of twelve weeks, places in per cent; `due` is None where it runs to failure."""

    name: str
    other: str
    href: str
    due_words: str
    low: float
    width: float
    middle: float
    due: float | None
    summary: str
    is_overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Windows of one machine or of one kind of part."""

    title: str
    rows: tuple[WindowRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A labelled place on the axis."""

    place: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """A machine that stands now, and what is worth replacing while it does."""

    machine: str
    machine_name: str
    parts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """The page of the plan."""

    weeks: tuple[Week, ...]
    chances: tuple[Chance, ...]
    groups: tuple[Group, ...]
    ticks: tuple[Tick, ...]
    by_part: bool
    left_out: str
    unplanned: tuple[tuple[str, str, str], ...]
    notes: tuple[str, ...]


def plan_view(plan: ReplacementPlan, words: Words, *, by_part: bool) -> PlanView:
    """Return the page of a plan; `by_part` groups the windows by part instead of by machine."""
    near = [slot for slot in plan.slots if _is_near(slot, plan.until)]
    return PlanView(
        weeks=_weeks(plan.stops, words),
        chances=tuple(
            Chance(
                machine=str(machine),
                machine_name=words.text(slots[0].facts.machine.name),
                parts=", ".join(words.text(slot.facts.slot.name) for slot in slots),
            )
            for machine, slots in plan.chances.items()
        ),
        groups=_groups(near[:MOST_ROWS], plan, words, by_part=by_part),
        ticks=tuple(_ticks(plan, words)),
        by_part=by_part,
        left_out=words.count("plan.left_out", len(near) - MOST_ROWS) if len(near) > MOST_ROWS else "",
        unplanned=tuple(_refused(each, words) for each in plan.unplanned[:MOST_ROWS]),
        notes=tuple(note_words(note, words) for note in plan.notes),
    )


def note_words(note: PlanNote, words: Words) -> str:
    """Return a remark about a site in words."""
    return words.say(NOTES[note.kind], site=words.text(note.site.name), year=note.year)


def due_words(slot: PlannedSlot, words: Words) -> str:
    """Return when a part is replaced: the day with its shift, that it is overdue, or why there is no day."""
    if slot.due is None:
        return words.say(TIMINGS[slot.timing])
    local = words_at(slot.facts.site, words)
    if slot.is_overdue:
        return words.say("plan.overdue", day=local.day(slot.due))
    if slot.turn is not None:
        return words.say("plan.day_turn", day=local.day(slot.due), turn=slot.turn.name)
    return local.day(slot.due)


def words_at(site: Site, words: Words) -> Words:
    """Return words that tell times in the zone of a site."""
    return Words(language=words.language, zone=ZoneInfo(site.time_zone), now=words.now)


def _is_near(slot: PlannedSlot, until: datetime) -> bool:
    return slot.remaining.p10_at <= until or (slot.due is not None and slot.due <= until)


def _weeks(stops: Sequence[Stop], words: Words) -> tuple[Week, ...]:
    found: dict[date, list[StopRow]] = {}
    for stop in stops:
        day = words_at(stop.site, words).local_day(stop.at)
        found.setdefault(day - timedelta(days=day.weekday()), []).append(_stop_row(stop, words))
    return tuple(Week(title=_week_words(monday, words), stops=tuple(rows)) for monday, rows in sorted(found.items()))


def _week_words(monday: date, words: Words) -> str:
    this = words.today - timedelta(days=words.today.weekday())
    if monday <= this:
        return words.say("plan.this_week")
    if monday == this + timedelta(days=7):
        return words.say("plan.next_week")
    at = datetime(monday.year, monday.month, monday.day, 12, tzinfo=words.zone)
    return words.say("plan.week_of", day=words.day(at))


def _stop_row(stop: Stop, words: Words) -> StopRow:
    local = words_at(stop.site, words)
    return StopRow(
        day=local.day(stop.at),
        turn=stop.turn.name if stop.turn is not None else "",
        machine=stop.machine.id,
        machine_name=words.text(stop.machine.name),
        is_overdue=stop.is_overdue,
        items=tuple(_item(slot, stop, words) for slot in stop.slots),
        cost=_cost_words(stop, words),
        saved=words.say("plan.saved", cost=words.money(stop.saved)) if stop.saved > 0 else "",
    )


def _cost_words(stop: Stop, words: Words) -> str:
    """Return what the stop costs, its standing once, and what a day of waiting with all of it costs."""
    acting = sum(slot.costs.planned - slot.costs.shared for slot in stop.slots) + stop.slots[0].costs.shared
    waiting = sum(slot.waiting_krw for slot in stop.slots)
    return words.say("plan.costs", acting=words.money(acting), waiting=words.money(waiting))


def _item(slot: PlannedSlot, stop: Stop, words: Words) -> StopItem:
    return StopItem(
        part=words.text(slot.facts.slot.name),
        number=str(slot.facts.part.id),
        range=range_words(slot.remaining, words),
        chance=percent(slot.chance_7),
        waits=_waits_words(slot, words),
        is_pulled=slot in stop.pulled,
        href=f"/machines/{slot.facts.machine.id}/replacement?slot={slot.facts.slot.id}",
    )


def _waits_words(slot: PlannedSlot, words: Words) -> str:
    if slot.spare_at is None:
        return ""
    return words.say("plan.waits", day=words_at(slot.facts.site, words).day(slot.spare_at))


def _groups(slots: Sequence[PlannedSlot], plan: ReplacementPlan, words: Words, *, by_part: bool) -> tuple[Group, ...]:
    title: Callable[[PlannedSlot], str] = (
        (lambda slot: words.text(slot.facts.part.name)) if by_part else _machine(words)
    )
    found: dict[str, list[WindowRow]] = {}
    for slot in slots:
        found.setdefault(title(slot), []).append(_window(slot, plan, words, by_part=by_part))
    return tuple(Group(title=name, rows=tuple(rows)) for name, rows in found.items())


def _machine(words: Words) -> Callable[[PlannedSlot], str]:
    return lambda slot: words.text(slot.facts.machine.name)


def _window(slot: PlannedSlot, plan: ReplacementPlan, words: Words, *, by_part: bool) -> WindowRow:
    machine, part = words.text(slot.facts.machine.name), words.text(slot.facts.slot.name)
    low, middle, high = (
        _place(at, plan) for at in (slot.remaining.p10_at, slot.remaining.p50_at, slot.remaining.p90_at)
    )
    when = due_words(slot, words)
    return WindowRow(
        name=machine if by_part else part,
        other=part if by_part else machine,
        href=f"/machines/{slot.facts.machine.id}",
        due_words=when,
        low=low,
        width=round(max(0.8, high - low), 1),
        middle=middle,
        due=None if slot.due is None or slot.due > plan.until else _place(slot.due, plan),
        summary=words.say(
            "plan.summary", machine=machine, part=part, when=when, range=range_words(slot.remaining, words)
        ),
        is_overdue=slot.is_overdue,
    )


def _place(at: datetime, plan: ReplacementPlan) -> float:
    share = (at - plan.made_at) / (plan.until - plan.made_at)
    return round(min(100.0, max(0.0, share * 100.0)), 1)


def _ticks(plan: ReplacementPlan, words: Words) -> list[Tick]:
    start = plan.made_at
    weeks = range(0, PLAN_WEEKS, TICK_WEEKS)
    return [
        Tick(place=round(week / PLAN_WEEKS * 100, 1), words=words.short_day(start + timedelta(weeks=week)))
        for week in weeks
    ]


def _refused(facts: SlotFacts, words: Words) -> tuple[str, str, str]:
    prediction = facts.prediction
    status = words.say(STATUSES[prediction.status]) if prediction is not None else words.say("prediction.none_yet")
    return (words.text(facts.machine.name), words.text(facts.slot.name), status)
