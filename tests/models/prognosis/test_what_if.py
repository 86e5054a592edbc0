from dataclasses import replace

import numpy as np
import pytest

from configs.plant import StressLaw
from models.errors import NotEnoughDataError
from models.prognosis.change_test import Lives, Outcome, common_shape, lives_changed
from models.prognosis.what_if import life_factor
from tests.fakes.plants import JUDGED

LAW = StressLaw(stress="torque", reference=10.0, exponent=3.0, exponent_sd=0.5, source=JUDGED)


def test_less_torque_is_more_life_the_more_of_the_wear_it_drives_the_more() -> None:
    """All of the wear following the law, ten per cent less would be 37 % more life; a quarter of it, 7 %."""
    factor = life_factor(LAW, -0.1)
    assert 1.07 < factor.p10 < factor.median < factor.p90 < 1.3717
    more = life_factor(LAW, 0.1)
    assert more.p10 < more.median < more.p90 < 1.0


def test_more_stress_lengthens_no_life_however_vague_the_law() -> None:
    vague = replace(LAW, exponent=0.2, exponent_sd=1.0)
    assert life_factor(vague, -0.1).p10 == 1.0
    assert life_factor(LAW, 0.0).median == pytest.approx(1.0)


@pytest.mark.parametrize("change", [-1.0, 10.0, float("nan")])
def test_a_change_that_no_law_covers_is_refused(change: float) -> None:
    with pytest.raises(NotEnoughDataError, match="outside what a stress law covers"):
        life_factor(LAW, change)


def lives(scale: float, n: int, *, seed: int = 1, shape: float = 2.0) -> Lives:
    """Return lives at evenly spread quantiles of their distribution, so that an outcome does not hang on luck."""
    quantiles = (np.arange(n) + 0.5) / max(n, 1)
    exits = scale * (-np.log1p(-quantiles)) ** (1.0 / shape)
    return Lives(entry=np.zeros(n), exit=exits, failed=np.ones(n, dtype=bool))


def test_lives_that_are_longer_after_a_change_are_found() -> None:
    found = lives_changed(lives(1000.0, 20), lives(1600.0, 20))
    assert found.outcome is Outcome.LONGER
    assert found.ratio == pytest.approx(1.6, rel=0.02)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 1.6 < found.high
    assert found.more_failures == 0
    assert lives_changed(lives(1600.0, 20), lives(1000.0, 20)).outcome is Outcome.SHORTER


def test_what_cannot_be_decided_says_how_much_is_lacking() -> None:
    same = lives_changed(lives(1000.0, 6), lives(1000.0, 6))
    assert same.outcome is Outcome.UNDECIDED
    assert same.more_failures > 10
    enough = lives_changed(lives(1000.0, 400), lives(1010.0, 400))
    assert (enough.outcome, enough.more_failures) == (Outcome.UNDECIDED, 0)


def test_too_few_failures_say_nothing() -> None:
    few = lives_changed(lives(1000.0, 20), lives(1000.0, 2))
    assert (few.outcome, few.ratio, few.failures_after) == (Outcome.TOO_FEW, None, 2)
    assert few.more_failures > 0


def test_parts_that_were_taken_off_and_parts_that_came_in_old_count_as_long_as_they_were_seen() -> None:
    before = lives(1000.0, 20)
    censored = replace(
        lives(1600.0, 40), failed=np.arange(40) % 2 == 0, exit=np.minimum(lives(1600.0, 40).exit, 1500.0)
    )
    old = replace(lives(1600.0, 20), entry=lives(1600.0, 20).exit * 0.5)
    assert lives_changed(before, censored).outcome is Outcome.LONGER
    assert lives_changed(before, old).ratio < lives_changed(before, lives(1600.0, 20)).ratio  # type: ignore[operator]
    assert common_shape(before, lives(1600.0, 20)) == pytest.approx(2.1, abs=0.25)
