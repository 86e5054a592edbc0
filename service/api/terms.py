"""What stops cost, when sites work, and what parts cost and how long they take to come."""

from datetime import date, time
from typing import Annotated, Literal, Self

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from configs.calendar import WEEKDAYS, Shift
from configs.calendar_form import Weekday
from configs.plant import Machine, MachineId, PartType, PartTypeId, Site
from configs.plant_forms import risk_words
from service.actions.terms import set_machine_terms, set_part_terms, set_site_terms
from service.advisory.terms import PartTerms, StopTerms, WorkingTerms
from service.http.policy import Engineer, ForViewers, Viewer
from service.http.scope import machine_for, part_type_for, site_for
from service.http.services import ServicesOf

router = APIRouter(tags=["terms"])
Money = Annotated[float, Field(gt=0, le=1e12, allow_inf_nan=False)]
Hours = Annotated[float, Field(gt=0, le=8760, allow_inf_nan=False)]
Risk = Literal["1 in 50", "1 in 20", "1 in 10", "1 in 5", "1 in 3"]


class StopTermsSchema(BaseModel):
    """What a stop costs, in won and hours; what is null counts as the site's figure, or else the catalogue's."""

    model_config = ConfigDict(extra="forbid")

    cost_planned_krw: Money | None = None
    cost_unplanned_krw: Money | None = None
    downtime_krw_per_hour: Money | None = None
    planned_stop_h: Hours | None = None
    unplanned_stop_h: Hours | None = None
    risk: Risk | None = None

    @classmethod
    def of(cls, owner: Site | Machine) -> Self:
        """Return the shape of what a site or a machine says; figures of 0 count as not said."""
        figures = {name: getattr(owner, name) or None for name in cls._figures()}
        return cls.model_validate(figures | {"risk": None if owner.risk is None else risk_words(owner.risk)})

    def terms(self) -> StopTerms:
        """Return the figures."""
        return StopTerms(**{name: getattr(self, name) for name in self._figures()}, risk=self.risk)

    @staticmethod
    def _figures() -> tuple[str, ...]:
        return tuple(name for name in StopTermsSchema.model_fields if name != "risk")


class ShiftSchema(BaseModel):
    """A shift in the site's local time; one whose end is not after its start ends a day later."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=40)]
    start: time
    end: time
    days: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7)]

    def shift(self) -> Shift:
        """Return the shift."""
        return Shift(
            name=self.name.strip(),
            start=self.start,
            end=self.end,
            weekdays=tuple(sorted({WEEKDAYS.index(day) for day in self.days})),
        )


class SiteTermsSchema(StopTermsSchema):
    """What a stop costs a site, and when it works; without shifts it has no calendar."""

    shifts: Annotated[tuple[ShiftSchema, ...], Field(max_length=6)] = ()
    holidays: Literal["KR"] | None = None
    closed: Annotated[tuple[date, ...], Field(max_length=400)] = ()
    opened: Annotated[tuple[date, ...], Field(max_length=400)] = ()

    @classmethod
    def of_site(cls, site: Site) -> Self:
        """Return the shape of what a site says."""
        told = StopTermsSchema.of(site).model_dump()
        if site.calendar is None:
            return cls.model_validate(told)
        shifts = [
            {"name": each.name, "start": each.start, "end": each.end, "days": [WEEKDAYS[day] for day in each.weekdays]}
            for each in site.calendar.shifts
        ]
        holidays = None if site.calendar.holidays is None else site.calendar.holidays.country
        days = {"closed": site.calendar.closed, "opened": site.calendar.opened}
        return cls.model_validate(told | {"shifts": shifts, "holidays": holidays} | days)

    def working(self) -> WorkingTerms:
        """Return when the site works."""
        return WorkingTerms(
            shifts=tuple(shift.shift() for shift in self.shifts),
            holidays=self.holidays,
            closed=self.closed,
            opened=self.opened,
        )


class PartTermsSchema(BaseModel):
    """What a part costs (won) and how long it takes to come; null gives it back to the catalogue."""

    model_config = ConfigDict(extra="forbid")

    lead_time_days: Annotated[float, Field(ge=0, le=3650, allow_inf_nan=False)] | None = None
    price_krw: Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)] | None = None
    cost_ratio: Annotated[float, Field(ge=1, le=1000, allow_inf_nan=False)] | None = None

    def terms(self) -> PartTerms:
        """Return the figures."""
        return PartTerms(**self.model_dump())


class PartFiguresSchema(BaseModel):
    """What counts of a part type now."""

    part_type: str
    lead_time_days: float
    price_krw: float
    cost_ratio: float

    @classmethod
    def of(cls, part: PartType) -> Self:
        """Return the shape of a part type."""
        return cls(
            part_type=part.id,
            lead_time_days=part.lead_time_days,
            price_krw=part.price_krw,
            cost_ratio=part.cost_ratio,
        )


@router.get("/sites/{site}/terms")
def show_site_terms(services: ServicesOf, actor: Viewer, site: str) -> SiteTermsSchema:
    """Return what a stop costs a site, and when it works."""
    return SiteTermsSchema.of_site(site_for(services.plant, actor, site))


@router.put("/sites/{site}/terms")
def put_site_terms(services: ServicesOf, actor: Engineer, site: str, said: SiteTermsSchema) -> SiteTermsSchema:
    """Go by what a site says from now on; what is left out goes back to the catalogue."""
    known = site_for(services.plant, actor, site)
    terms = (said.terms(), said.working())
    plant = set_site_terms(services.database, services.plants, actor, known, terms, now=services.clock())
    return SiteTermsSchema.of_site(plant.site(known.id))


@router.get("/machines/{machine}/terms")
def show_machine_terms(services: ServicesOf, actor: Viewer, machine: MachineId) -> StopTermsSchema:
    """Return what a stop of a machine costs, where it differs from its site."""
    return StopTermsSchema.of(machine_for(services.plant, actor, machine))


@router.put("/machines/{machine}/terms")
def put_machine_terms(
    services: ServicesOf, actor: Engineer, machine: MachineId, said: StopTermsSchema
) -> StopTermsSchema:
    """Go by what a stop of a machine costs from now on; what is left out goes back to the site's figure."""
    known = machine_for(services.plant, actor, machine)
    plant = set_machine_terms(services.database, services.plants, actor, known, said.terms(), now=services.clock())
    return StopTermsSchema.of(machine_for(plant, actor, machine))


@router.get("/part-types/{part}/terms", dependencies=[ForViewers])
def show_part_terms(services: ServicesOf, part: str) -> PartFiguresSchema:
    """Return what a part costs and how long it takes to come."""
    return PartFiguresSchema.of(part_type_for(services.plant, part))


@router.put("/part-types/{part}/terms")
def put_part_terms(services: ServicesOf, actor: Engineer, part: str, said: PartTermsSchema) -> PartFiguresSchema:
    """Go by what is said of a part type from now on, at every site."""
    known = PartTypeId(part)
    set_part_terms(services.database, services.plants, actor, known, said.terms(), now=services.clock())
    return PartFiguresSchema.of(part_type_for(services.plant, part))
