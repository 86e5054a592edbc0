"""Gathering what is known of slots for their prognosis."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from configs.plant import LifeUnit, Machine, MachineId, PartType, SensorId, Site, Slot, SlotId
from ingest.meter import MeterState
from ingest.part_life import PartLife
from ingest.ports import ConditionBlock
from models.condition import Condition, ConditionKind, Contribution
from models.health import Health, HealthStatus
from models.health_assessment.detection_state import DetectionState
from models.prognosis.degradation import IndicatorSeries
from models.prognosis.evidence import SlotEvidence
from models.prognosis.rivals import net_of_rivals, shared_share
from models.prognosis.usage import RATE_SPAN_DAYS, MeterRate, estimate_rate
from models.state_detection.domain import unseen_context
from models.state_detection.drift import slot_contributions
from service.advisory.costs import CostBasis, chosen_risk, stop_costs
from service.monitor.fleet import Fleet

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Part lives and meters of the plant at one moment, ready to be looked up."""

    lives: tuple[PartLife, ...]
    open: Mapping[tuple[MachineId, SlotId], PartLife]
    meters: Mapping[tuple[MachineId, LifeUnit], MeterState]
    readings: Mapping[tuple[MachineId, LifeUnit], tuple[tuple[datetime, float], ...]]


def file_records(lives: Sequence[PartLife], meters: Iterable[MeterState]) -> Records:
    """Return records by machine; every installation and removal tells where a meter stood."""
    readings: dict[tuple[MachineId, LifeUnit], list[tuple[datetime, float]]] = {}
    for life in lives:
        points = readings.setdefault((life.machine, life.life_unit), [])
        points.append((life.installed_at, life.meter_at_install))
        if life.removed_at is not None and life.meter_at_removal is not None:
            points.append((life.removed_at, life.meter_at_removal))
    return Records(
        lives=tuple(lives),
        open={(life.machine, life.slot): life for life in lives if life.removed_at is None},
        meters={(meter.machine, meter.unit): meter for meter in meters},
        readings={key: tuple(sorted(points)) for key, points in readings.items()},
    )


def rate_of(records: Records, machine: MachineId, unit: LifeUnit, now: datetime) -> MeterRate | None:
    """Return how fast a meter runs: since its newest record that is four weeks old, or its oldest.

    Calendar days need no record; None where the meter is not known.
    """
    if unit is LifeUnit.CALENDAR_DAYS:
        return estimate_rate(unit, 0.0, 0.0)
    meter = records.meters.get((machine, unit))
    if meter is None:
        return None
    points = records.readings.get((machine, unit), ())
    old = [point for point in points if now - point[0] >= RATE_SPAN_DAYS * _DAY]
    since, stood = old[-1] if old else points[0] if points else (now, meter.value)
    return estimate_rate(unit, meter.value - stood, (now - since) / _DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineEvidence:
    """What is known of one machine: where detection stands, what holds, and its hours."""

    state: DetectionState
    health: Health | None
    holding: tuple[Condition, ...]
    hours: ConditionBlock


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotAsked:
    """A slot whose prognosis is due."""

    site: Site
    machine: Machine
    slot: Slot
    part_type: PartType


def evidence_of(
    asked: SlotAsked, fleet: Fleet, records: Records, known: MachineEvidence, when: tuple[datetime, int]
) -> SlotEvidence:
    """Return the evidence of one slot; `when` is now and the plant's revision."""
    now, revision = when
    machine, slot, unit = asked.machine, asked.slot, asked.part_type.life_unit
    meter = records.meters.get((machine.id, unit))
    signs = {sign.sensor for sign in slot.signs}
    costs = stop_costs(machine, asked.site, asked.part_type)
    is_typed = costs.basis is CostBasis.TYPED
    has_indicator = any(each.slot == slot.id for each in known.health.slots) if known.health else False
    return SlotEvidence(
        machine=machine.id,
        slot=slot.id,
        part_type=asked.part_type,
        life=records.open.get((machine.id, slot.id)),
        meter=meter.value if meter else None,
        rate=rate_of(records, machine.id, unit, now),
        plant_revision=revision,
        indicator=_indicator(machine, slot, known) if has_indicator else None,
        contributions=_contributions(asked, fleet, known) if has_indicator else (),
        limits_passed=tuple(
            each for each in known.holding if each.kind is ConditionKind.LIMIT and each.sensor in signs
        ),
        health=known.health,
        cost_planned=costs.planned if is_typed else None,
        cost_unplanned=costs.unplanned if is_typed else None,
        risk=chosen_risk(machine, asked.site, costs),
        unseen=_unseen(fleet, machine, known),
        signs_missing=bool(slot.signs) and not has_indicator and fleet.has_learnt(machine.id),
        model_digest=fleet.digest if has_indicator else "",
    )


def _unseen(fleet: Fleet, machine: Machine, known: MachineEvidence) -> tuple[SensorId, float] | None:
    """Return what stands where the model has never seen it, of a machine that runs."""
    runs = known.health is not None and known.health.status is HealthStatus.OK
    return unseen_context(fleet.model, fleet.plan, machine, known.state.features) if fleet.model and runs else None


def _indicator(machine: Machine, slot: Slot, known: MachineEvidence) -> IndicatorSeries | None:
    """Return the slot's indicator, without what another slot's wear explains."""
    shown = {each.slot for each in known.health.slots} if known.health else set()
    around = {
        each.id: series
        for each in machine.slots
        if each.id in shown and (each.id == slot.id or shared_share(slot, each) > 0)
        if (series := _series(known.hours, each.id)) is not None
    }
    return net_of_rivals(slot, machine.slots, around)


def _series(hours: ConditionBlock, slot: SlotId) -> IndicatorSeries | None:
    own = hours.keys == slot
    if not own.any():
        return None
    return IndicatorSeries(hours_ns=hours.hours_ns[own], values=hours.values[own], weights=hours.weights[own])


def _contributions(asked: SlotAsked, fleet: Fleet, known: MachineEvidence) -> tuple[Contribution, ...]:
    model, recursions = fleet.model, known.state.recursions
    if model is None or recursions is None or asked.machine.id not in model.baselines.machines:
        return ()
    own = model.baselines.machines.index(asked.machine.id)
    row = recursions.novelty
    level, total, weight = (np.array(part[: model.judged]) for part in (row.value, row.total, row.weight))
    apart = level + np.divide(total, weight, out=np.zeros(total.shape), where=weight > 0)
    moved = {sensor: float(apart[i]) for i, sensor in enumerate(fleet.plan.judged) if np.isfinite(apart[i])}
    return slot_contributions(model, own, asked.slot, fleet.plan.judged, moved)
