"""Made-up worlds: the same seed gives the same lives, and the truth that is told is that of the life."""

import numpy as np
import pytest

from benchmarks.life_worlds import WORLDS, make_world

QUICK = sorted(set(WORLDS) - {"long-lives"})


@pytest.mark.parametrize("name", QUICK)
def test_a_world_is_what_it_says_and_the_same_every_time(name: str) -> None:
    world, found, again = WORLDS[name], make_world(name, 1), make_world(name, 1)
    train = found.lives.trajectories
    np.testing.assert_array_equal(train.sensors, again.lives.trajectories.sensors)
    np.testing.assert_array_equal(found.left, again.left)
    assert len(train.units) == world.units
    assert train.sensors.shape[1] == world.sensors + world.constant
    assert (np.diff(train.age)[np.diff(train.unit) == 0] > 0).all()
    assert (found.left > 0).all()
    assert found.lives.failed.all() == (world.censored == 0.0)


def test_another_seed_gives_other_lives() -> None:
    assert not np.array_equal(make_world("shocks", 1).left, make_world("shocks", 2).left)
