"""Typed meters go on from what people read, and never backwards."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from configs.plant import LifeUnit, MachineId, SiteId
from ingest.meter import MeterState
from service.actions.meters import TypedMeter, record_meter
from service.actor import SYSTEM, Actor, Role
from service.errors import InvalidRequestError, NotAllowedError, NotFoundError
from service.state import audit, meters
from service.state.database import StateDatabase
from tests.fakes.conclusions import NOW, ns
from tests.fakes.meters import MemoryMeters
from tests.fakes.plants import a_plant

PUMP = MachineId("pump1")
OPERATOR = Actor(id="o", name="Op", role=Role.OPERATOR, sites=None)


def typed(database: StateDatabase, known: MemoryMeters, actor: Actor = OPERATOR, **changes: object):
    wish = TypedMeter(machine=PUMP, unit=LifeUnit.SHOTS, value=500.0)
    return record_meter(database, actor, replace(wish, **changes), plant=a_plant(), meters=known, now=NOW)


def test_a_typed_value_is_kept_and_the_meter_goes_on_from_it(sqlite_database: StateDatabase) -> None:
    known = MemoryMeters(MeterState(machine=PUMP, unit=LifeUnit.SHOTS, value=499.0, at_ns=0))
    entry = typed(sqlite_database, known)
    assert (entry.value, entry.at, entry.said_by) == (500.0, NOW, "Op")
    assert known.states[PUMP, LifeUnit.SHOTS] == MeterState(
        machine=PUMP, unit=LifeUnit.SHOTS, value=500.0, at_ns=ns(NOW)
    )
    with sqlite_database.reading() as session:
        assert meters.typed(session, SYSTEM) == (entry,)
        assert [each.act.after for each in audit.list_entries(session, SYSTEM)] == ["500 shots"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"value": 499.0}, "stands at 500 shots already"),
        ({"value": -1.0}, "must be 0 or more"),
        ({"value": float("nan")}, "must be 0 or more"),
        ({"at": NOW + timedelta(hours=1)}, "lies in the future"),
        ({"at": datetime(1500, 1, 1, tzinfo=UTC)}, "lies before 1900"),
        ({"at": datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))}, "lies before 1900"),
    ],
)
def test_an_impossible_value_is_refused(
    sqlite_database: StateDatabase, changes: dict[str, object], message: str
) -> None:
    known = MemoryMeters(
        MeterState(machine=PUMP, unit=LifeUnit.SHOTS, value=500.0, at_ns=0),
        MeterState(machine=PUMP, unit=LifeUnit.STARTS, value=900.0, at_ns=0),
    )
    with pytest.raises(InvalidRequestError, match=message):
        typed(sqlite_database, known, **changes)


def test_a_store_that_fails_leaves_no_entry(sqlite_database: StateDatabase) -> None:
    with pytest.raises(RuntimeError):
        typed(sqlite_database, MemoryMeters(failing=RuntimeError("full")))
    with sqlite_database.reading() as session:
        assert meters.typed(session, SYSTEM) == ()


def test_only_those_who_may_can(sqlite_database: StateDatabase) -> None:
    with pytest.raises(NotAllowedError):
        typed(sqlite_database, MemoryMeters(), replace(OPERATOR, role=Role.VIEWER))
    with pytest.raises(NotFoundError):
        typed(sqlite_database, MemoryMeters(), replace(OPERATOR, sites=frozenset({SiteId("seoul")})))
    with pytest.raises(NotFoundError, match="no machine pump9"):
        typed(sqlite_database, MemoryMeters(), machine=MachineId("pump9"))
