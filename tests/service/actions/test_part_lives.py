"""A removal closes one life and opens the next, with case and trail, or does nothing; on both engines."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from configs.plant import LifeUnit, MachineId, SiteId, SlotId
from ingest.meter import MeterState
from ingest.part_life import PartLife, RemovalReason
from service.actions.conclusions import Conclusions, record
from service.actions.part_lives import Installation, Removal, record_installation, record_removal
from service.actor import SYSTEM, Actor, Role
from service.advisory.case import Case
from service.advisory.case_event import CaseEventKind
from service.errors import ConflictError, InvalidRequestError, NotAllowedError, NotFoundError
from service.state import audit, cases, part_lives, predictions
from service.state.database import StateDatabase
from tests.fakes.conclusions import NOW, a_limit, a_prediction, ago, an_assessment, ns
from tests.fakes.meters import MemoryMeters
from tests.fakes.plants import a_plant

PLANT = a_plant()
PUMP, SEAL = MachineId("pump1"), SlotId("seal")
HOURS = LifeUnit.OPERATING_HOURS
LEE = Actor(id="l", name="Lee", role=Role.TECHNICIAN, sites=frozenset({SiteId("busan")}))
STRANGER = Actor(id="s", name="Stranger", role=Role.ADMINISTRATOR, sites=frozenset({SiteId("seoul")}))
OPERATOR = Actor(id="o", name="Op", role=Role.OPERATOR, sites=None)


def standing(value: float = 3000.0) -> MemoryMeters:
    return MemoryMeters(MeterState(machine=PUMP, unit=HOURS, value=value, at_ns=ns(NOW)))


def installed(database: StateDatabase, **changes: object) -> PartLife:
    wish = Installation(machine=PUMP, slot=SEAL, installed_at=ago(days=100), meter=1000.0)
    return record_installation(database, LEE, replace(wish, **changes), plant=PLANT, meters=standing(), now=NOW)


def asked(database: StateDatabase) -> Case:
    """Return the open case that asks for the seal's replacement."""
    assessment = an_assessment(predictions=(a_prediction(),))
    conclusions = Conclusions(plant=PLANT, assessments=(assessment,), health=(), watermarks=())
    return record(database, conclusions, now=NOW).cases[0].case


def remove(database: StateDatabase, life: PartLife, actor: Actor = LEE, meters: MemoryMeters | None = None, **more):
    removal = replace(Removal(life_id=life.id, reason=RemovalReason.FAILED), **more)
    return record_removal(database, actor, removal, plant=PLANT, meters=meters or standing(), now=NOW)


def lives(database: StateDatabase) -> tuple[PartLife, ...]:
    with database.reading() as session:
        return part_lives.list_lives(session, SYSTEM)


def trail(database: StateDatabase) -> list[str]:
    with database.reading() as session:
        return [each.act.action for each in audit.list_entries(session, SYSTEM)]


def test_a_part_goes_into_an_empty_slot_once(database: StateDatabase) -> None:
    life = installed(database)
    assert lives(database) == (life,)
    assert trail(database) == ["part_installed"]
    with pytest.raises(ConflictError, match="there is a part in seal of pump1 already"):
        installed(database, installed_at=NOW)
    assert lives(database) == (life,)


def test_a_part_that_was_there_already_is_not_there_twice(database: StateDatabase) -> None:
    life = installed(database)
    remove(database, life)
    with database.transaction() as session:
        last = part_lives.open_life_of(session, PUMP, SEAL)
        assert last is not None
        part_lives.close_life(
            session,
            replace(last, removed_at=NOW, meter_at_removal=9e9, removal_reason=RemovalReason.UNKNOWN),
        )
    with pytest.raises(ConflictError, match="already"):
        installed(database)


def test_a_removal_closes_one_life_and_opens_the_next(database: StateDatabase) -> None:
    life = installed(database)
    closed, opened = remove(database, life, note="leaked")
    assert set(lives(database)) == {closed, opened}
    assert (closed.id, closed.removal_reason, closed.meter_at_removal) == (life.id, RemovalReason.FAILED, 3000.0)
    assert (opened.age_at_install, opened.meter_at_install, opened.removed_at) == (0.0, 3000.0, None)
    assert trail(database)[0] == "part_replaced"


def test_the_case_that_asked_for_it_is_told_and_cleared(database: StateDatabase) -> None:
    life, case = installed(database), asked(database)
    remove(database, life)
    with database.reading() as session:
        after = cases.get_case(session, SYSTEM, case.id)
        record_ = cases.history_of(session, SYSTEM, case.id)
        assert predictions.stale(session) == {(PUMP, SEAL)}
    assert (after.cleared_at, after.findings[0].ended_at) == (NOW, NOW)
    assert [(each.kind, each.by) for each in record_][-3:] == [
        (CaseEventKind.PART_REPLACED, "Lee"),
        (CaseEventKind.FINDING_ENDED, "Lee"),
        (CaseEventKind.CLEARED, "Lee"),
    ]


def test_a_case_about_something_else_stays_as_it_is(database: StateDatabase) -> None:
    life = installed(database)
    assessment = an_assessment(a_limit())
    conclusions = Conclusions(plant=PLANT, assessments=(assessment,), health=(), watermarks=())
    case = record(database, conclusions, now=NOW).cases[0].case
    remove(database, life)
    with database.reading() as session:
        assert cases.get_case(session, SYSTEM, case.id) == case


def test_a_removal_that_fails_half_way_leaves_everything_as_it_was(database: StateDatabase) -> None:
    life, case = installed(database), asked(database)
    broken = standing(500.0)
    broken.failing = RuntimeError("the telemetry store is full")
    with pytest.raises(RuntimeError, match="store is full"):
        remove(database, life, meters=broken, meter=3000.0)
    assert lives(database) == (life,)
    with database.reading() as session:
        assert cases.get_case(session, SYSTEM, case.id) == case
        assert predictions.stale(session) == frozenset()


def test_a_meter_that_was_read_beyond_the_reported_one_is_taken_over(database: StateDatabase) -> None:
    meters = standing(2000.0)
    remove(database, installed(database), meters=meters, meter=2500.0)
    assert meters.states[PUMP, HOURS].value == 2500.0
    empty = MemoryMeters()
    with database.reading() as session:
        life = part_lives.open_life_of(session, PUMP, SEAL)
    assert life is not None
    record_removal(
        database,
        LEE,
        Removal(life_id=life.id, reason=RemovalReason.PLANNED, meter=2600.0),
        plant=PLANT,
        meters=empty,
        now=NOW + timedelta(days=1),
    )
    assert empty.states[PUMP, HOURS].value == 2600.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"removed_at": ago(days=101)}, "was put in later"),
        ({"meter": 10.0}, "cannot run backwards"),
        ({"removed_at": NOW + timedelta(days=1)}, "lies in the future"),
    ],
)
def test_an_impossible_removal_leaves_nothing(
    database: StateDatabase, changes: dict[str, object], message: str
) -> None:
    life = installed(database)
    with pytest.raises(InvalidRequestError, match=message):
        remove(database, life, **changes)
    assert lives(database) == (life,)


def test_a_part_comes_off_once_even_when_two_say_so_at_once(database: StateDatabase) -> None:
    life, barrier, outcomes = installed(database), threading.Barrier(2), []

    def work() -> None:
        barrier.wait(10)
        try:
            outcomes.append(remove(database, life))
        except ConflictError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(type(each).__name__ for each in outcomes) == ["ConflictError", "tuple"]
    assert len(lives(database)) == 2


def test_only_those_who_may_can(database: StateDatabase) -> None:
    life = installed(database)
    with pytest.raises(NotAllowedError, match="needs the role technician"):
        remove(database, life, OPERATOR)
    with pytest.raises(NotFoundError):
        remove(database, life, STRANGER)
    with pytest.raises(NotFoundError):
        record_installation(
            database,
            STRANGER,
            Installation(machine=PUMP, slot=SEAL),
            plant=PLANT,
            meters=standing(),
            now=NOW,
        )


def test_an_unknown_place_is_refused(database: StateDatabase) -> None:
    with pytest.raises(NotFoundError, match="no machine pump9"):
        installed(database, machine="pump9")
    with pytest.raises(InvalidRequestError, match="slot: pump1 has seal; not wheel"):
        installed(database, slot=SlotId("wheel"))
