"""What a site says of its costs, its working time and its parts, checked, as changes of the plant.

A figure that is left out goes back to what counts without it: that of the site for a machine, and for a part that of the plant file or
the catalogue. Of a site and a machine the plant file's own figure is taken out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from configs.calendar import COUNTRIES, WEEKDAYS, Shift
from configs.plant import MachineId, PartTypeId, SiteId
from configs.plant_change import ChangedKind, PlantChange
from configs.plant_forms import RISKS
from service.advisory.stock import HIGHEST_PRICE_KRW, LONGEST_LEAD_DAYS
from service.errors import InvalidRequestError

LONGEST_STOP_H = 8760.0
HIGHEST_RATIO = 1000.0
LONGEST_NAME = 40
MOST_SHIFTS = 6
MOST_DAYS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class StopTerms:
    """What a stop costs a site or a machine; `risk` as people say it ("1 in 10"), where nobody knows costs."""

    cost_planned_krw: float | None = None
    cost_unplanned_krw: float | None = None
    downtime_krw_per_hour: float | None = None
    planned_stop_h: float | None = None
    unplanned_stop_h: float | None = None
    risk: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingTerms:
    """When a site works; without shifts it has no calendar. `holidays` names the country whose public holidays it keeps."""

    shifts: tuple[Shift, ...] = ()
    holidays: str | None = None
    closed: tuple[date, ...] = ()
    opened: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartTerms:
    """What a part costs and how long it takes to come; None where the catalogue's figure counts."""

    lead_time_days: float | None = None
    price_krw: float | None = None
    cost_ratio: float | None = None


def site_change(site: SiteId, stop: StopTerms, working: WorkingTerms) -> PlantChange:
    """Return the change of a site; InvalidRequestError names the figure that cannot be."""
    table = _stop_table(stop) | {"calendar": _calendar_table(working)}
    return PlantChange(kind=ChangedKind.SITE, id=site, table=table)


def machine_change(machine: MachineId, stop: StopTerms) -> PlantChange:
    """Return the change of what a stop of a machine costs; InvalidRequestError names the figure that cannot be."""
    return PlantChange(kind=ChangedKind.MACHINE, id=machine, table=_stop_table(stop))


def part_change(part: PartTypeId, terms: PartTerms) -> PlantChange:
    """Return the change of a part type; InvalidRequestError names the figure that cannot be."""
    table = {
        "lead_time_days": _within("lead_time_days", terms.lead_time_days, 0.0, LONGEST_LEAD_DAYS),
        "price_krw": _within("price_krw", terms.price_krw, 0.0, HIGHEST_PRICE_KRW),
        "cost_ratio": _within("cost_ratio", terms.cost_ratio, 1.0, HIGHEST_RATIO),
    }
    return PlantChange(kind=ChangedKind.PART_TYPE, id=part, table=table)


def _stop_table(stop: StopTerms) -> dict[str, Any]:
    money = ("cost_planned_krw", "cost_unplanned_krw", "downtime_krw_per_hour")
    table: dict[str, Any] = {field: _above_zero(field, getattr(stop, field), HIGHEST_PRICE_KRW) for field in money}
    for field in ("planned_stop_h", "unplanned_stop_h"):
        table[field] = _above_zero(field, getattr(stop, field), LONGEST_STOP_H)
    _check_order("cost_unplanned_krw", stop.cost_planned_krw, stop.cost_unplanned_krw)
    _check_order("unplanned_stop_h", stop.planned_stop_h, stop.unplanned_stop_h)
    if stop.risk is not None and stop.risk not in RISKS:
        raise InvalidRequestError(f"risk: {stop.risk!r} is not a risk; one of {', '.join(RISKS)}")
    return table | {"risk": stop.risk}


def _above_zero(field: str, figure: float | None, most: float) -> float | None:
    if figure is not None and not 0.0 < figure <= most:
        raise InvalidRequestError(f"{field}: more than 0 and at most {most:,.0f}; leave it out where it is not known")
    return figure


def _within(field: str, figure: float | None, least: float, most: float) -> float | None:
    if figure is not None and not least <= figure <= most:
        raise InvalidRequestError(
            f"{field}: from {least:g} to {most:,.0f}; leave it out where the catalogue's is right"
        )
    return figure


def _check_order(field: str, planned: float | None, unplanned: float | None) -> None:
    if planned is not None and unplanned is not None and unplanned < planned:
        raise InvalidRequestError(f"{field}: a failure is not below a planned stop; are the two exchanged?")


def _calendar_table(working: WorkingTerms) -> dict[str, Any] | None:
    if not working.shifts:
        if working.closed or working.opened:
            raise InvalidRequestError("shifts: type at least one shift in; days that differ need one")
        return None
    if len(working.shifts) > MOST_SHIFTS:
        raise InvalidRequestError(f"shifts: at most {MOST_SHIFTS}")
    if working.holidays is not None and working.holidays not in COUNTRIES:
        raise InvalidRequestError(
            f"holidays: those of {', '.join(COUNTRIES)} are known; leave it out, list days closed"
        )
    if both := sorted(set(working.closed) & set(working.opened)):
        raise InvalidRequestError(f"closed: {both[0]} is both closed and opened; remove one")
    return {
        "shifts": [_shift_table(shift) for shift in working.shifts],
        "holidays": working.holidays,
        "closed": _days("closed", working.closed),
        "opened": _days("opened", working.opened),
    }


def _shift_table(shift: Shift) -> dict[str, Any]:
    if not 0 < len(shift.name) <= LONGEST_NAME or not shift.name.isprintable():
        raise InvalidRequestError(f"shifts: a shift needs a name of at most {LONGEST_NAME} characters")
    if shift.start == shift.end or not shift.weekdays:
        raise InvalidRequestError(f"shifts: {shift.name} begins and ends at different times, on one weekday at least")
    days = [WEEKDAYS[day] for day in shift.weekdays]
    return {"name": shift.name, "start": _clock(shift.start), "end": _clock(shift.end), "days": days}


def _clock(at: time) -> str:
    return at.replace(tzinfo=None).isoformat(timespec="minutes")


def _days(field: str, days: Iterable[date]) -> list[str]:
    found = sorted(set(days))
    if len(found) > MOST_DAYS:
        raise InvalidRequestError(f"{field}: at most {MOST_DAYS} days")
    return [day.isoformat() for day in found]
