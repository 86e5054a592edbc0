"""What a site says of its costs, its working time and its parts, as it is shown and typed in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from babel.dates import get_day_names

from configs.calendar import COUNTRIES, WEEKDAYS, Shift, WorkCalendar
from configs.catalogue.forms import TYPED_IN
from configs.plant import Machine, PartType, Plant, Site
from configs.plant_forms import RISKS, risk_words
from service.advisory.countdown import counts_down
from service.web.words import Words, key

FIGURES = {
    "cost_planned_krw": key("terms.cost_planned_krw"),
    "cost_unplanned_krw": key("terms.cost_unplanned_krw"),
    "downtime_krw_per_hour": key("terms.downtime_krw_per_hour"),
    "planned_stop_h": key("terms.planned_stop_h"),
    "unplanned_stop_h": key("terms.unplanned_stop_h"),
}
PART_FIGURES = {
    "lead_time_days": key("terms.lead_time_days"),
    "price_krw": key("terms.price_krw"),
    "cost_ratio": key("terms.cost_ratio"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One figure: its key, its name, and what stands in it, "" for nothing."""

    id: str
    name: str
    value: str
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftRow:
    """One shift as text, with the numbers of its weekdays."""

    name: str = ""
    start: str = ""
    end: str = ""
    days: frozenset[int] = frozenset(range(5))
    shown: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteView:
    """One site: what a stop costs, when it works."""

    id: str
    name: str
    figures: tuple[Field, ...]
    risk: str
    shifts: tuple[ShiftRow, ...]
    keeps_holidays: bool
    holidays: str
    closed: str
    opened: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnView:
    """A part type or a machine with figures of its own; `is_own` where somebody typed some in."""

    id: str
    name: str
    figures: tuple[Field, ...]
    risk: str
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsView:
    """The page: sites, part types, machines; those of which nothing differs are only counted among the machines."""

    sites: tuple[SiteView, ...]
    parts: tuple[OwnView, ...]
    machines: tuple[OwnView, ...]
    others: tuple[OwnView, ...]


def terms_view(plant: Plant, sites: Sequence[Site], machines: Sequence[Machine], words: Words) -> TermsView:
    """Return the page of the terms of some sites."""
    seen = [machine_view(machine, words) for machine in machines]
    used = {slot.part_type for machine in machines for slot in machine.slots}
    lasting = [part for part in plant.part_types if part.id in used and not counts_down(part)]
    return TermsView(
        sites=tuple(site_view(site, words) for site in sites),
        parts=tuple(part_view(part, words) for part in lasting),
        machines=tuple(each for each in seen if each.is_own),
        others=tuple(each for each in seen if not each.is_own),
    )


def site_view(site: Site, words: Words) -> SiteView:
    """Return a site as it stands."""
    calendar = site.calendar or WorkCalendar(shifts=())
    holidays = calendar.holidays
    return SiteView(
        id=site.id,
        name=words.text(site.name),
        figures=_fields(site, FIGURES, words),
        risk="" if site.risk is None else risk_words(site.risk),
        shifts=tuple(_shift_row(shift, words) for shift in calendar.shifts),
        keeps_holidays=holidays is not None,
        holidays="" if holidays is None else words.say("terms.holidays_until", year=holidays.last_year),
        closed="\n".join(day.isoformat() for day in calendar.closed),
        opened="\n".join(day.isoformat() for day in calendar.opened),
    )


def machine_view(machine: Machine, words: Words) -> OwnView:
    """Return what a stop of a machine costs, where it differs from its site."""
    fields = _fields(machine, FIGURES, words)
    risk = "" if machine.risk is None else risk_words(machine.risk)
    is_own = bool(risk) or any(field.value for field in fields)
    return OwnView(id=machine.id, name=words.text(machine.name), figures=fields, risk=risk, is_own=is_own)


def part_view(part: PartType, words: Words) -> OwnView:
    """Return what a part type costs and how long it takes to come."""
    fields = _fields(part, PART_FIGURES, words)
    is_own = part.trade_source == TYPED_IN
    return OwnView(id=part.id, name=words.text(part.name), figures=fields, risk="", is_own=is_own)


def as_typed(view: SiteView | OwnView, typed: Mapping[str, str]) -> tuple[Field, ...]:
    """Return the figures of a form with what was typed in place of what stands."""
    return tuple(
        Field(id=field.id, name=field.name, value=typed.get(field.id, field.value), shown=field.shown)
        for field in view.figures
    )


def weekdays(words: Words) -> tuple[str, ...]:
    """Return the short names of the weekdays, Monday first."""
    names = get_day_names("abbreviated", locale=words.language)
    return tuple(names[day] for day in range(len(WEEKDAYS)))


def risks(words: Words) -> tuple[tuple[str, str], ...]:
    """Return the risks that can be chosen: as they are written, and as people say them."""
    return tuple((risk, words.say("terms.risk_of", number=risk.removeprefix("1 in "))) for risk in RISKS)


def country() -> str:
    """Return the country whose public holidays a site may keep."""
    return COUNTRIES[0]


def _fields(owner: Site | Machine | PartType, figures: Mapping[str, str], words: Words) -> tuple[Field, ...]:
    return tuple(
        Field(id=name, name=words.say(said), value=_plain(getattr(owner, name)), shown=_shown(name, owner, words))
        for name, said in figures.items()
    )


def _plain(figure: float | None) -> str:
    return "" if figure is None else f"{figure:.15g}"


def _shown(name: str, owner: Site | Machine | PartType, words: Words) -> str:
    figure = getattr(owner, name)
    if figure is None:
        return words.say("terms.not_typed")
    if name.endswith("_h"):
        return words.say("terms.hours", number=f"{figure:g}")
    if name == "lead_time_days":
        return words.count("terms.days", round(figure))
    return words.say("terms.times", number=f"{figure:g}") if name == "cost_ratio" else words.money(figure)


def _shift_row(shift: Shift, words: Words) -> ShiftRow:
    start, end = (f"{at:%H:%M}" for at in (shift.start, shift.end))
    return ShiftRow(
        name=shift.name,
        start=start,
        end=end,
        days=frozenset(shift.weekdays),
        shown=f"{shift.name} {start}–{end} · {_day_words(shift.weekdays, words)}",
    )


def _day_words(days: Iterable[int], words: Words) -> str:
    names = weekdays(words)
    return " ".join(names[day] for day in sorted(days))
