"""Spare parts against a min/max rule of the same service, warnings before the lead time, and how long planning takes."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Bar, Sense
from benchmarks.synthetic_wear import WornPart, by_age_only, evidence_at, grow, history_of, part_type
from configs.plant import (
    EquipmentTypeId,
    LineId,
    Machine,
    MachineId,
    PartType,
    PartTypeId,
    Site,
    SiteId,
    Slot,
    SlotId,
    Text,
)
from models.prediction import Prediction
from models.prognosis.evidence import SlotEvidence
from models.prognosis.slots import assess_slots
from models.prognosis.weibull import LifePosterior, fit_life
from service.advisory.plan import make_plan
from service.advisory.slot_plan import SlotFacts, plan_slot
from service.advisory.stock import OrderState, StockItem, StockOrder
from service.advisory.supply import Store, supply_lines

Array = NDArray[np.float64]

SEED = 20261126
NOW = datetime(2026, 11, 24, tzinfo=UTC)
SLOTS = 40
FLEETS = 4
LEAD_DAYS = 21.0
LATE_DAYS = 7.0
"""Suppliers are late by up to so many days, all lengths alike; the rule knows the lead time that was promised."""

WEEKS = 104
WARM_UP = 26
SHAPE, ETA, RATIO = 2.4, 4000.0, 6.0
PLANNED_SLOTS = 60_000
TEMPLATES = 500
WARNED_PARTS = 400

_TEXT = Text(ko="부품", en="part")
_SITE = Site(id=SiteId("bench"), name=_TEXT, time_zone="Asia/Seoul")
_DAY = timedelta(days=1)


@dataclass(slots=True, kw_only=True)
class _Course:
    """A store in the course of two years: weekly stock, needs that found a part, and needs that did not."""

    on_hand: int
    coming: list[tuple[float, int]]
    stock: list[int]
    served: int = 0
    missed: int = 0
    owed: int = 0

    def receive(self, day: float) -> None:
        """Take in what has come, and serve first who waits."""
        self.on_hand += sum(quantity for due, quantity in self.coming if due <= day)
        self.coming = [each for each in self.coming if each[0] > day]
        given = min(self.owed, self.on_hand)
        self.owed, self.on_hand = self.owed - given, self.on_hand - given

    def need(self) -> None:
        """Ask for one part."""
        if self.on_hand > 0:
            self.on_hand, self.served = self.on_hand - 1, self.served + 1
        else:
            self.owed, self.missed = self.owed + 1, self.missed + 1


def supply_bars() -> Iterator[Bar]:
    """Yield how much less stock the order list keeps than the min/max rule that is best in hindsight at the same service."""
    runs = [_run_list(np.random.default_rng((SEED, fleet))) for fleet in range(FLEETS)]
    service, mine = _summed([course for _, course in runs])
    rules = [(minimum, minimum + lot) for minimum in range(SLOTS // 2) for lot in (1, 2, 4)]
    rivals = [_summed([_run_min_max(needs, *rule) for needs, _ in runs]) for rule in rules]
    their_service, theirs = min((rival for rival in rivals if rival[0] >= service), key=lambda rival: rival[1])
    yield Bar(
        name=f"stock against min/max at the same service ({100 * service:.1f} % against {100 * their_service:.1f} %)",
        value=100.0 * (1.0 - mine / theirs),
        unit="% less",
        must=30.0,
        baseline=theirs,
        sense=Sense.AT_LEAST,
    )


def _summed(courses: Sequence[_Course]) -> tuple[float, float]:
    """Return the share of needs that found a part at once, and the mean stock, over all fleets."""
    served, missed = sum(each.served for each in courses), sum(each.missed for each in courses)
    return served / max(1, served + missed), float(np.mean([week for each in courses for week in each.stock]))


def warning_bars() -> Iterator[Bar]:
    """Yield how many foreseeable failures are warned of a lead time before, and how often a sound part raises a case."""
    rng = np.random.default_rng(SEED + 1)
    kind = replace(part_type(SHAPE, ETA, RATIO), lead_time_days=LEAD_DAYS)
    posterior = fit_life(kind, history_of([grow(rng, SHAPE, ETA) for _ in range(16)]))
    parts = [grow(rng, SHAPE, ETA) for _ in range(WARNED_PARTS)]
    seen = [_warned(part, kind, posterior) for part in parts]
    foreseeable = [warned for warned, false, days, counts in seen if counts]
    months = sum(days for _, _, days, _ in seen) / 30.44
    false_cases = sum(false for _, false, _, _ in seen)
    yield Bar(
        name=f"foreseeable failures warned of before the lead time ({len(foreseeable)} parts)",
        value=100.0 * float(np.mean(foreseeable)),
        unit="%",
        must=85.0,
        sense=Sense.AT_LEAST,
    )
    yield Bar(
        name=f"cases on parts before their wear sets in ({false_cases} in {months:.0f} part-months)",
        value=false_cases / months,
        unit="per part-month",
        must=0.1,
    )


def scale_bars() -> Iterator[Bar]:
    """Yield how long it takes to plan and to list the orders of 10,000 machines of six slots."""
    kinds = [replace(part_type(2.0, ETA, RATIO), id=PartTypeId(f"bench.part{i}"), price_krw=1e5) for i in range(48)]
    known = _aged(kinds[0], np.linspace(5.0, 400.0, TEMPLATES))
    facts = [_place(i, kinds[i // 6 % 8 * 6 + i % 6], known[i % TEMPLATES]) for i in range(PLANNED_SLOTS)]
    began = time.perf_counter()
    plan = make_plan(facts, now=NOW)
    lines = supply_lines(plan.slots, Store(items=(), orders=()), {kind.id: kind for kind in kinds}, now=NOW)
    seconds = time.perf_counter() - began
    yield Bar(
        name=f"{len(plan.slots):,} slots planned, {len(plan.stops):,} stops, {len(lines)} order lines",
        value=seconds,
        unit="s",
        must=30.0,
    )


def _run_list(rng: np.random.Generator) -> tuple[list[list[float]], _Course]:
    """Run a fleet by the plan and its store by the order list; return the days on which parts were needed, and the store."""
    kind = replace(part_type(SHAPE, ETA, RATIO), lead_time_days=LEAD_DAYS)
    posterior = fit_life(kind, history_of([grow(rng, SHAPE, ETA) for _ in range(16)]))
    parts = [grow(rng, SHAPE, ETA) for _ in range(SLOTS)]
    since = -rng.uniform(0.0, 1.0, SLOTS) * np.array([part.fails_at for part in parts])
    course = _Course(on_hand=4, coming=[], stock=[])
    needs: list[list[float]] = []
    for week in range(WEEKS):
        day = 7.0 * week
        course.receive(day)
        ages = day - since
        predictions = _assess(
            [evidence_at(part, kind, age, NOW) for part, age in zip(parts, ages, strict=True)], posterior
        )
        facts = [_facts(i, kind, prediction) for i, prediction in enumerate(predictions)]
        _order(course, facts, kind, day)
        due = _off_this_week(facts, parts, ages)
        needs.append([])
        for i, offset in sorted(due.items(), key=lambda pair: pair[1]):
            course.receive(day + offset)
            course.need()
            needs[-1].append(day + offset)
            parts[i], since[i] = grow(rng, SHAPE, ETA), day + offset
        course.stock.append(course.on_hand)
        _forget_warm_up(course, week)
    return needs, course


def _arrival(day: float) -> float:
    """Return when an order of that day comes; the same day gives the same delay, whoever orders."""
    return day + LEAD_DAYS + LATE_DAYS * float(np.random.default_rng((SEED, int(day))).random())


def _run_min_max(needs: Sequence[Sequence[float]], minimum: int, maximum: int) -> _Course:
    """Serve the same needs by ordering up to `maximum` whenever stock and orders have fallen to `minimum`."""
    course = _Course(on_hand=maximum, coming=[], stock=[])
    for week, days in enumerate(needs):
        course.receive(7.0 * week)
        position = course.on_hand + sum(quantity for _, quantity in course.coming) - course.owed
        if position <= minimum:
            course.coming.append((_arrival(7.0 * week), maximum - position))
        for day in days:
            course.receive(day)
            course.need()
        course.stock.append(course.on_hand)
        _forget_warm_up(course, week)
    return course


def _forget_warm_up(course: _Course, week: int) -> None:
    if week == WARM_UP:
        course.stock, course.served, course.missed = [], 0, 0


def _order(course: _Course, facts: Sequence[SlotFacts], kind: PartType, day: float) -> None:
    item = StockItem(
        site=_SITE.id,
        part_number="N",
        name=None,
        fits=(kind.id,),
        replaces=(),
        on_hand=course.on_hand,
        minimum=course.owed,
        supplier=None,
        price_krw=None,
        lead_time_days=None,
        changed_at=NOW,
        changed_by="bench",
    )
    orders = tuple(
        StockOrder(
            id=str(place),
            site=_SITE.id,
            part_number="N",
            quantity=quantity,
            ordered_at=NOW,
            due_at=NOW + max(min(due - day, LEAD_DAYS), 1.0) * _DAY,
            supplier=None,
            price_krw=None,
            state=OrderState.OPEN,
            closed_at=None,
            said_by="bench",
        )
        for place, (due, quantity) in enumerate(course.coming)
    )
    planned = [plan_slot(each, now=NOW) for each in facts]
    store = Store(items=(item,), orders=orders)
    for line in supply_lines([each for each in planned if each is not None], store, {kind.id: kind}, now=NOW):
        if line.quantity:
            course.coming.append((_arrival(day), line.quantity))


def _off_this_week(facts: Sequence[SlotFacts], parts: Sequence[WornPart], ages: Array) -> dict[int, float]:
    """Return which parts come off within the week and when: at their planned day, or when they fail before."""
    off: dict[int, float] = {}
    for i, each in enumerate(facts):
        slot = plan_slot(each, now=NOW)
        due = np.inf if slot is None or slot.due is None else (slot.due - NOW) / _DAY
        first = min(due, parts[i].fails_at - ages[i])
        if first < 7.0:
            off[i] = max(float(first), 0.0)
    return off


def _warned(part: WornPart, kind: PartType, posterior: LifePosterior) -> tuple[bool, int, float, bool]:
    """Return whether a part was warned of in time, false cases, days looked at, and whether it could be foreseen.

    A failure is foreseeable where it is not sudden and its wear sets in longer before it than a part takes to come.
    """
    counts = not part.sudden and part.fails_at - part.onset_at > LEAD_DAYS
    days = np.arange(7.0, part.fails_at, 3.5)
    if not days.size:
        return False, 0, part.fails_at, counts
    found = _assess([evidence_at(part, kind, float(day), NOW) for day in days], posterior)
    must_order = np.array([(each.order_by or NOW + 999 * _DAY) <= NOW or each.raises_case for each in found])
    raised = np.array([each.raises_case for each in found])
    in_time = days <= part.fails_at - LEAD_DAYS
    early = raised & (days < part.onset_at)
    begun = int((np.diff(np.concatenate([[0], early.astype(int)])) > 0).sum())
    return bool((must_order & in_time).any()), begun, float(part.fails_at), counts


def _assess(evidence: Sequence[SlotEvidence], posterior: LifePosterior) -> tuple[Prediction, ...]:
    return assess_slots(evidence, {posterior.part_type: posterior}, now=NOW)


def _facts(number: int, kind: PartType, prediction: Prediction | None, slot: str = "s") -> SlotFacts:
    place = Slot(id=SlotId(slot), name=_TEXT, part_type=kind.id, signs=())
    machine = Machine(
        id=MachineId(f"m{number}"),
        name=_TEXT,
        site=_SITE.id,
        line=LineId("l"),
        equipment_type=EquipmentTypeId("bench"),
        serial=None,
        installed_at=None,
        sensors=(),
        slots=(place,),
        cost_planned_krw=None,
        cost_unplanned_krw=None,
    )
    return SlotFacts(site=_SITE, machine=machine, slot=place, part=kind, prediction=prediction)


def _aged(kind: PartType, ages: Array) -> tuple[Prediction, ...]:
    """Return what is predicted of parts of such ages, in days, by their age."""
    rng = np.random.default_rng(SEED + 2)
    posterior = fit_life(kind, history_of([grow(rng, 2.0, ETA) for _ in range(16)]))
    part = WornPart(fails_at=1e4, onset_at=1e4, sudden=True, indicator=np.zeros(24 * 401))
    return _assess([by_age_only(evidence_at(part, kind, float(age), NOW)) for age in ages], posterior)


def _place(number: int, kind: PartType, prediction: Prediction) -> SlotFacts:
    """Return a slot of a machine of six, with a prediction as the state database would give it."""
    slot = f"s{number % 6}"
    own = replace(prediction, machine=MachineId(f"m{number // 6}"), slot=SlotId(slot), part_type=kind.id)
    return _facts(number // 6, kind, own, slot=slot)
