"""What plan, order list and improvement start from, for the sites of whoever asks."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from configs.plant import Machine, MachineId, Plant, SlotId
from ingest.operation import OperatingState
from models.prediction import Prediction
from service.actor import Actor
from service.advisory.slot_plan import SlotFacts
from service.advisory.stock import OrderState, Store
from service.http.plan_desk import Basis, Planning
from service.http.scope import visible_machines
from service.http.services import Services
from service.state import out_of_service, predictions, stock


def planning_of(services: Services, actor: Actor, session: Session) -> Planning:
    """Return what follows for the actor's sites from plant, predictions, stock and standing machines as they are now."""
    now, plant = services.clock(), services.plant
    basis = Basis(
        plant_revision=plant.revision,
        predictions=predictions.stamp(session, actor),
        store=Store(items=stock.items(session, actor), orders=stock.orders(session, actor, state=OrderState.OPEN)),
        standing=_standing(services, actor, session, now),
    )

    def make() -> Planning:
        return Planning(
            facts=_slot_facts(plant, actor, session),
            basis=basis,
            parts={part.id: part for part in plant.part_types},
            made_at=now,
        )

    return services.planning.planning(actor.sites, basis, make, now=now)


def _slot_facts(plant: Plant, actor: Actor, session: Session) -> tuple[SlotFacts, ...]:
    """Return every slot of the actor's sites; what was said of a part that has been changed since is left out."""
    found = predictions.latest(session, actor, with_forecast=False)
    outdated = predictions.outdated(session, found)
    of_slot = {(each.machine, each.slot): each for each in found if (each.machine, each.slot) not in outdated}
    return tuple(_slots_of(plant, visible_machines(plant, actor), of_slot))


def _slots_of(
    plant: Plant, machines: Sequence[Machine], of_slot: Mapping[tuple[MachineId, SlotId], Prediction]
) -> Iterable[SlotFacts]:
    sites = {site.id: site for site in plant.sites}
    parts = {part.id: part for part in plant.part_types}
    for machine in machines:
        for slot in machine.slots:
            yield SlotFacts(
                site=sites[machine.site],
                machine=machine,
                slot=slot,
                part=parts[slot.part_type],
                prediction=of_slot.get((machine.id, slot.id)),
            )


def _standing(services: Services, actor: Actor, session: Session, now: datetime) -> frozenset[MachineId]:
    """Return the machines that stand now: those out of service, switched off, or under maintenance."""
    idle = {OperatingState.OFF, OperatingState.MAINTENANCE}
    seen = {each.machine for each in services.telemetry.progress() if each.state in idle}
    return frozenset({*out_of_service.current(session, actor, now), *seen})
