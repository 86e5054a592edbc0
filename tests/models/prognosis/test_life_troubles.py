from dataclasses import replace

import numpy as np
import pytest

from models.features.trajectories import Fault, Trajectories, Trouble
from models.prognosis.life_troubles import habit_of, troubles_of
from tests.fakes.lives_to_failure import a_rule, some_lives, with_sensor

LIVES = some_lives(8, rows=90, regimes=2)
RULE = a_rule(LIVES)
HABIT = habit_of(LIVES, RULE.used, float(LIVES.ends().max()))
LAST = LIVES.bounds()[1]


def found(lives: Trajectories) -> tuple[Trouble, ...]:
    return troubles_of(lives, RULE, HABIT)


def test_lives_like_those_learnt_give_no_trouble() -> None:
    assert found(LIVES) == ()


@pytest.mark.parametrize(
    ("value", "fault"),
    [(np.nan, Fault.SENSOR_SILENT), (1.25, Fault.SENSOR_STUCK)],
)
def test_a_sensor_that_fell_silent_or_stuck_is_named(value: float, fault: Fault) -> None:
    troubled = with_sensor(LIVES, slice(LAST - 40, LAST), 1, value)
    assert found(troubled) == (Trouble(unit=0, fault=fault, subject="falling"),)


@pytest.mark.parametrize(("value", "fault"), [(np.nan, Fault.SENSOR_SILENT), (1.25, Fault.SENSOR_STUCK)])
def test_a_sensor_that_never_said_anything_new_is_named(value: float, fault: Fault) -> None:
    troubled = with_sensor(LIVES, LIVES.unit == 0, 0, value)
    assert found(troubled) == (Trouble(unit=0, fault=fault, subject="rising"),)


def test_a_sensor_that_is_missing_now_and_then_is_no_trouble() -> None:
    assert found(with_sensor(LIVES, np.arange(LAST - 3, LAST), 1, np.nan)) == ()


def test_a_regime_that_was_never_seen_is_told() -> None:
    settings = LIVES.settings.copy()
    settings[LAST - 10 : LAST] = 77.0
    assert found(replace(LIVES, settings=settings)) == (Trouble(unit=0, fault=Fault.REGIME_UNSEEN),)


def test_a_unit_far_older_than_any_is_told_and_a_clock_that_went_back() -> None:
    age = LIVES.age.copy()
    age[LAST - 1] = 1e4
    assert found(replace(LIVES, age=age))[0] == Trouble(unit=0, fault=Fault.AGE_UNSEEN, subject="10000")
    age[LAST - 1] = 0.5
    assert found(replace(LIVES, age=age)) == (Trouble(unit=0, fault=Fault.CLOCK_BACK, subject="0.5"),)


def test_where_time_tells_no_age_it_counts_from_the_first_row() -> None:
    rule = replace(RULE, clock=replace(RULE.clock, from_first_row=True))
    assert troubles_of(replace(LIVES, age=LIVES.age + 1e5), rule, HABIT) == ()
