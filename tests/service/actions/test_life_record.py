"""Corrections and imports of part lives stand with their trail, on both engines."""

from dataclasses import replace

import pytest

from configs.plant import MachineId, SlotId
from ingest.part_life import PartLife, RemovalReason
from service.actions.life_record import correct_life, import_lives
from service.actions.part_lives import Installation, Removal, record_installation, record_removal
from service.advisory.life_record import Record
from service.errors import InvalidRequestError, NotFoundError
from service.state import audit, part_lives
from service.state.database import StateDatabase
from tests.fakes.conclusions import NOW, ago
from tests.service.actions.test_part_lives import LEE, PLANT, STRANGER, standing


def two_lives(database: StateDatabase) -> tuple[PartLife, PartLife]:
    wish = Installation(machine="pump1", slot=SlotId("seal"), installed_at=ago(days=100), meter=1000.0)
    life = record_installation(database, LEE, wish, plant=PLANT, meters=standing(), now=NOW)
    removal = Removal(life_id=life.id, reason=RemovalReason.FAILED, removed_at=ago(days=10), meter=2500.0)
    return record_removal(database, LEE, removal, plant=PLANT, meters=standing(), now=NOW)


def record(life: PartLife, **changes: object) -> Record:
    whole = Record(
        installed_at=life.installed_at,
        meter_at_install=life.meter_at_install,
        age_at_install=life.age_at_install,
        removed_at=life.removed_at,
        meter_at_removal=life.meter_at_removal,
        removal_reason=life.removal_reason,
    )
    return replace(whole, **changes)


def lives(database: StateDatabase) -> tuple[PartLife, ...]:
    with database.reading() as session:
        return part_lives.all_lives(session)


def test_a_correction_moves_the_next_life_along_and_leaves_its_trail(database: StateDatabase) -> None:
    closed, opened = two_lives(database)
    found = correct_life(
        database, LEE, closed.id, record(closed, removed_at=ago(days=20), meter_at_removal=2300.0), now=NOW
    )
    assert lives(database) == (found.life, found.next_life)
    assert found.next_life == replace(opened, installed_at=ago(days=20), meter_at_install=2300.0)
    with database.reading() as session:
        trail = audit.entries_of(session, LEE, "part_life", closed.id)
        assert audit.entries_of(session, STRANGER, "part_life", closed.id) == ()
    assert [entry.act.action for entry in trail] == ["part_installed", "part_replaced", "part_life_corrected"]
    assert "at 2500" in str(trail[-1].act.before)
    assert "at 2300" in str(trail[-1].act.after)
    simple = correct_life(database, LEE, closed.id, record(found.life, age_at_install=None), now=NOW)
    assert (simple.life.age_at_install, simple.next_life) == (None, None)


def test_a_refused_correction_changes_nothing(database: StateDatabase) -> None:
    before = two_lives(database)
    with pytest.raises(InvalidRequestError):
        correct_life(database, LEE, before[0].id, record(before[0], meter_at_removal=1.0), now=NOW)
    with pytest.raises(NotFoundError):
        correct_life(database, STRANGER, before[0].id, record(before[0]), now=NOW)
    assert lives(database) == before


def test_an_import_keeps_all_lives_or_none_and_repeats_nothing(database: StateDatabase) -> None:
    _, opened = two_lives(database)
    old = replace(
        opened,
        id="old1",
        installed_at=ago(days=300),
        meter_at_install=0.0,
        removed_at=ago(days=200),
        meter_at_removal=900.0,
        removal_reason=RemovalReason.PLANNED,
    )
    clash = replace(old, id="old2", installed_at=ago(days=250))
    with pytest.raises(InvalidRequestError, match="pump1 seal 2026-03-19: installed_at: another part"):
        import_lives(database, LEE, [old, clash], plant=PLANT, now=NOW)
    assert len(lives(database)) == 2
    assert import_lives(database, LEE, [old], plant=PLANT, now=NOW) == 1
    assert import_lives(database, LEE, [old], plant=PLANT, now=NOW) == 0
    assert lives(database)[0] == old


def test_the_record_of_a_part_that_was_only_seen_takes_its_place(database: StateDatabase) -> None:
    wish = Installation(machine="pump2", slot=SlotId("seal"), installed_at=ago(days=5), meter=100.0, age=None)
    seen = record_installation(database, LEE, wish, plant=PLANT, meters=standing(), now=NOW)
    recorded = replace(seen, id="rec", machine=MachineId("pump2"), installed_at=ago(days=50), age_at_install=0.0)
    assert import_lives(database, LEE, [recorded], plant=PLANT, now=NOW) == 1
    assert lives(database) == (recorded,)
