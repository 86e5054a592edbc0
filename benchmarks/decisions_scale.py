"""How long it takes to plan and to list the orders of a large plant."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Bar
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
ETA, RATIO = 4000.0, 6.0
PLANNED_SLOTS = 60_000
TEMPLATES = 500

_TEXT = Text(ko="부품", en="part")
_SITE = Site(id=SiteId("bench"), name=_TEXT, time_zone="Asia/Seoul")


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
