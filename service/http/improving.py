"""What improvement starts from: lives, events and costs of the actor's machines."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from configs.plant import LifeUnit, MachineId, PartTypeId
from ingest.maintenance_event import MaintenanceEvent
from ingest.part_life import PartLife
from models.prognosis.change_test import ChangeTest
from service.actor import Actor
from service.advisory.costs import StopCosts, stop_costs
from service.advisory.improvement import (
    Extension,
    Place,
    Remedy,
    Repeat,
    WorstActor,
    change_test,
    extensions,
    remedies,
    repeat_failures,
    worst_actors,
)
from service.http.planning import planning_of
from service.http.scope import visible_machines
from service.http.services import Services
from service.state import maintenance_events, part_lives

MOST_LIVES = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Improvement:
    """All that the page of improvement shows."""

    extensions: tuple[Extension, ...]
    actors: tuple[WorstActor, ...]
    repeats: tuple[Repeat, ...]
    remedies: tuple[Remedy, ...]


def improvement(services: Services, actor: Actor, session: Session) -> Improvement:
    """Return what could make parts of the actor's machines last longer."""
    now = services.clock()
    lives = lives_of(actor, session)
    return Improvement(
        extensions=extensions(planning_of(services, actor, session).slots),
        actors=worst_actors(lives, costs_of(services, actor), now=now),
        repeats=repeat_failures(lives, {part.id: part for part in services.plant.part_types}, now=now),
        remedies=remedies(lives, events_of(actor, session), now=now),
    )


def tested_change(
    services: Services, actor: Actor, session: Session, *, part_type: PartTypeId, changed_at: datetime
) -> ChangeTest:
    """Return whether parts of a kind last longer since a change."""
    seen = {machine.id for machine in visible_machines(services.plant, actor)}
    meters: Mapping[tuple[MachineId, LifeUnit], float] = {
        (meter.machine, meter.unit): meter.value for meter in services.meters.meters() if meter.machine in seen
    }
    return change_test(
        lives_of(actor, session), meters, part_type=part_type, changed_at=changed_at, now=services.clock()
    )


def lives_of(actor: Actor, session: Session) -> tuple[PartLife, ...]:
    """Return the part lives of the actor's machines."""
    return part_lives.list_lives(session, actor, limit=MOST_LIVES)


def costs_of(services: Services, actor: Actor) -> Mapping[Place, StopCosts]:
    """Return what a stop of every slot costs."""
    parts = {part.id: part for part in services.plant.part_types}
    sites = {site.id: site for site in services.plant.sites}
    return {
        (machine.id, slot.id): stop_costs(machine, sites[machine.site], parts[slot.part_type])
        for machine in visible_machines(services.plant, actor)
        for slot in machine.slots
    }


def events_of(actor: Actor, session: Session) -> tuple[MaintenanceEvent, ...]:
    """Return what was done to the actor's machines."""
    return tuple(maintenance_events.list_events(session, actor))
