from dataclasses import replace

import numpy as np
import pytest

from models.features.life_grid import STEPS_PER_LIFE, life_clock, on_grid
from models.features.operating_regime import fit_regimes
from tests.fakes.lives_to_failure import some_lives

ALL = np.array([0, 1, 2])


def test_short_lives_keep_every_row_and_long_ones_are_thinned() -> None:
    short, long_ = life_clock(some_lives(4, rows=60)), life_clock(some_lives(4, rows=5000, step=0.5))
    assert short.step == 1.0
    assert long_.step == pytest.approx(0.5 * round(long_.usual_life / 0.5 / STEPS_PER_LIFE))
    assert short.steps(100.0) == pytest.approx(100.0 * short.usual_life / 200.0, abs=1.0)
    assert short.steps(0.1) == 2


def test_a_clock_that_starts_anywhere_tells_no_age() -> None:
    lives = some_lives(4)
    shifted = replace(lives, age=lives.age + 1000.0 * lives.unit)
    assert not life_clock(lives).from_first_row
    clock = life_clock(shifted)
    assert clock.from_first_row
    scale = fit_regimes(lives.settings, lives.sensors)
    assert on_grid(shifted, 3, scale, clock, ALL).age[0] == 0.0


def test_a_step_holds_the_mean_of_its_rows_and_an_empty_one_nothing() -> None:
    lives = some_lives(2, rows=40)
    first, end = lives.bounds()[:2]
    scale, clock = fit_regimes(lives.settings, lives.sensors), life_clock(lives)
    whole = on_grid(lives, 0, scale, clock, ALL)
    assert whole.values.shape == (end - first, 3)
    gap = np.ones(lives.unit.size, dtype=bool)
    gap[5:8] = False
    holed = on_grid(
        replace(
            lives, unit=lives.unit[gap], age=lives.age[gap], settings=lives.settings[gap], sensors=lives.sensors[gap]
        ),
        0,
        scale,
        clock,
        ALL,
    )
    assert (holed.last_row[5:8] == -1).all()
    assert np.isnan(holed.values[5:8]).all()
    assert holed.age[6] == holed.age[4]
    np.testing.assert_array_equal(holed.values[8:], whole.values[8:])


def test_one_row_alone_makes_one_step() -> None:
    lives = some_lives(3)
    alone = lives.until(np.array([0]))
    clock = life_clock(alone)
    assert on_grid(alone, 0, fit_regimes(lives.settings, lives.sensors), clock, ALL).values.shape == (1, 3)
