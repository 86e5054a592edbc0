"""Warnings before the lead time, and how long planning takes."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
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
from service.advisory.slot_plan import SlotFacts
from service.advisory.stock import Store
from service.advisory.supply import supply_lines

Array = NDArray[np.float64]

SEED = 20261126
NOW = datetime(2026, 11, 24, tzinfo=UTC)
LEAD_DAYS = 21.0
SHAPE, ETA, RATIO = 2.4, 4000.0, 6.0
PLANNED_SLOTS = 60_000
TEMPLATES = 500
WARNED_PARTS = 400

_TEXT = Text(ko="부품", en="part")
_SITE = Site(id=SiteId("bench"), name=_TEXT, time_zone="Asia/Seoul")
_DAY = timedelta(days=1)


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
