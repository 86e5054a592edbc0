from dataclasses import replace

import pytest

from configs.plant import PartTypeId, SiteId
from service.advisory.stock import OrderState, check_item, check_quantity, closed_order, unrecorded
from service.advisory.stock_table import MOST_ROWS, read_stock_table
from service.errors import ConflictError, InvalidRequestError
from tests.fakes.conclusions import NOW
from tests.fakes.planning import an_item, an_order
from tests.fakes.plants import a_part_type

SEAL, BELT = PartTypeId("pump.seal"), PartTypeId("pump.belt")
KNOWN = frozenset({SEAL, BELT})
BUSAN = SiteId("busan")


def test_an_item_is_kept_tidy() -> None:
    kept = check_item(an_item(name=" Seal ", fits=(SEAL, SEAL), replaces=(SEAL, BELT)), (), KNOWN)
    assert (kept.name, kept.fits, kept.replaces) == ("Seal", (SEAL,), (BELT,))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"part_number": " x"}, "part_number: 1 to 64 characters"),
        ({"part_number": "a" * 65}, "part_number"),
        ({"part_number": "a\0b"}, "part_number"),
        ({"on_hand": -1}, "on_hand: a number of parts"),
        ({"minimum": 2_000_000}, "minimum"),
        ({"price_krw": -1.0}, "price_krw: must be 0 or more"),
        ({"price_krw": float("nan")}, "price_krw"),
        ({"lead_time_days": 4000.0}, "lead_time_days: from 0 to 3650"),
        ({"fits": (PartTypeId("pump.wheel"),)}, "the plant has no part type pump.wheel"),
    ],
)
def test_an_item_that_cannot_be_is_refused(changes: dict[str, object], told: str) -> None:
    with pytest.raises(InvalidRequestError, match=told):
        check_item(an_item(**changes), (), KNOWN)


def test_a_part_type_has_one_usual_part_number() -> None:
    with pytest.raises(ConflictError, match=r"pump\.seal is fitted with S-2 already"):
        check_item(an_item(), (an_item("S-2"),), KNOWN)
    assert check_item(an_item(), (an_item("S-2", fits=(BELT,), replaces=(SEAL,)),), KNOWN).part_number == "S-1"


def test_an_order_is_closed_once() -> None:
    received = closed_order(an_order(), OrderState.RECEIVED, now=NOW)
    assert received == replace(an_order(), state=OrderState.RECEIVED, closed_at=NOW)
    with pytest.raises(ConflictError, match="the order of 1 S-1 is received already"):
        closed_order(received, OrderState.CANCELLED, now=NOW)
    with pytest.raises(InvalidRequestError, match="quantity: a number of parts from 1"):
        check_quantity("quantity", 0, least=1)


def test_a_part_of_which_nobody_recorded_a_stock_counts_as_none() -> None:
    item = unrecorded(BUSAN, a_part_type(), NOW)
    assert (item.part_number, item.on_hand, item.fits, item.changed_by) == ("pump.seal", 0, (SEAL,), "")


def read(text: str, *present: object):
    kept = {(each.site, each.part_number): each for each in present}  # type: ignore[attr-defined]
    return read_stock_table(text, kept, site=BUSAN, now=NOW)


def test_a_table_is_read_with_korean_or_english_headings() -> None:
    text = "\ufeff품번;품명;적용 부품;재고;최소재고;단가;납기(일)\nS-1;씰;pump.seal;1,200;3;₩12,500원;7\n;;;;;;\n"
    found = read(text)
    assert found.mistakes == ()
    item = found.items[0]
    assert (item.on_hand, item.minimum, item.price_krw, item.lead_time_days) == (1200, 3, 12500.0, 7.0)
    english = read("site,part_number,on_hand,replaces,supplier\nseoul,S-9,2,pump.belt pump.seal,Hana\n").items[0]
    assert (english.site, english.replaces, english.supplier) == ("seoul", (BELT, SEAL), "Hana")


def test_a_column_that_is_missing_leaves_what_is_there() -> None:
    kept = read("part_number,on_hand\nS-1,5\n", an_item(minimum=2)).items[0]
    assert kept == replace(an_item(minimum=2, on_hand=5), changed_by="")
    new = read("part_number,on_hand\nS-7,5\n").items[0]
    assert (new.fits, new.minimum, new.price_krw, new.supplier) == ((), 0, None, None)


def test_every_mistake_of_a_table_is_told_with_its_line() -> None:
    found = read("part_number,on_hand,price_krw\n,1,\nS-1,1.5,\nS-2,two,\nS-3,1,1e400\nS-4,1,cheap\nS-5,4,5\n")
    assert [mistake.split(":")[0] for mistake in found.mistakes] == ["line 2", "line 3", "line 4", "line 5", "line 6"]
    assert [item.part_number for item in found.items] == ["S-5"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the table is empty"),
        ("part_number,name\nS-1,x\n", "lacks the column on_hand, 재고"),
        ("part_number,on_hand\n" + "S,1\n" * MOST_ROWS, "more than 20000 lines"),
    ],
)
def test_what_is_no_stock_table_is_refused(text: str, told: str) -> None:
    with pytest.raises(InvalidRequestError, match=told):
        read(text)
