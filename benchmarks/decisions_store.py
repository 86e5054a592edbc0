"""The store of a plant that is run by the plan: the order list against a min/max rule of the same service.

Both rules look at the store once a week and get parts from the same suppliers, who are late by up to a third of the lead time
that they promise. A part that is to come off by plan waits, running, for its spare; one that has failed keeps its machine
standing until a spare is there, and that is a stock-out. Service is the share of removals without a stock-out. The first year is
for learning, the second is judged.

The min/max rule is set as a factory sets it: the level of each part number is what a Poisson demand of last year's rate does
not exceed within lead time and review but for one chance, the same for all part numbers, and whatever is missing to it is
ordered each week (no lots, which would make it dearer). That one chance is set afterwards, to the least stock with which the rule has
no more stock-outs than the order list. Beside it stands what nobody can have: levels chosen part by part once the judged year is known.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.report import Bar, Sense
from benchmarks.wearing_plant import NOW, SITE, Fleet, PlannedFleet, RememberedFleet
from configs.plant import PartType, PartTypeId
from service.advisory.stock import OrderState, StockItem, StockOrder, Store
from service.advisory.supply import supply_lines

Array = NDArray[np.float64]

SEED = 20261126
MACHINES = 48
WEEK = 7
YEAR = 52
LATE_SHARE = 1.0 / 3.0
"""Suppliers are late by up to this share of the lead time, all lengths alike; both rules know what was promised."""

CHANCES = np.concatenate([np.linspace(0.05, 0.9, 18), 1.0 - np.geomspace(0.09, 1e-4, 22)])
MOST_KEPT = 9
PRICES = np.geomspace(1e-9, 1e-2, 120)


@dataclass(slots=True, kw_only=True)
class Shelf:
    """One part number in the course of the years: what is there and on its way, and what the judged year saw.

    `coming` are the day that was promised, the day on which it comes, and how many.
    """

    kind: PartType
    on_hand: int = 0
    coming: list[tuple[float, float, int]] = field(default_factory=list)
    waiting: int = 0
    stock: list[int] = field(default_factory=list)
    used: list[float] = field(default_factory=list)
    removals: int = 0
    failures: int = 0
    stock_outs: int = 0

    @property
    def position(self) -> int:
        """What is there and on its way, less what is waited for."""
        return self.on_hand + sum(quantity for _, _, quantity in self.coming) - self.waiting

    @property
    def value(self) -> float:
        """The mean worth of what lay there, in won."""
        return float(np.mean(self.stock)) * self.kind.price_krw

    def receive(self, day: float) -> None:
        """Take in what has come."""
        if self.coming:
            self.on_hand += sum(quantity for _, at, quantity in self.coming if at <= day)
            self.coming = [each for each in self.coming if each[1] > day]

    def order(self, quantity: int, day: float) -> None:
        """Order parts; an order of one day is equally late, whoever orders."""
        if quantity > 0:
            late = float(np.random.default_rng((SEED, int(day), zlib.crc32(self.kind.id.encode()))).random())
            lead = self.kind.lead_time_days
            self.coming.append((day + lead, day + lead * (1.0 + LATE_SHARE * late), quantity))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a rule came to: how often nothing stood for want of a part, failures, and the mean stock in won and in parts."""

    served: float
    failures: int
    removals: int
    value: float
    parts: float


Rule = Callable[[Mapping[PartTypeId, Shelf], int], None]
"""Orders what is to be ordered at the start of a week."""


def store_bars() -> Iterator[Bar]:
    """Yield how much less stock the order list keeps than the min/max rule of the same service."""
    planned = PlannedFleet(MACHINES, SEED)
    mine = outcome(run_store(planned, order_list(planned)))
    plenty = PlannedFleet(MACHINES, SEED)
    used = run_store(plenty, _plenty)
    fleet = plenty.remembered
    usual = min_max(fleet, used, mine.served)
    best = best_in_hindsight(fleet, mine.served)
    for name, rival, must in (("min/max at the same service", usual, 30.0), ("levels chosen in hindsight", best, None)):
        yield Bar(
            name=f"stock in won against {name} ({_told(mine)}; {_told(rival)})",
            value=100.0 * (1.0 - mine.value / rival.value),
            unit="% less",
            must=must,
            baseline=rival.value,
            sense=Sense.AT_LEAST,
        )


def run_store(fleet: Fleet, rule: Rule) -> list[Shelf]:
    """Run a fleet for two years with a store under a rule."""
    shelves = {place.kind.id: Shelf(kind=place.kind) for place in fleet.places}
    stands = np.zeros(len(fleet.places), dtype=bool)
    for week in range(2 * YEAR):
        wanted = fleet.wanted(float(WEEK * week))
        rule(shelves, week)
        for day in range(WEEK * week, WEEK * (week + 1)):
            _run_day(fleet, shelves, (wanted, stands), day)
        if week >= YEAR:
            for shelf in shelves.values():
                shelf.stock.append(shelf.on_hand)
    return list(shelves.values())


def _run_day(
    fleet: Fleet, shelves: Mapping[PartTypeId, Shelf], state: tuple[Array, NDArray[np.bool_]], day: int
) -> None:
    wanted, stands = state
    for shelf in shelves.values():
        shelf.receive(day)
    for i in np.flatnonzero(np.minimum(wanted, fleet.fails) < day + 1.0):
        shelf, failed = shelves[fleet.places[i].kind.id], bool(fleet.fails[i] < day + 1.0)
        quantity = shelf.kind.quantity
        is_there = shelf.on_hand >= quantity
        if day >= WEEK * YEAR and not stands[i]:
            shelf.failures += failed
            shelf.stock_outs += failed and not is_there
        if is_there:
            shelf.on_hand -= quantity
            shelf.waiting -= quantity * int(stands[i])
            shelf.removals += day >= WEEK * YEAR
            shelf.used += [float(day)] * quantity
            fleet.renew(int(i), float(day))
            wanted[i], stands[i] = np.inf, False
        elif failed and not stands[i]:
            shelf.waiting, stands[i] = shelf.waiting + quantity, True


def order_list(fleet: PlannedFleet) -> Rule:
    """Return the rule of the order list."""

    def order(shelves: Mapping[PartTypeId, Shelf], week: int) -> None:
        store = _store(shelves.values(), float(WEEK * week))
        for line in supply_lines(fleet.planned, store, {s.kind.id: s.kind for s in shelves.values()}, now=NOW):
            shelves[line.part.id].order(line.quantity, float(WEEK * week))

    return order


def keep_levels(level: Callable[[PartType], int]) -> Rule:
    """Return the rule that orders each week what is missing to a level of each part number."""

    def order(shelves: Mapping[PartTypeId, Shelf], week: int) -> None:
        for shelf in shelves.values():
            shelf.order(level(shelf.kind) - shelf.position, float(WEEK * week))

    return order


def min_max(fleet: Callable[[], RememberedFleet], used: Sequence[Shelf], served: float) -> Outcome:
    """Return what the rule of a factory comes to, at the chance that serves as much for the least stock."""
    rates = {shelf.kind.id: sum(day < WEEK * YEAR for day in shelf.used) / (WEEK * YEAR) for shelf in used}

    def level(chance: float) -> Callable[[PartType], int]:
        return lambda kind: int(stats.poisson.ppf(chance, rates[kind.id] * (kind.lead_time_days + WEEK)))

    found = [outcome(run_store(fleet(), keep_levels(level(chance)))) for chance in CHANCES]
    return min((each for each in found if each.served >= served), key=lambda each: each.value)


def best_in_hindsight(fleet: Callable[[], RememberedFleet], served: float) -> Outcome:
    """Return what the levels come to that serve as much for the least stock, each part number on its own (by Lagrange)."""
    by_level = [run_store(fleet(), keep_levels(lambda _, kept=kept: kept)) for kept in range(MOST_KEPT)]  # type: ignore[misc]
    found = []
    for price in PRICES:
        chosen = [min(own, key=lambda s: price * s.value + s.stock_outs) for own in zip(*by_level, strict=True)]
        found.append(outcome(chosen))
    return min((each for each in found if each.served >= served), key=lambda each: each.value)


def outcome(shelves: Sequence[Shelf]) -> Outcome:
    """Return what the shelves of one rule come to."""
    removals, stock_outs = sum(each.removals for each in shelves), sum(each.stock_outs for each in shelves)
    return Outcome(
        served=1.0 - stock_outs / max(1, removals),
        failures=sum(each.failures for each in shelves),
        removals=removals,
        value=sum(each.value for each in shelves),
        parts=sum(float(np.mean(each.stock)) for each in shelves),
    )


def _told(found: Outcome) -> str:
    return f"{100 * found.served:.1f} % served, {found.failures} failures in {found.removals} removals, {found.parts:.1f} parts"


def _plenty(shelves: Mapping[PartTypeId, Shelf], _: int) -> None:
    for shelf in shelves.values():
        shelf.on_hand = 10**6


def _store(shelves: Iterable[Shelf], day: float) -> Store:
    kept = tuple(shelves)
    return Store(
        items=tuple(_item(shelf) for shelf in kept),
        orders=tuple(_coming(shelf, place, day) for shelf in kept for place in range(len(shelf.coming))),
    )


def _item(shelf: Shelf) -> StockItem:
    return StockItem(
        site=SITE,
        part_number=str(shelf.kind.id),
        name=None,
        fits=(shelf.kind.id,),
        replaces=(),
        on_hand=shelf.on_hand,
        minimum=shelf.waiting,
        supplier=None,
        price_krw=None,
        lead_time_days=None,
        changed_at=NOW,
        changed_by="bench",
    )


def _coming(shelf: Shelf, place: int, day: float) -> StockOrder:
    """Return an order as it is known: it comes when it was promised, or any day now."""
    promised, _, quantity = shelf.coming[place]
    return StockOrder(
        id=f"{shelf.kind.id}/{place}",
        site=SITE,
        part_number=str(shelf.kind.id),
        quantity=quantity,
        ordered_at=NOW,
        due_at=NOW + timedelta(days=max(promised - day, 1.0)),
        supplier=None,
        price_krw=None,
        state=OrderState.OPEN,
        closed_at=None,
        said_by="bench",
    )
