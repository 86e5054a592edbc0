from dataclasses import replace

import numpy as np

from models.features.trajectories import Fault, Trouble, clock_troubles
from tests.fakes.lives_to_failure import some_lives


def test_units_keep_their_rows_when_some_are_chosen() -> None:
    lives = some_lives(3)
    kept = lives.only(np.array([True, False, True]))
    assert kept.units == ("u0", "u2")
    np.testing.assert_array_equal(kept.sensors[kept.unit == 1], lives.sensors[lives.unit == 2])
    np.testing.assert_array_equal(kept.ends(), lives.ends()[[0, 2]])


def test_a_unit_cut_at_a_row_knows_nothing_later() -> None:
    lives = some_lives(3)
    row = int(lives.bounds()[1]) + 4
    cut = lives.until(np.array([row, 2]))
    assert cut.units == (f"u1@{row}", "u0@2")
    np.testing.assert_array_equal(cut.age[cut.unit == 0], lives.age[row - 4 : row + 1])
    np.testing.assert_array_equal(cut.sensors[cut.unit == 1], lives.sensors[:3])


def test_a_unit_without_rows_has_no_last_age() -> None:
    lives = replace(some_lives(2), units=("u0", "u1", "empty"))
    assert np.isnan(lives.ends()[2])
    assert clock_troubles(lives) == (Trouble(unit=2, fault=Fault.NO_ROWS),)


def test_ages_that_make_no_sense_are_found() -> None:
    lives = some_lives(4)
    age, first = lives.age.copy(), lives.bounds()
    age[first[0]] = np.nan
    age[first[1]] = -3.0
    age[first[2] + 5] = 1.5
    assert clock_troubles(replace(lives, age=age)) == (
        Trouble(unit=0, fault=Fault.AGE_MISSING),
        Trouble(unit=1, fault=Fault.AGE_NEGATIVE, subject="-3"),
        Trouble(unit=2, fault=Fault.CLOCK_BACK, subject="1.5"),
    )
