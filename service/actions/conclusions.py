"""Takes in what the monitor concluded: health, predictions, cases and watermarks in one transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from configs.plant import Machine, MachineId, PartType, Plant, SiteId, SlotId
from models.health import Health
from models.prediction import Prediction
from service.actions.case_record import CaseUpdate, save_update
from service.actor import SYSTEM
from service.advisory.assessment import Renewed
from service.advisory.case import Case
from service.advisory.case_change import CaseChange
from service.advisory.countdown import counts_down
from service.advisory.decide import Assessment, DecisionContext, LeadTime, Settled, decide
from service.advisory.findings import replacement_key
from service.advisory.shelving import OutOfService
from service.state import cases, health, out_of_service, part_lives, predictions, watermarks
from service.state.database import StateDatabase
from service.state.watermarks import Watermark

__all__ = ["Assessment", "Conclusions", "RecordedCase", "RecordedChanges", "record"]

REMEMBERED = timedelta(days=30)
"""How long a judgement is remembered that holds off the same evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusions:
    """What one round of the monitor concluded; predictions ride in the assessments of their machines."""

    plant: Plant
    assessments: tuple[Assessment, ...]
    health: tuple[Health, ...]
    watermarks: tuple[Watermark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCase:
    """A case as it is now, and what changed it."""

    case: Case
    changes: tuple[CaseChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedChanges:
    """What a round has changed, for the pages that are open."""

    cases: tuple[RecordedCase, ...]
    predictions: tuple[Prediction, ...]
    health: tuple[Health, ...]


def record(database: StateDatabase, conclusions: Conclusions, *, now: datetime) -> RecordedChanges:
    """Keep everything that a round concluded, or, where anything fails, nothing of it.

    A prediction that was made before its part was replaced is left out: the monitor makes a new one.
    """
    machines = {machine.id: machine for machine in conclusions.plant.machines}
    sites = {machine.id: machine.site for machine in machines.values()}
    with database.transaction() as session:
        # Everybody locks in this order: cases, predictions, trail; else two could wait for each other.
        surroundings = _look_around(session, conclusions.plant, now)
        assessments = _up_to_date(session, conclusions.assessments)
        made = tuple(each for assessment in assessments for each in assessment.predictions)
        predictions.save(session, made, sites)
        health.save(session, conclusions.health, sites)
        watermarks.save(session, conclusions.watermarks)
        recorded = [
            each
            for assessment in assessments
            for each in _decide(session, assessment, machines[assessment.machine], surroundings, now=now)
        ]
    return RecordedChanges(cases=tuple(recorded), predictions=made, health=conclusions.health)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Surroundings:
    open_cases: Mapping[MachineId, Case]
    settled: Mapping[MachineId, tuple[Settled, ...]]
    installed: Mapping[tuple[MachineId, SlotId], datetime]
    out_of_service: Mapping[MachineId, OutOfService]
    parts: Mapping[str, PartType]


def _up_to_date(session: Session, assessments: Iterable[Assessment]) -> tuple[Assessment, ...]:
    """Leave out predictions that rest on a part which has been replaced since they were made."""
    known = tuple(assessments)
    outdated = predictions.outdated(session, [each for every in known for each in every.predictions])
    if not outdated:
        return known
    return tuple(
        replace(
            every,
            predictions=tuple(each for each in every.predictions if (each.machine, each.slot) not in outdated),
        )
        for every in known
    )


def _look_around(session: Session, plant: Plant, now: datetime) -> _Surroundings:
    return _Surroundings(
        open_cases=cases.lock_open_cases(session),
        settled=cases.settled_findings(session, now - REMEMBERED),
        installed=part_lives.installed_since(session, now - REMEMBERED),
        out_of_service=out_of_service.current(session, SYSTEM, now),
        parts={part.id: part for part in plant.part_types},
    )


def _decide(
    session: Session, assessment: Assessment, machine: Machine, around: _Surroundings, *, now: datetime
) -> list[RecordedCase]:
    if not assessment.conditions and not assessment.predictions and machine.id not in around.open_cases:
        return []
    open_case = around.open_cases.get(machine.id)
    changes = decide(assessment, open_case, _context(machine, around), now)
    by_case: dict[str, list[CaseChange]] = defaultdict(list)
    for change in changes:
        by_case[change.case_id].append(change)
    recorded = []
    for case_id, own in by_case.items():
        before = open_case if open_case is not None and open_case.id == case_id else None
        if before is None and cases.exists(session, case_id):
            continue
        after = save_update(session, SYSTEM, CaseUpdate(before=before, changes=own, site=machine.site), now=now)
        _keep_evidence(session, assessment, own, after, site=machine.site)
        recorded.append(RecordedCase(case=after, changes=tuple(own)))
    return recorded


def _context(machine: Machine, around: _Surroundings) -> DecisionContext:
    parts = {slot.id: around.parts[slot.part_type] for slot in machine.slots}
    return DecisionContext(
        out_of_service=around.out_of_service.get(machine.id),
        settled=_still_settled(machine, around),
        countdown_slots=frozenset(slot for slot, part in parts.items() if counts_down(part)),
        lead_times=tuple(LeadTime(slot=SlotId(slot), days=part.lead_time_days) for slot, part in parts.items()),
        renewed=tuple(
            Renewed(slot=SlotId(slot), at=around.installed[machine.id, slot])
            for slot in parts
            if (machine.id, slot) in around.installed
        ),
    )


def _still_settled(machine: Machine, around: _Surroundings) -> tuple[Settled, ...]:
    """Return the judgements about the machine, without those about parts that have been replaced since."""
    settled = around.settled.get(machine.id, ())
    installed = {replacement_key(slot.id): around.installed.get((machine.id, slot.id)) for slot in machine.slots}
    return tuple(each for each in settled if not _is_later(installed.get(each.key), each.started_at))


def _is_later(at: datetime | None, than: datetime) -> bool:
    return at is not None and at > than


def _keep_evidence(
    session: Session, assessment: Assessment, changes: list[CaseChange], case: Case, *, site: SiteId
) -> None:
    keys = {change.finding.key for change in changes if change.finding is not None}
    for prediction in assessment.predictions:
        if replacement_key(prediction.slot) in keys:
            predictions.keep_for_case(session, prediction, site, case.id)
