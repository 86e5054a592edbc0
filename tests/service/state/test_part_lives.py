"""Part lives are kept, found and counted; a slot has one open life; on both engines."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from configs.plant import SiteId, SlotId
from ingest.label import Label, LabelKind
from ingest.maintenance_event import MaintenanceEvent, MaintenanceKind
from ingest.part_life import PartLife, RemovalReason
from service.actor import SYSTEM, Actor, Role
from service.errors import InvalidRequestError, NotFoundError
from service.state import audit, maintenance_events, part_lives
from service.state.database import StateDatabase
from service.state.history import StateHistoryStore
from service.state.part_lives import LifeFilter
from tests.fakes.conclusions import NOW, ago
from tests.fakes.parts import a_closed_life, a_life
from tests.fakes.plants import a_machine, a_plant

BUSAN = SiteId("busan")
STRANGER = Actor(id="x", name="X", role=Role.ADMINISTRATOR, sites=frozenset({SiteId("seoul")}))
MACHINE = a_life().machine
PLANT = a_plant(a_machine(MACHINE), a_machine("pump2"))


def lives() -> tuple[PartLife, PartLife]:
    past = replace(a_closed_life(500.0), id="past", installed_at=ago(days=90), removed_at=ago(days=30))
    return past, replace(a_life(), id="now", installed_at=ago(days=30))


def kept(database: StateDatabase) -> tuple[PartLife, PartLife]:
    past, now = lives()
    with database.transaction() as session:
        part_lives.add_life(session, past, BUSAN)
        part_lives.add_life(session, now, BUSAN)
    return past, now


def store(database: StateDatabase) -> StateHistoryStore:
    return StateHistoryStore(database, PLANT, lambda: NOW)


def test_lives_come_back_as_they_were_kept(database: StateDatabase) -> None:
    past, now = kept(database)
    with database.reading() as session:
        assert part_lives.list_lives(session, SYSTEM) == (now, past)
        assert part_lives.open_lives(session, SYSTEM) == (now,)
        assert part_lives.open_lives(session, SYSTEM, machine=now.machine) == (now,)
        assert part_lives.open_life_of(session, now.machine, now.slot) == now
        assert part_lives.open_life_of(session, now.machine, SlotId("none")) is None
        assert part_lives.get_life(session, SYSTEM, "past") == past
        assert part_lives.site_of(session, "past") == BUSAN
        assert part_lives.all_lives(session) == (past, now)
        closed = LifeFilter(machine=now.machine, slot=now.slot, is_open=False)
        assert part_lives.list_lives(session, SYSTEM, wanted=closed) == (past,)
        assert part_lives.list_lives(session, SYSTEM, wanted=LifeFilter(is_open=True)) == (now,)
        assert part_lives.list_lives(session, SYSTEM, before="now", limit=1) == (past,)


def test_lives_of_other_sites_are_not_there(database: StateDatabase) -> None:
    kept(database)
    with database.reading() as session:
        assert part_lives.list_lives(session, STRANGER) == ()
        assert part_lives.open_lives(session, STRANGER) == ()
        with pytest.raises(NotFoundError, match="no part life past"):
            part_lives.get_life(session, STRANGER, "past")


def test_a_slot_holds_one_part(database: StateDatabase) -> None:
    _, now = kept(database)
    with pytest.raises(IntegrityError), database.transaction() as session:
        part_lives.add_life(session, replace(now, id="other"), BUSAN)


def test_every_change_is_counted(database: StateDatabase) -> None:
    with database.reading() as session:
        assert part_lives.revision(session) == 0
    _, now = kept(database)
    off = replace(
        now, removed_at=NOW, meter_at_removal=now.meter_at_install, removal_reason=RemovalReason.UNKNOWN, note="n"
    )
    with database.transaction() as session:
        assert part_lives.lock_life(session, SYSTEM, now.id) == now
        part_lives.close_life(session, off)
    with database.reading() as session:
        assert part_lives.revision(session) == 3
        assert part_lives.get_life(session, SYSTEM, now.id) == off


EVENT = MaintenanceEvent(
    machine=MACHINE, slot=None, at=ago(days=3), kind=MaintenanceKind.INSPECTION, note="looked at it"
)
LABEL = Label(
    machine=MACHINE,
    slot=None,
    start=ago(days=3),
    end=ago(days=2),
    kind=LabelKind.PROCESS_CHANGE,
    said_by="import",
    said_at=NOW,
)


def test_history_comes_in_once_and_leaves_a_trail(database: StateDatabase) -> None:
    history = store(database)
    assert history.add_history(lives(), [EVENT], [LABEL]) == 4
    assert history.add_history(lives(), [EVENT], [LABEL]) == 0
    assert history.part_lives() == lives()
    assert history.labels() == (LABEL,)
    assert history.maintenance_events() == (EVENT,)
    with database.reading() as session:
        assert [each.act.after for each in audit.list_entries(session, SYSTEM)] == ["4 rows"]
        assert maintenance_events.list_events(session, SYSTEM, machine=MACHINE, limit=1) == (EVENT,)
        assert maintenance_events.list_events(session, STRANGER) == ()


def test_a_later_history_ends_what_was_open_and_goes_on(database: StateDatabase) -> None:
    history = store(database)
    history.add_history(lives(), [], [])
    past, now = lives()
    ended = replace(
        now, removed_at=ago(days=1), meter_at_removal=now.meter_at_install + 9, removal_reason=RemovalReason.PLANNED
    )
    next_ = replace(now, id="next", installed_at=ago(days=1), meter_at_install=now.meter_at_install + 9)
    assert history.add_history([past, ended, next_], [], []) == 2
    assert history.add_history([past, now, ended, next_], [], []) == 0
    assert history.part_lives() == (past, ended, next_)


def test_history_of_an_unknown_machine_is_refused_whole(database: StateDatabase) -> None:
    with pytest.raises(InvalidRequestError, match="machine nowhere: the plant has no such machine"):
        store(database).add_history(lives(), [replace(EVENT, machine="nowhere")], [])
    assert store(database).part_lives() == ()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"age_at_install": -1.0}, "age_at_install is negative"),
        ({"removed_at": ago(days=99)}, "removed before it was installed"),
        ({"meter_at_removal": -5.0}, "the meter ran backwards"),
        ({"removal_reason": None}, "removed without a reason"),
    ],
)
def test_a_life_that_cannot_have_been_is_refused(
    database: StateDatabase, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        store(database).add_history([replace(lives()[0], **changes)], [], [])


def test_a_year_of_lives_comes_in_at_once(database: StateDatabase) -> None:
    past, _ = lives()
    many = [
        replace(past, id=f"life{i}", installed_at=ago(days=400 - i), removed_at=ago(days=399 - i)) for i in range(300)
    ]
    assert store(database).add_history(many, [], []) == 300
    assert len(store(database).part_lives()) == 300
    assert timedelta(days=1) == many[0].removed_at - many[0].installed_at
