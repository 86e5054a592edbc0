"""The store of spare parts changes together with its trail, on both engines."""

from dataclasses import replace
from datetime import timedelta

import pytest

from configs.plant import LifeUnit, MachineId, SiteId, SlotId
from ingest.meter import MeterState
from ingest.part_life import RemovalReason
from service.actions.part_lives import Installation, Removal, record_installation, record_removal
from service.actions.stock import OrderWish, close_order, record_order, remove_item, set_items
from service.actor import SYSTEM, Actor, Role
from service.advisory.stock import OrderState, StockItem
from service.errors import ConflictError, InvalidRequestError, NotAllowedError, NotFoundError
from service.state import audit, stock
from service.state.database import StateDatabase
from tests.fakes.conclusions import NOW, ago, ns
from tests.fakes.meters import MemoryMeters
from tests.fakes.planning import an_item
from tests.fakes.plants import a_plant

PLANT = a_plant()
BUSAN = SiteId("busan")
LEE = Actor(id="l", name="Lee", role=Role.TECHNICIAN, sites=frozenset({BUSAN}))
OPERATOR = replace(LEE, role=Role.OPERATOR)
STRANGER = replace(LEE, sites=frozenset({SiteId("seoul")}))
WISH = OrderWish(site=BUSAN, part_number="S-1", quantity=2, lead_time_days=7.0)


def held(database: StateDatabase) -> dict[str, int]:
    with database.reading() as session:
        return {item.part_number: item.on_hand for item in stock.items(session, SYSTEM)}


def keep(database: StateDatabase, *items: StockItem, actor: Actor = LEE) -> tuple[StockItem, ...]:
    return set_items(database, actor, items, plant=PLANT, now=NOW)


def acts(database: StateDatabase) -> list[str]:
    with database.reading() as session:
        return [entry.act.action for entry in audit.list_entries(session, SYSTEM)]


def test_items_are_kept_all_or_none_and_changed_in_place(database: StateDatabase) -> None:
    keep(database, an_item())
    keep(database, an_item(on_hand=4), an_item("S-2", fits=()))
    assert held(database) == {"S-1": 4, "S-2": 1}
    with pytest.raises(ConflictError):
        keep(database, an_item(on_hand=9), an_item("S-3"))
    assert held(database) == {"S-1": 4, "S-2": 1}
    remove_item(database, LEE, BUSAN, "S-2", now=NOW)
    assert held(database) == {"S-1": 4}
    assert acts(database) == ["stock_item_removed", "stock_item_set", "stock_item_set", "stock_item_set"]
    with pytest.raises(NotFoundError, match="no part number S-2"):
        remove_item(database, LEE, BUSAN, "S-2", now=NOW)


def test_only_who_may_changes_the_store_of_a_site(database: StateDatabase) -> None:
    with pytest.raises(NotAllowedError):
        keep(database, an_item(), actor=OPERATOR)
    with pytest.raises(NotFoundError):
        keep(database, an_item(), actor=STRANGER)
    with pytest.raises(InvalidRequestError, match="the plant has no site seoul"):
        keep(database, an_item(site=SiteId("seoul")), actor=STRANGER)


def test_what_comes_in_is_added_once(database: StateDatabase) -> None:
    keep(database, an_item())
    order = record_order(database, LEE, WISH, plant=PLANT, now=NOW)
    assert order.due_at == NOW + timedelta(days=7)
    close_order(database, LEE, order.id, OrderState.RECEIVED, plant=PLANT, now=NOW)
    assert held(database) == {"S-1": 3}
    with pytest.raises(ConflictError, match="received already"):
        close_order(database, LEE, order.id, OrderState.CANCELLED, plant=PLANT, now=NOW)
    with pytest.raises(NotFoundError):
        close_order(database, STRANGER, order.id, OrderState.RECEIVED, plant=PLANT, now=NOW)


def test_what_is_called_off_is_not_added_and_what_nobody_recorded_becomes_known(database: StateDatabase) -> None:
    wish = replace(WISH, part_number="pump.seal")
    off = record_order(database, LEE, wish, plant=PLANT, now=NOW)
    close_order(database, LEE, off.id, OrderState.CANCELLED, plant=PLANT, now=NOW)
    assert held(database) == {}
    for number, minute in (("pump.seal", 1), ("X-9", 2)):
        at = NOW + timedelta(minutes=minute)
        order = record_order(database, LEE, replace(WISH, part_number=number), plant=PLANT, now=at)
        close_order(database, LEE, order.id, OrderState.RECEIVED, plant=PLANT, now=at)
    with database.reading() as session:
        fits = {item.part_number: item.fits for item in stock.items(session, SYSTEM)}
        assert len(stock.orders(session, SYSTEM, limit=2)) == 2
        newest = stock.orders(session, SYSTEM, limit=1)[0]
        assert len(stock.orders(session, SYSTEM, before=newest.id)) == 2
    assert fits == {"pump.seal": ("pump.seal",), "X-9": ()}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"quantity": 0}, "quantity"),
        ({"due_at": ago(days=9)}, "due_at: the parts come today or later"),
        ({"site": SiteId("seoul")}, "no site seoul"),
    ],
)
def test_an_order_that_cannot_be_is_refused(database: StateDatabase, changes: dict[str, object], told: str) -> None:
    with pytest.raises(InvalidRequestError, match=told):
        record_order(database, SYSTEM, replace(WISH, **changes), plant=PLANT, now=NOW)


def test_a_replacement_takes_the_new_part_out_of_the_store(database: StateDatabase) -> None:
    keep(database, an_item(on_hand=1), an_item("S-2", fits=(), replaces=an_item().fits, on_hand=5))
    meters = MemoryMeters(
        MeterState(machine=MachineId("pump1"), unit=LifeUnit.OPERATING_HOURS, value=900.0, at_ns=ns(NOW))
    )
    wish = Installation(machine="pump1", slot=SlotId("seal"), installed_at=ago(days=9), meter=100.0)
    life = record_installation(database, LEE, wish, plant=PLANT, meters=meters, now=NOW)
    for day, left in ((1, {"S-1": 0, "S-2": 5}), (2, {"S-1": 0, "S-2": 4})):
        removal = Removal(life_id=life.id, reason=RemovalReason.PLANNED, removed_at=NOW + timedelta(days=day))
        _, life = record_removal(database, LEE, removal, plant=PLANT, meters=meters, now=NOW + timedelta(days=day))
        assert held(database) == left
    assert "stock_used" in acts(database)
