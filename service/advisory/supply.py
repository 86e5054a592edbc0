"""What to order this week, so that every part is there when it is needed, and what will be needed later.

The demand of all slots that use a part number is drawn together (`models.prognosis.demand`). The n-th part is needed, but for
one chance in ten, on the day by which the n-th need falls in one draw of ten: for one slot that is the lower quantile of its
remaining life or its planned day, whichever comes first. Parts on hand and on order serve the first needs; the first need
that they do not serve must be ordered a lead time and some days of safety before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from configs.plant import PartType, PartTypeId, SiteId
from models.prediction import ReasonCode
from models.prognosis.decision import SAFETY_DAYS, age_policy, age_table
from models.prognosis.demand import SlotDemand, draw_needs, joined, needed_within, nth_needs
from models.prognosis.weibull import LifePosterior
from service.advisory.countdown import counts_down
from service.advisory.slot_plan import PlannedSlot
from service.advisory.spares import lead_time_of, needed_at
from service.advisory.stock import OrderState, StockItem, StockOrder, Store, unrecorded

Array = NDArray[np.float64]

NEEDED_BUT_FOR = 0.1
"""One need in ten may come before the day that is reckoned with."""

REVIEW_DAYS = 7.0
"""The list is worked through once a week: what would be due before the next one is ordered now."""

WEEKS = (4, 12, 26)
HORIZON_DAYS = 7.0 * WEEKS[-1]
SEED = 20261124

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """How many parts are needed within so many weeks: the mean, and P10 and P90."""

    weeks: int
    mean: float
    p10: int
    p90: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One slot that a part is needed for, and by when."""

    slot: PlannedSlot
    by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyLine:
    """A part number of a site: what is there, what will be needed, and what to order when.

    `spare_substitutes` are substitutes in store that nothing else needs. `needed_by` is when the first part is needed that is
    neither there nor on order, `order_by` the last day to order it; both None where the stock lasts beyond the horizon.
    `comes_late` says that a part on order comes after it may be needed.
    `quantity` is what to order this week. `is_recorded` says whether anybody recorded the stock; where nobody did, none
    counts as there. `always_late` says that the part takes longer to come than it lasts,
    `is_consumed` that it lasts some days only and is bought by the week.
    """

    item: StockItem
    part: PartType
    is_recorded: bool
    on_order: int
    arrives_at: datetime | None
    comes_late: bool
    spare_substitutes: int
    lead_time_days: float
    price_krw: float
    quantity: int
    needed_by: datetime | None
    order_by: datetime | None
    needs: tuple[Need, ...]
    expected: tuple[Expected, ...]
    always_late: bool
    is_consumed: bool

    @property
    def cost_krw(self) -> float:
        """What this week's order costs."""
        return self.quantity * self.price_krw


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A part number with everything that asks for it."""

    item: StockItem
    is_recorded: bool
    parts: tuple[PartType, ...]
    slots: tuple[PlannedSlot, ...]
    orders: tuple[StockOrder, ...]
    needs: Array
    horizon: float

    @property
    def lead_time_days(self) -> float:
        """How long an order takes."""
        return lead_time_of(self.item, self.parts)

    @property
    def price_krw(self) -> float:
        """What one part costs."""
        return self.item.price_krw if self.item.price_krw is not None else max(part.price_krw for part in self.parts)


def supply_lines(
    slots: Iterable[PlannedSlot], store: Store, part_types: Mapping[PartTypeId, PartType], *, now: datetime
) -> tuple[SupplyLine, ...]:
    """Return a line per site and part number, those to order first, the soonest first."""
    asked = _ask(tuple(slots), store, part_types, now)
    spare = _spare_substitutes(asked)
    lines = [_line(each, spare, now) for each in asked]
    return tuple(sorted(lines, key=lambda line: _urgency(line, now)))


def _urgency(line: SupplyLine, now: datetime) -> tuple[bool, bool, datetime, str]:
    latest = now if line.needed_by is None else line.needed_by - timedelta(days=line.lead_time_days)
    return (line.quantity == 0, line.needed_by is None, latest, line.item.part_number)


def _ask(
    slots: Sequence[PlannedSlot], store: Store, part_types: Mapping[PartTypeId, PartType], now: datetime
) -> list[_Asked]:
    of_item: dict[tuple[SiteId, str], StockItem] = {(item.site, item.part_number): item for item in store.items}
    number_of = {(item.site, part): item.part_number for item in store.items for part in item.fits}
    using: dict[tuple[SiteId, str], list[PlannedSlot]] = {key: [] for key in of_item}
    for slot in slots:
        site, part = slot.facts.site.id, slot.facts.part
        number = number_of.setdefault((site, part.id), str(part.id))
        if (site, number) not in using:
            of_item[site, number] = unrecorded(site, part, now)
        using.setdefault((site, number), []).append(slot)
    recorded = {(item.site, item.part_number) for item in store.items}
    orders: dict[tuple[SiteId, str], list[StockOrder]] = {}
    for order in store.orders:
        if order.state is OrderState.OPEN:
            orders.setdefault((order.site, order.part_number), []).append(order)
    asked = []
    for key in sorted(using):
        item = of_item[key]
        parts = _parts_of(item, using[key], part_types)
        if parts:
            asked.append(_asked(item, parts, using[key], orders.get(key, []), now=now, is_recorded=key in recorded))
    return asked


def _parts_of(
    item: StockItem, slots: Sequence[PlannedSlot], part_types: Mapping[PartTypeId, PartType]
) -> tuple[PartType, ...]:
    known = {part: part_types[part] for part in (*item.fits, *item.replaces) if part in part_types}
    known |= {slot.facts.part.id: slot.facts.part for slot in slots}
    return tuple(known[part] for part in sorted(known))


def _asked(
    item: StockItem,
    parts: tuple[PartType, ...],
    slots: Sequence[PlannedSlot],
    orders: Sequence[StockOrder],
    *,
    now: datetime,
    is_recorded: bool,
) -> _Asked:
    rng = np.random.default_rng((SEED, len(slots)))
    by_type: dict[PartTypeId, list[PlannedSlot]] = {}
    for slot in slots:
        by_type.setdefault(slot.facts.part.id, []).append(slot)
    notice = lead_time_of(item, parts) + SAFETY_DAYS + REVIEW_DAYS
    horizon = HORIZON_DAYS + notice
    needs = joined([draw_needs(demand_of(own, notice=notice, now=now), horizon, rng) for own in by_type.values()])
    return _Asked(
        item=item,
        is_recorded=is_recorded,
        parts=parts,
        slots=tuple(slots),
        orders=tuple(sorted(orders, key=lambda order: order.due_at)),
        needs=needs,
        horizon=horizon,
    )


def demand_of(slots: Sequence[PlannedSlot], *, notice: float, now: datetime) -> SlotDemand:
    """Return the demand of slots of one part type, as it is drawn; `notice` is how many days it takes to get a spare."""
    part = slots[0].facts.part
    scale = np.array([slot.scale_days for slot in slots])
    remaining = [(slot.remaining.p10_at, slot.remaining.p50_at, slot.remaining.p90_at) for slot in slots]
    return SlotDemand(
        remaining=np.array([[(at - now) / _DAY for at in row] for row in remaining]),
        planned=np.array([np.inf if slot.due is None else (slot.due - now) / _DAY for slot in slots]),
        moves=np.array([_may_move(slot) for slot in slots], dtype=np.bool_),
        notice=notice,
        age=np.array([_age_days(slot, now) for slot in slots]),
        scale=scale,
        interval=_intervals(slots, scale),
        shape=part.beta,
        scale_sd=_scale_sd(part, slots[0]),
        quantity=part.quantity,
    )


def _age_days(slot: PlannedSlot, now: datetime) -> float:
    prediction, left = slot.facts.prediction, slot.remaining
    age = prediction.age if prediction is not None and prediction.age is not None else 0.0
    return age * max((left.p50_at - now) / _DAY, 1e-3) / max(left.p50, 1e-9)


def _may_move(slot: PlannedSlot) -> bool:
    """Whether the day of a replacement moves on from week to week: readings watch the part and show no wear."""
    prediction = slot.facts.prediction
    if prediction is None:
        return False
    shows = {ReasonCode.TREND, ReasonCode.LIMIT_PASSED} & {reason.code for reason in prediction.reasons}
    return prediction.indicator is not None and not shows and not slot.is_overdue


def _intervals(slots: Sequence[PlannedSlot], scale: Array) -> Array:
    """Return the age at which parts to come are replaced, in days: the best one for a life known like that."""
    part = slots[0].facts.part
    ratios = np.array([_ratio(slot) for slot in slots])
    share = np.empty(scale.size)
    for ratio in np.unique(ratios):
        one = LifePosterior(
            part_type=part.id, shape=np.array([part.beta]), scale=np.ones(1), weight=np.ones(1), failures=0, removals=0
        )
        share[ratios == ratio] = age_policy(age_table(one), float(ratio)).age
    return np.asarray(share * scale)


def _ratio(slot: PlannedSlot) -> float:
    if slot.costs.planned <= 0:
        return slot.facts.part.cost_ratio
    return float(f"{slot.costs.unplanned / slot.costs.planned:.2g}")


def _scale_sd(part: PartType, slot: PlannedSlot) -> float:
    """Return how well the scale is known: each failure seen tells as much about its logarithm as shape squared."""
    prediction = slot.facts.prediction
    learnt = [reason for reason in prediction.reasons if reason.code is ReasonCode.SITE_LIVES] if prediction else []
    failures = learnt[0].parameters[0] if learnt and learnt[0].parameters else 0.0
    return float((part.ln_sd_eta**-2 + failures * part.beta**2) ** -0.5)


def _spare_substitutes(asked: Sequence[_Asked]) -> dict[tuple[SiteId, PartTypeId], int]:
    """Return by part type how many substitutes are in store that their own slots will not need."""
    spare: dict[tuple[SiteId, PartTypeId], int] = {}
    for each in asked:
        own = int(np.isfinite(nth_needs(each.needs, NEEDED_BUT_FOR)).sum()) if each.needs.size else 0
        left = max(0, each.item.on_hand - max(own, each.item.minimum))
        for part in each.item.replaces:
            spare[each.item.site, part] = spare.get((each.item.site, part), 0) + left
    return spare


def _line(each: _Asked, spare: Mapping[tuple[SiteId, PartTypeId], int], now: datetime) -> SupplyLine:
    nth = nth_needs(each.needs, NEEDED_BUT_FOR)
    substitutes = sum(spare.get((each.item.site, part), 0) for part in each.item.fits)
    lead = each.lead_time_days
    covered = each.item.on_hand + substitutes
    position = covered + sum(order.quantity for order in each.orders)
    short = float(nth[position]) if position < nth.size and np.isfinite(nth[position]) else None
    until = REVIEW_DAYS + lead + SAFETY_DAYS
    consumed = all(counts_down(part) for part in each.parts)
    wanted = int((nth <= until).sum()) + each.item.minimum - position
    order_in = None if short is None else short - lead - SAFETY_DAYS
    return SupplyLine(
        item=each.item,
        part=each.parts[0],
        is_recorded=each.is_recorded,
        on_order=sum(order.quantity for order in each.orders),
        arrives_at=each.orders[0].due_at if each.orders else None,
        comes_late=_comes_late(nth, covered, each.orders, now),
        spare_substitutes=substitutes,
        lead_time_days=lead,
        price_krw=each.price_krw,
        quantity=max(0, wanted),
        needed_by=None if short is None else now + short * _DAY,
        order_by=None if order_in is None else now + max(order_in, 0.0) * _DAY,
        needs=_needs(each.slots, now),
        expected=tuple(_expected(each.needs, weeks) for weeks in WEEKS),
        always_late=not consumed and bool(each.slots) and all(lead >= slot.cycle_days for slot in each.slots),
        is_consumed=consumed,
    )


def _comes_late(nth: Array, on_hand: int, orders: Sequence[StockOrder], now: datetime) -> bool:
    """Whether a part on order comes later than the need that it is for."""
    place = on_hand
    for order in orders:
        if place < nth.size and (order.due_at - now) / _DAY > nth[place]:
            return True
        place += order.quantity
    return False


def _needs(slots: Sequence[PlannedSlot], now: datetime) -> tuple[Need, ...]:
    needs = [Need(slot=slot, by=needed_at(slot, now)) for slot in slots]
    return tuple(sorted(needs, key=lambda need: (need.by, need.slot.facts.machine.id)))


def _expected(needs: Array, weeks: int) -> Expected:
    counts = needed_within(needs, 7.0 * weeks)
    low, high = np.quantile(counts, (0.1, 0.9), method="inverted_cdf")
    return Expected(weeks=weeks, mean=float(counts.mean()), p10=int(low), p90=int(high))
