"""Taking machines out of service and putting them back, with a trail."""

from datetime import timedelta

import pytest

from configs.plant import SiteId
from service.actions.out_of_service import return_to_service, set_out_of_service
from service.actor import SYSTEM, Actor, Role
from service.errors import ConflictError, NotAllowedError, NotFoundError
from service.state import audit, out_of_service
from service.state.database import StateDatabase
from tests.fakes.conclusions import NOW
from tests.fakes.plants import a_machine

PUMP = a_machine()
DAY = timedelta(days=1)
LEE = Actor(id="l", name="Lee", role=Role.TECHNICIAN, sites=None)


def test_out_and_back_again(sqlite_database: StateDatabase) -> None:
    set_out_of_service(sqlite_database, LEE, PUMP, until=NOW + DAY, reason="overhaul", now=NOW)
    longer = set_out_of_service(sqlite_database, LEE, PUMP, until=NOW + 2 * DAY, reason="parts late", now=NOW)
    with sqlite_database.reading() as session:
        assert out_of_service.current(session, SYSTEM, NOW) == {PUMP.id: longer}
    return_to_service(sqlite_database, LEE, PUMP, now=NOW)
    with sqlite_database.reading() as session:
        assert out_of_service.current(session, SYSTEM, NOW) == {}
        actions = [(each.actor_name, each.act.action) for each in audit.list_entries(session, SYSTEM)]
    assert actions == [("Lee", "return_to_service"), ("Lee", "out_of_service"), ("Lee", "out_of_service")]


def test_a_machine_in_service_cannot_be_put_back(sqlite_database: StateDatabase) -> None:
    with pytest.raises(ConflictError, match="is in service already"):
        return_to_service(sqlite_database, LEE, PUMP, now=NOW)


def test_only_those_who_may_can(sqlite_database: StateDatabase) -> None:
    operator = Actor(id="o", name="Op", role=Role.OPERATOR, sites=None)
    stranger = Actor(id="s", name="S", role=Role.ENGINEER, sites=frozenset({SiteId("seoul")}))
    with pytest.raises(NotAllowedError):
        set_out_of_service(sqlite_database, operator, PUMP, until=NOW + DAY, reason="x", now=NOW)
    with pytest.raises(NotFoundError):
        return_to_service(sqlite_database, stranger, PUMP, now=NOW)
