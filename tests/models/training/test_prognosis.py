"""Lessons from a small plant whose parts fail at a third of the nominal limit, long before the catalogue says."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from configs.instant import ns_of
from configs.plant import LifeUnit, Machine, MachineId, SlotId
from ingest.meter import MeterState
from ingest.part_life import PartLife, RemovalReason
from ingest.ports import ConditionBlock
from models.lesson import AS_SAID, USUAL_WEAR
from models.training.plant_history import Archive, Occupied, PlantHistory, as_known
from models.training.prognosis import learn_lessons
from tests.fakes.parts import NOW, a_life
from tests.fakes.plants import a_machine, a_part_type

HOUR_NS = 3_600_000_000_000
DAYS = 240
BEGAN = NOW - timedelta(days=DAYS)
PART = a_part_type()
SLOT = SlotId("seal")


def a_life_of(machine: MachineId, number: int, begun: float, days: float) -> PartLife:
    """Return a part that was in a slot for so many days, at 20 hours of operation a day; days count from the beginning."""
    ended = begun + days < DAYS
    life = a_life(id=f"{machine}.{number}", machine=machine, slot=SLOT, part_type=PART.id, age_at_install=0.0)
    return replace(
        life,
        installed_at=BEGAN + timedelta(days=begun),
        meter_at_install=20.0 * begun,
        removed_at=BEGAN + timedelta(days=begun + days) if ended else None,
        meter_at_removal=20.0 * (begun + days) if ended else None,
        removal_reason=RemovalReason.FAILED if ended else None,
    )


def a_history(machines: int, rng: np.random.Generator) -> PlantHistory:
    """Return machines whose parts last some 45 days and reach a third of the nominal limit as they fail."""
    plant, lives, hours, meters = [], [], {}, []
    for number in range(machines):
        machine = replace(
            a_machine(f"m{number}"), slots=(replace(a_machine("x").slots[0], id=SLOT, part_type=PART.id),)
        )
        begun, values = 0.0, np.empty(0)
        for k in range(40):
            days = float(rng.uniform(30, 60))
            lives.append(a_life_of(machine.id, k, begun, days))
            wear = 33.0 * np.clip((np.arange(int(days * 24)) / (days * 24) - 0.5) / 0.5, 0, 1) ** 2
            values = np.concatenate([values, wear])
            begun += days
            if begun > DAYS:
                break
        values = values[: DAYS * 24] + rng.normal(0, 3, DAYS * 24)
        at = ns_of(BEGAN) + np.arange(values.size) * HOUR_NS
        hours[machine.id] = ConditionBlock(
            machines=np.full(values.size, machine.id, dtype=object), keys=np.full(values.size, SLOT, dtype=object),
            hours_ns=at, values=values, weights=np.full(values.size, 60.0),
        )  # fmt: skip
        meters.append(MeterState(machine=machine.id, unit=PART.life_unit, value=20.0 * DAYS, at_ns=ns_of(NOW)))
        plant.append(machine)
    return PlantHistory(
        machines=tuple(plant),
        part_types={PART.id: PART},
        lives=tuple(lives),
        meters=tuple(meters),
        hours=hours,
        until=NOW,
    )


@pytest.fixture(scope="module")
def history() -> PlantHistory:
    return a_history(6, np.random.default_rng(5))


def test_failures_teach_where_parts_fail_and_what_predictions_were_worth(history: PlantHistory) -> None:
    (lessons,) = learn_lessons(history).values()
    lesson = lessons[PART.id]
    assert lesson.wear.lives == len([life for life in history.lives if life.removed_at is not None])
    assert lesson.wear.level() < 0.6 * USUAL_WEAR.level()
    assert lesson.calm.lives + lesson.showing.lives == pytest.approx(lesson.coverage.of, abs=0.01)
    assert lesson.coverage.inside / lesson.coverage.of > 0.6
    assert lesson.showing is not AS_SAID


def test_learning_is_repeatable(history: PlantHistory) -> None:
    (first,), (second,) = learn_lessons(history).values(), learn_lessons(history).values()
    assert first[PART.id].wear.gain.tolist() == second[PART.id].wear.gain.tolist()
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
