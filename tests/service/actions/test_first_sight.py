"""A part that nobody recorded has a life of unknown age from the moment its meter is known; on both engines."""

from dataclasses import replace
from datetime import timedelta

from configs.plant import LifeUnit, MachineId
from ingest.meter import MeterState
from service.actions.first_sight import open_lives_at_first_sight
from service.actor import SYSTEM
from service.state import audit, part_lives, predictions
from service.state.database import StateDatabase
from service.state.history import StateHistoryStore
from tests.fakes.conclusions import NOW, a_prediction, ns
from tests.fakes.plants import a_plant

PLANT = a_plant()
MACHINE = PLANT.machines[0]


def hours(machine: MachineId = MACHINE.id, value: float = 3000.0) -> MeterState:
    return MeterState(machine=machine, unit=LifeUnit.OPERATING_HOURS, value=value, at_ns=ns(NOW))


def by_hours() -> set[str]:
    return {s.id for s in MACHINE.slots if PLANT.part_type(s.part_type).life_unit is LifeUnit.OPERATING_HOURS}


def test_every_unrecorded_slot_with_a_meter_gets_a_life_of_unknown_age(database: StateDatabase) -> None:
    added = open_lives_at_first_sight(database, PLANT, (), [hours()], now=NOW)
    with database.reading() as session:
        lives = part_lives.open_lives(session, SYSTEM)
        acts = [entry.act.action for entry in audit.list_entries(session, SYSTEM)]
    assert {life.slot for life in lives} == by_hours() != set()
    assert {(life.machine, life.meter_at_install, life.age_at_install) for life in lives} == {
        (MACHINE.id, 3000.0, None)
    }
    assert acts == ["part_first_seen"] * added


def test_a_slot_that_has_or_had_a_life_is_left_alone(database: StateDatabase) -> None:
    recorded = {(MACHINE.id, slot.id) for slot in MACHINE.slots}
    assert open_lives_at_first_sight(database, PLANT, recorded, [hours()], now=NOW) == 0


def test_a_machine_whose_meter_nobody_knows_waits(database: StateDatabase) -> None:
    assert open_lives_at_first_sight(database, PLANT, (), [], now=NOW) == 0
    assert open_lives_at_first_sight(database, PLANT, (), [hours(MachineId("another"))], now=NOW) == 0
    with database.reading() as session:
        assert part_lives.open_lives(session, SYSTEM) == ()


def test_the_record_of_a_part_takes_the_place_of_what_was_only_seen(database: StateDatabase) -> None:
    open_lives_at_first_sight(database, PLANT, (), [hours()], now=NOW)
    with database.reading() as session:
        seen = part_lives.open_lives(session, SYSTEM)[0]
    record = replace(seen, id="from-the-book", installed_at=NOW - timedelta(days=90), age_at_install=0.0)
    history = StateHistoryStore(database, PLANT, lambda: NOW)
    assert history.add_history([record], [], []) == 1
    assert history.add_history([record], [], []) == 0
    with database.reading() as session:
        assert part_lives.open_life_of(session, seen.machine, seen.slot) == record


def test_what_was_said_before_a_part_was_seen_is_said_anew(database: StateDatabase) -> None:
    slot = min(by_hours())
    said = replace(a_prediction(slot), machine=MACHINE.id, made_at=NOW - timedelta(minutes=1))
    with database.transaction() as session:
        predictions.save(session, [said], {MACHINE.id: MACHINE.site})
    open_lives_at_first_sight(database, PLANT, (), [hours()], now=NOW)
    with database.reading() as session:
        assert predictions.stale(session) == {(MACHINE.id, slot)}
