"""What the removal of a part makes of two lives."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.plant import LifeUnit, MachineId, PartTypeId, SlotId
from ingest.meter import MeterState
from ingest.part_life import PartLife, RemovalReason
from service.advisory.replacement import Installation, Removal, estimate_meter, exchange, first_life
from service.errors import ConflictError, InvalidRequestError
from tests.fakes.conclusions import NOW, ago, ns
from tests.fakes.plants import a_machine, a_part_type

LIFE = PartLife(
    id="life1",
    machine=MachineId("pump1"),
    slot=SlotId("seal"),
    part_type=PartTypeId("pump.seal"),
    life_unit=LifeUnit.OPERATING_HOURS,
    installed_at=ago(days=100),
    meter_at_install=1000.0,
    age_at_install=None,
    removed_at=None,
    meter_at_removal=None,
    removal_reason=None,
    failure_mode=None,
    note="first fitted",
)
METER = MeterState(machine=MachineId("pump1"), unit=LifeUnit.OPERATING_HOURS, value=3000.0, at_ns=ns(NOW))


def removal(**changes: object) -> Removal:
    return replace(Removal(life_id="life1", reason=RemovalReason.FAILED), **changes)


def test_a_removal_closes_one_life_and_opens_the_next_at_the_same_meter() -> None:
    closed, opened = exchange(LIFE, removal(failure_mode="ELP", note=" leaked "), METER, now=NOW)
    assert closed == replace(
        LIFE,
        removed_at=NOW,
        meter_at_removal=3000.0,
        removal_reason=RemovalReason.FAILED,
        failure_mode="ELP",
        note="leaked",
    )
    assert opened == replace(
        LIFE, id=opened.id, installed_at=NOW, meter_at_install=3000.0, age_at_install=0.0, note=None
    )
    assert opened.id != LIFE.id


def test_a_removal_in_the_past_takes_the_meter_of_then() -> None:
    closed, opened = exchange(LIFE, removal(removed_at=ago(days=50)), METER, now=NOW)
    assert closed.meter_at_removal == opened.meter_at_install == pytest.approx(2000.0)


def test_a_typed_meter_stands() -> None:
    closed, _ = exchange(LIFE, removal(meter=2500.0), METER, now=NOW)
    assert closed.meter_at_removal == 2500.0
    assert exchange(LIFE, removal(meter=2500.0), None, now=NOW)[0].note == "first fitted"


@pytest.mark.parametrize(
    ("wish", "present", "message"),
    [
        (removal(removed_at=ago(days=101)), METER, "was put in later"),
        (removal(removed_at=LIFE.installed_at), METER, "was put in later"),
        (removal(removed_at=NOW + timedelta(hours=1)), METER, "lies in the future"),
        (removal(meter=999.0), METER, "cannot run backwards"),
        (removal(meter=-1.0), METER, "must be 0 or more"),
        (removal(meter=float("nan")), METER, "must be 0 or more"),
        (removal(meter=float("inf")), METER, "must be 0 or more"),
        (removal(), None, "type in what the meter shows"),
        (removal(note="x" * 2001), METER, "note: at most 2000"),
        (removal(failure_mode="a\0b"), METER, "failure_mode: holds a NUL"),
    ],
)
def test_an_impossible_removal_is_refused(wish: Removal, present: MeterState | None, message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        exchange(LIFE, wish, present, now=NOW)


def test_a_part_comes_off_once() -> None:
    closed, _ = exchange(LIFE, removal(), METER, now=NOW)
    with pytest.raises(ConflictError, match="was removed already"):
        exchange(closed, removal(), METER, now=NOW)


@given(st.floats(0, 200), st.floats(0, 5000))
def test_an_estimated_meter_lies_between_installation_and_present(days_ago: float, value: float) -> None:
    estimate = estimate_meter(LIFE, replace(METER, value=value), ago(days=days_ago))
    assert 1000.0 <= estimate <= max(value, 1000.0)


def test_a_meter_from_before_the_installation_tells_nothing_of_since() -> None:
    old = replace(METER, at_ns=ns(ago(days=200)), value=900.0)
    assert estimate_meter(LIFE, old, NOW) == 1000.0


def wish(**changes: object) -> Installation:
    return replace(Installation(machine="pump1", slot=SlotId("seal")), **changes)


def test_a_first_part_is_new_unless_somebody_says_otherwise() -> None:
    life = first_life(a_machine(), a_part_type(), wish(note=" new pump "), METER, now=NOW)
    assert life == replace(
        LIFE, id=life.id, installed_at=NOW, meter_at_install=3000.0, age_at_install=0.0, note="new pump"
    )
    used = first_life(a_machine(), a_part_type(), wish(age=None, meter=5.0, installed_at=ago(days=3)), METER, now=NOW)
    assert (used.age_at_install, used.meter_at_install, used.installed_at) == (None, 5.0, ago(days=3))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"age": -1.0}, "age: must be 0 or more"),
        ({"age": float("inf")}, "age: must be 0 or more"),
        ({"installed_at": NOW + timedelta(hours=1)}, "lies in the future"),
        ({"installed_at": datetime(1600, 1, 1, tzinfo=UTC)}, "lies before 1900"),
        ({"meter": -5.0}, "meter: must be 0 or more"),
    ],
)
def test_an_impossible_installation_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        first_life(a_machine(), a_part_type(), wish(**changes), METER, now=NOW)


def test_without_a_meter_somebody_must_read_it() -> None:
    with pytest.raises(InvalidRequestError, match="reports no operating_hours"):
        first_life(a_machine(), a_part_type(), wish(), None, now=NOW)
