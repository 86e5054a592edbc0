"""What plan, order list and improvement start from: slots with what is predicted of them, and the store."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from configs.plant import Machine, MachineId, SlotId
from ingest.operation import OperatingState
from models.prediction import Prediction
from service.actor import Actor
from service.advisory.countdown import counts_down
from service.advisory.plan import ReplacementPlan, make_plan
from service.advisory.slot_plan import PLAN_WEEKS, SlotFacts, plan_slot
from service.advisory.stock import OrderState
from service.advisory.supply import Store, SupplyLine, supply_lines
from service.http.scope import visible_machines
from service.http.services import Services
from service.state import out_of_service, predictions, stock


def slot_facts(services: Services, actor: Actor, session: Session) -> tuple[SlotFacts, ...]:
    """Return every slot of the actor's sites; what was said of a part that has been changed since is left out."""
    found = predictions.latest(session, actor, with_forecast=False)
    outdated = predictions.outdated(session, found)
    of_slot = {(each.machine, each.slot): each for each in found if (each.machine, each.slot) not in outdated}
    return tuple(_slots_of(services, visible_machines(services.plant, actor), of_slot))


def replacement_plan(services: Services, actor: Actor, session: Session, *, weeks: int = PLAN_WEEKS) -> ReplacementPlan:
    """Return the plan of the actor's machines; parts that last a few days are no part of it."""
    lasting = [each for each in slot_facts(services, actor, session) if not counts_down(each.part)]
    now = services.clock()
    return make_plan(lasting, standing=_standing(services, actor, session, now), now=now, weeks=weeks)


def order_lines(services: Services, actor: Actor, session: Session) -> tuple[SupplyLine, ...]:
    """Return a line per part number of the actor's sites, those to order first."""
    now = services.clock()
    planned = [plan_slot(each, now=now) for each in slot_facts(services, actor, session)]
    store = Store(items=stock.items(session, actor), orders=stock.orders(session, actor, state=OrderState.OPEN))
    parts = {part.id: part for part in services.plant.part_types}
    return supply_lines([each for each in planned if each is not None], store, parts, now=now)


def _slots_of(
    services: Services, machines: Iterable[Machine], of_slot: dict[tuple[MachineId, SlotId], Prediction]
) -> Iterable[SlotFacts]:
    sites = {site.id: site for site in services.plant.sites}
    parts = {part.id: part for part in services.plant.part_types}
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
