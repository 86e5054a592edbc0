"""A plant's past as training reads it: what was known of any slot at any moment, and how its part ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from configs.instant import ns_of
from configs.plant import LifeUnit, Machine, MachineId, PartType, PartTypeId, Slot, SlotId
from ingest.meter import MeterState
from ingest.part_life import PartLife
from ingest.ports import HOUR_NS, ConditionBlock
from models.prognosis.degradation import IndicatorSeries
from models.prognosis.evidence import SlotEvidence
from models.prognosis.rivals import net_of_rivals, shared_share
from models.prognosis.usage import RATE_SPAN_DAYS, estimate_rate

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantHistory:
    """Machines with their slots, their parts' lives and meters up to `until`, and their condition by the hour."""

    machines: tuple[Machine, ...]
    part_types: Mapping[PartTypeId, PartType]
    lives: tuple[PartLife, ...]
    meters: tuple[MeterState, ...]
    hours: Mapping[MachineId, ConditionBlock]
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupied:
    """A slot with the part that was in it."""

    machine: Machine
    slot: Slot
    life: PartLife


def as_known(lives: Sequence[PartLife], at: datetime) -> tuple[PartLife, ...]:
    """Return part lives as they stood at a moment: what ended later is still open, what came later is not there."""
    return tuple(_opened(life, at) for life in lives if life.installed_at <= at)


def _opened(life: PartLife, at: datetime) -> PartLife:
    if life.removed_at is None or life.removed_at <= at:
        return life
    return replace(life, removed_at=None, meter_at_removal=None, removal_reason=None, failure_mode=None, note=None)


@dataclass(slots=True)
class Archive:
    """Looks things up in a plant's history."""

    history: PlantHistory
    _points: dict[tuple[MachineId, LifeUnit], tuple[NDArray[np.float64], NDArray[np.float64]]] = field(
        default_factory=dict
    )
    _series: dict[tuple[MachineId, SlotId], IndicatorSeries] = field(default_factory=dict)
    _open_at: dict[tuple[MachineId, SlotId], list[PartLife]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Sort lives by slot, and meters by time: every record of a change tells where a meter stood."""
        points: dict[tuple[MachineId, LifeUnit], list[tuple[float, float]]] = {}
        for life in self.history.lives:
            self._open_at.setdefault((life.machine, life.slot), []).append(life)
            own = points.setdefault((life.machine, life.life_unit), [])
            own.append((life.installed_at.timestamp(), life.meter_at_install))
            if life.removed_at is not None and life.meter_at_removal is not None:
                own.append((life.removed_at.timestamp(), life.meter_at_removal))
        for meter in self.history.meters:
            points.setdefault((meter.machine, meter.unit), []).append((meter.at_ns / 1e9, meter.value))
        for key, own in points.items():
            at, value = np.array(sorted(own)).T
            self._points[key] = at, np.maximum.accumulate(value)

    def meter(self, machine: MachineId, unit: LifeUnit, at: datetime) -> float:
        """Return where a meter stood, at an even pace between records."""
        if unit is LifeUnit.CALENDAR_DAYS:
            return at.timestamp() / 86_400.0
        times, values = self._points.get((machine, unit), (np.zeros(1), np.zeros(1)))
        return float(np.interp(at.timestamp(), times, values))

    def meters(self, at: datetime) -> tuple[MeterState, ...]:
        """Return where all meters stood."""
        return tuple(
            MeterState(machine=machine, unit=unit, value=self.meter(machine, unit, at), at_ns=ns_of(at))
            for machine, unit in self._points
        )

    def part_in(self, machine: MachineId, slot: SlotId, at: datetime) -> PartLife | None:
        """Return the part that was in a slot, with what became of it."""
        return next(
            (
                life
                for life in self._open_at.get((machine, slot), ())
                if life.installed_at <= at and (life.removed_at is None or life.removed_at > at)
            ),
            None,
        )

    def occupied(self, at: datetime) -> list[Occupied]:
        """Return all slots in which a part was recorded."""
        found = []
        for machine in self.history.machines:
            for slot in machine.slots:
                life = self.part_in(machine.id, slot.id, at)
                if life is not None:
                    found.append(Occupied(machine=machine, slot=slot, life=life))
        return found

    def evidence(self, which: Occupied, at: datetime) -> SlotEvidence:
        """Return what was known of a part then: nothing that came later."""
        machine, part = which.machine, self.history.part_types[which.slot.part_type]
        stood = self.meter(machine.id, part.life_unit, at)
        before = self.meter(machine.id, part.life_unit, at - RATE_SPAN_DAYS * _DAY)
        return SlotEvidence(
            machine=machine.id,
            slot=which.slot.id,
            part_type=part,
            life=_opened(which.life, at),
            meter=stood,
            rate=estimate_rate(part.life_unit, stood - before, RATE_SPAN_DAYS),
            plant_revision=0,
            indicator=net_of_rivals(which.slot, machine.slots, self._around(machine, which.slot, at)),
            cost_planned=machine.cost_planned_krw,
            cost_unplanned=machine.cost_unplanned_krw,
        )

    def _around(self, machine: Machine, slot: Slot, at: datetime) -> dict[SlotId, IndicatorSeries]:
        """Return the indicators of a slot and of those that its signs are shared with."""
        known = {
            each.id: self.series(machine.id, each.id, at)
            for each in machine.slots
            if each.id == slot.id or shared_share(slot, each) > 0
        }
        return {name: series for name, series in known.items() if series is not None}

    def series(self, machine: MachineId, slot: SlotId, at: datetime) -> IndicatorSeries | None:
        """Return the hours of a slot's indicator that were over; None where there was none."""
        whole = self._whole(machine, slot)
        upto = int(np.searchsorted(whole.hours_ns, ns_of(at) - HOUR_NS, side="right"))
        if upto == 0:
            return None
        return IndicatorSeries(hours_ns=whole.hours_ns[:upto], values=whole.values[:upto], weights=whole.weights[:upto])

    def first_hour_ns(self) -> int | None:
        """Return the first hour of any condition, None without any."""
        starts = [int(block.hours_ns.min()) for block in self.history.hours.values() if block.hours_ns.size]
        return min(starts, default=None)

    def _whole(self, machine: MachineId, slot: SlotId) -> IndicatorSeries:
        key = (machine, slot)
        if key not in self._series:
            self._series[key] = _own_series(self.history.hours.get(machine), slot)
        return self._series[key]


def _own_series(block: ConditionBlock | None, slot: SlotId) -> IndicatorSeries:
    if block is None:
        return IndicatorSeries(hours_ns=np.empty(0, dtype=np.int64), values=np.empty(0), weights=np.empty(0))
    own = np.flatnonzero(block.keys == slot)
    own = own[np.argsort(block.hours_ns[own], kind="stable")]
    return IndicatorSeries(hours_ns=block.hours_ns[own], values=block.values[own], weights=block.weights[own])
