"""What was planned is kept as long as nothing changes that it rests on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from configs.plant import MachineId, SiteId
from service.advisory.stock import Store
from service.http.plan_desk import FRESH_FOR, MOST_KEPT, Basis, PlanDesk, Planning
from tests.fakes.conclusions import NOW
from tests.fakes.planning import an_item, facts_of
from tests.fakes.plants import a_part_type

BASIS = Basis(
    plant_revision=1, predictions=1, store=Store(items=(an_item(),), orders=()), standing=frozenset({MachineId("x")})
)


def made(basis: Basis = BASIS, at: datetime = NOW) -> Callable[[], Planning]:
    part = a_part_type()
    return lambda: Planning(facts=(facts_of(),), basis=basis, parts={part.id: part}, made_at=at)


def test_a_plan_is_kept_for_a_minute_and_no_longer() -> None:
    desk = PlanDesk()
    first = desk.planning(None, BASIS, made(), now=NOW)
    assert desk.planning(None, BASIS, made(), now=NOW + FRESH_FOR / 2) is first
    assert desk.planning(None, BASIS, made(at=NOW + FRESH_FOR), now=NOW + FRESH_FOR) is not first


def test_whatever_a_plan_rests_on_makes_a_new_one_when_it_changes() -> None:
    changes = (
        replace(BASIS, plant_revision=2),
        replace(BASIS, predictions=2),
        replace(BASIS, store=Store(items=(an_item(on_hand=5),), orders=())),
        replace(BASIS, standing=frozenset()),
    )
    for changed in changes:
        desk = PlanDesk()
        first = desk.planning(None, BASIS, made(), now=NOW)
        assert desk.planning(None, changed, made(changed), now=NOW) is not first


def test_a_clock_that_was_set_back_makes_a_new_plan() -> None:
    desk = PlanDesk()
    first = desk.planning(None, BASIS, made(), now=NOW)
    assert desk.planning(None, BASIS, made(), now=NOW - timedelta(hours=1)) is not first


def test_every_set_of_sites_has_a_plan_of_its_own_and_the_least_asked_for_is_forgotten() -> None:
    desk = PlanDesk()
    sets = [frozenset({SiteId(f"s{i}")}) for i in range(MOST_KEPT)]
    first, *rest = [desk.planning(sites, BASIS, made(), now=NOW) for sites in sets]
    assert desk.planning(sets[0], BASIS, made(), now=NOW) is first
    desk.planning(None, BASIS, made(), now=NOW)
    assert desk.planning(sets[0], BASIS, made(), now=NOW) is first
    assert desk.planning(sets[1], BASIS, made(), now=NOW) is not rest[0]


def test_plan_lines_and_spares_come_from_the_same_slots() -> None:
    planning = PlanDesk().planning(None, BASIS, made(), now=NOW)
    assert [slot.facts for slot in planning.slots] == list(planning.facts)
    assert [slot.facts for slot in planning.plan.slots] == list(planning.facts)
    assert [line.item for line in planning.lines] == [an_item()]
    assert list(planning.spares) == [(planning.facts[0].machine.id, planning.facts[0].slot.id)]
