"""Keeps what was planned until something changes that it rests on."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from configs.plant import MachineId, PartType, PartTypeId, SiteId
from service.advisory.countdown import counts_down
from service.advisory.plan import ReplacementPlan, make_plan
from service.advisory.slot_plan import PlannedSlot, SlotFacts, plan_slot
from service.advisory.spares import Place, Spare, spares_of
from service.advisory.stock import Store
from service.advisory.supply import SupplyLine, supply_lines

FRESH_FOR = timedelta(minutes=1)
"""Plans name days and shifts: what rests on the hour alone may be a minute old."""

MOST_KEPT = 4
"""For so many different sets of sites planning is kept; most people see the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What planning rests on: two that are equal lead to the same plan.

    `predictions` stands for the newest prediction of every slot, and for what has changed since.
    """

    plant_revision: int
    predictions: int
    store: Store
    standing: frozenset[MachineId]


@dataclass(frozen=True, kw_only=True)
class Planning:
    """Slots of some sites with what follows of them; each answer is worked out when it is first asked for."""

    facts: tuple[SlotFacts, ...]
    basis: Basis
    parts: Mapping[PartTypeId, PartType]
    made_at: datetime

    @cached_property
    def slots(self) -> tuple[PlannedSlot, ...]:
        """Every slot that has a window, parts that last a few days too."""
        planned = (plan_slot(each, now=self.made_at) for each in self.facts)
        return tuple(each for each in planned if each is not None)

    @cached_property
    def spares(self) -> Mapping[Place, Spare]:
        """Where the spare of each slot is, as far as stock was recorded."""
        return spares_of(self.slots, self.basis.store, now=self.made_at)

    @cached_property
    def plan(self) -> ReplacementPlan:
        """The replacement plan; parts that last a few days are no part of it."""
        lasting = [each for each in self.facts if not counts_down(each.part)]
        at = {place: spare.at for place, spare in self.spares.items()}
        return make_plan(lasting, spare_at=at, standing=self.basis.standing, now=self.made_at)

    @cached_property
    def lines(self) -> tuple[SupplyLine, ...]:
        """A line per part number, those to order first."""
        return supply_lines(self.slots, self.basis.store, self.parts, now=self.made_at)


class PlanDesk:
    """Planning by set of sites, each with the basis that it was made on."""

    def __init__(self) -> None:
        self._kept: dict[frozenset[SiteId] | None, Planning] = {}
        self._turn = threading.Lock()

    def planning(
        self, sites: frozenset[SiteId] | None, basis: Basis, make: Callable[[], Planning], *, now: datetime
    ) -> Planning:
        """Return what was planned on this basis within the last minute, else what `make` plans."""
        with self._turn:
            known = self._kept.pop(sites, None)
            if known is None or known.basis != basis or not timedelta() <= now - known.made_at < FRESH_FOR:
                known = make()
            while len(self._kept) >= MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[sites] = known
            return known
