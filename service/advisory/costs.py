"""What it costs to replace a part now, to be caught by its failure, and to wait another day."""

import math
from dataclasses import dataclass
from enum import StrEnum

from configs.plant import Machine, PartType, Site
from service.advisory.countdown import counts_down

_CERTAIN = 0.999


class CostBasis(StrEnum):
    """Where the costs of a stop come from."""

    TYPED = "typed"
    """The site or the machine says what a failure costs."""
    CATALOGUE = "catalogue"
    """The price of the part, and the catalogue's word on how much dearer a failure is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopCosts:
    """What a planned and an unplanned replacement cost, in won, hours of standing included where they are priced.

    `shared` is the part of the planned cost that several replacements in one stop share; `planned_h` and `unplanned_h`
    are how long the machine stands, None where nobody said so.
    """

    planned: float
    unplanned: float
    shared: float
    planned_h: float | None
    unplanned_h: float | None
    basis: CostBasis

    @property
    def extra(self) -> float:
        """What a failure costs more than a planned replacement; 0 where it costs no more."""
        return max(0.0, self.unplanned - self.planned)


def stop_costs(machine: Machine, site: Site, part: PartType) -> StopCosts:
    """Return what a stop costs: the machine's own figures, else the site's, else the catalogue's.

    A figure of 0 says nothing and counts as missing. A part that lasts some days only (a cutting tool) is changed without the
    stop that machine and site put a cost to: for it the catalogue counts.
    """
    if counts_down(part):
        return _by_catalogue(part)
    hourly = _first(machine.downtime_krw_per_hour, site.downtime_krw_per_hour)
    planned_h = _first(machine.planned_stop_h, site.planned_stop_h)
    unplanned_h = _first(machine.unplanned_stop_h, site.unplanned_stop_h)
    standing = (hourly or 0.0) * (planned_h or 0.0)
    planned = _first(machine.cost_planned_krw, site.cost_planned_krw) or part.price_krw * part.quantity
    unplanned = _first(machine.cost_unplanned_krw, site.cost_unplanned_krw)
    hours_tell = hourly is not None and unplanned_h is not None
    with_failure = unplanned if unplanned is not None else planned if hours_tell else planned * part.cost_ratio
    return StopCosts(
        planned=planned + standing,
        unplanned=with_failure + (hourly or 0.0) * (unplanned_h or 0.0),
        shared=standing,
        planned_h=planned_h,
        unplanned_h=unplanned_h,
        basis=CostBasis.TYPED if unplanned is not None or hours_tell else CostBasis.CATALOGUE,
    )


def _by_catalogue(part: PartType) -> StopCosts:
    planned = part.price_krw * part.quantity
    return StopCosts(
        planned=planned,
        unplanned=planned * part.cost_ratio,
        shared=0.0,
        planned_h=None,
        unplanned_h=None,
        basis=CostBasis.CATALOGUE,
    )


def chosen_risk(machine: Machine, site: Site, costs: StopCosts) -> float | None:
    """Return the risk that counts in place of costs, None where costs were typed in or nobody chose a risk."""
    return None if costs.basis is CostBasis.TYPED else _first(machine.risk, site.risk)


def hazard_per_day(chance_within_7_days: float) -> float:
    """Return the failure rate that, constant over 7 days, gives that chance (0–1) of failure."""
    return -math.log1p(-min(chance_within_7_days, _CERTAIN)) / 7


def cost_of_waiting(costs: StopCosts, chance_within_7_days: float) -> float:
    """Return the expected extra cost in won of one more day: the hazard times what a failure costs more."""
    return hazard_per_day(chance_within_7_days) * costs.extra


def hours_of_waiting(costs: StopCosts, chance_within_7_days: float) -> float | None:
    """Return the expected extra hours of standing that one more day brings; None where hours are not known."""
    if costs.planned_h is None or costs.unplanned_h is None:
        return None
    return hazard_per_day(chance_within_7_days) * max(0.0, costs.unplanned_h - costs.planned_h)


def _first(*figures: float | None) -> float | None:
    """Return the first figure that says something."""
    return next((figure for figure in figures if figure is not None and figure > 0), None)
