"""Lessons from a small plant whose parts fail at a third of the nominal limit, long before the catalogue says."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from configs.instant import ns_of
from configs.plant import LifeUnit, Machine, MachineId
from models.lesson import AS_SAID, USUAL_WEAR
from models.training.plant_history import Archive, Occupied, PlantHistory, as_known
from models.training.prognosis import learn_lessons
from tests.fakes.parts import NOW
from tests.fakes.worn_plants import BEGAN, HOUR_NS, PART, SLOT, a_worn_plant


@pytest.fixture(scope="module")
def history() -> PlantHistory:
    return a_worn_plant(6, np.random.default_rng(5))


def test_failures_teach_where_parts_fail_and_what_predictions_were_worth(history: PlantHistory) -> None:
    (lessons,) = learn_lessons(history).values()
    lesson = lessons[PART.id]
    assert lesson.wear.lives == len([life for life in history.lives if life.removed_at is not None])
    assert lesson.wear.gain.level < 0.6 * USUAL_WEAR.gain.level
    assert {machine for machine, _ in lesson.wear.own} == {machine.id for machine in history.machines}
    assert all(gain.level == pytest.approx(33.0, rel=0.35) for gain in lesson.wear.own.values())
    assert lesson.calm.lives + lesson.showing.lives == pytest.approx(lesson.coverage.of, abs=0.01)
    assert lesson.coverage.inside / lesson.coverage.of > 0.6
    assert lesson.showing is not AS_SAID


def test_learning_is_repeatable(history: PlantHistory) -> None:
    (first,), (second,) = learn_lessons(history).values(), learn_lessons(history).values()
    assert first[PART.id].wear.own == second[PART.id].wear.own
    assert first[PART.id].calm.happened.tolist() == second[PART.id].calm.happened.tolist()


def test_a_history_without_condition_teaches_nothing(history: PlantHistory) -> None:
    (lessons,) = learn_lessons(replace(history, hours={})).values()
    assert lessons[PART.id].wear is USUAL_WEAR
    assert lessons[PART.id].calm is AS_SAID


def test_what_was_known_of_a_slot_holds_nothing_that_came_later(history: PlantHistory) -> None:
    """The past is predicted from the past: whatever happens after a moment changes nothing of its evidence."""
    at = BEGAN + timedelta(days=100)
    archive = Archive(history)
    machine = history.machines[0]
    life = archive.part_in(machine.id, SLOT, at)
    assert life is not None
    evidence = archive.evidence(Occupied(machine=machine, slot=machine.slots[0], life=life), at)
    assert evidence.life is not None
    assert (evidence.life.removed_at, evidence.life.removal_reason) == (None, None)
    assert evidence.indicator is not None
    assert int(evidence.indicator.hours_ns.max()) + HOUR_NS <= ns_of(at)
    assert evidence.meter == pytest.approx(2000.0, abs=1.0)


def test_lives_as_known_leave_out_what_came_later(history: PlantHistory) -> None:
    at: datetime = BEGAN + timedelta(days=100)
    known = as_known(history.lives, at)
    assert all(life.installed_at <= at for life in known)
    assert all(life.removed_at is None or life.removed_at <= at for life in known)


def test_calendar_days_need_no_record(history: PlantHistory) -> None:
    archive = Archive(history)
    assert archive.meter(MachineId("nobody"), LifeUnit.CALENDAR_DAYS, NOW) == NOW.timestamp() / 86_400.0
    assert archive.meter(MachineId("nobody"), LifeUnit.SHOTS, NOW) == 0.0


def test_machines_and_slots_that_are_gone_teach_nothing(history: PlantHistory) -> None:
    bare: tuple[Machine, ...] = tuple(replace(machine, slots=()) for machine in history.machines)
    (lessons,) = learn_lessons(replace(history, machines=bare)).values()
    assert lessons == {}
