import numpy as np
import pytest

from models.errors import NotEnoughDataError
from models.prognosis.decision import age_policy
from models.prognosis.empirical import empirical_age_table, empirical_life, renewal_failures

NO = np.zeros(400, dtype=bool)


def exponential(rng: np.random.Generator, scale: float = 40.0) -> np.ndarray:
    return rng.exponential(scale, 400)


def test_lives_with_a_time_in_which_nothing_fails_are_replaced_at_its_end() -> None:
    lives = 44.5 + exponential(np.random.default_rng(2))
    life = empirical_life(np.zeros(400), lives, ~NO, NO, 1.0)
    assert age_policy(empirical_age_table(life), 10.0).age == 44.0


def test_lives_without_wear_run_to_failure() -> None:
    life = empirical_life(np.zeros(400), exponential(np.random.default_rng(2)), ~NO, NO, 2.0)
    assert age_policy(empirical_age_table(life), 3.0).age > 100.0


def test_a_life_seen_from_an_age_on_counts_only_from_there() -> None:
    rng = np.random.default_rng(4)
    lives, entry = exponential(rng, 100.0), rng.uniform(0.0, 150.0, 400)
    seen = lives > entry
    late = empirical_life(entry[seen], lives[seen], ~NO[seen], NO[seen], 10.0)
    table = empirical_age_table(late)
    assert table.failed[9, 0] == pytest.approx(1.0 - np.exp(-1.0), abs=0.08)
    assert table.run[-1, 0] == pytest.approx(100.0, rel=0.25)


def test_successors_fail_too_and_planned_replacements_prevent() -> None:
    rng = np.random.default_rng(4)
    lives = 20.0 + exponential(rng, 10.0)
    runs = empirical_life(np.zeros(400), lives, ~NO, NO, 1.0)
    cared = empirical_life(np.zeros(400), np.full(400, 15.0), NO, ~NO, 1.0)
    failures = renewal_failures(runs, np.zeros(50), 300, 40, rng)[:, -1].mean()
    assert failures == pytest.approx(50 * 300.0 / 30.0, rel=0.1)
    assert renewal_failures(cared, np.zeros(50), 300, 4, rng)[:, -1].mean() < 0.02 * failures


@pytest.mark.parametrize(
    ("entry", "exit_", "says"),
    [([], [], "no lives"), ([0.0], [np.nan], "no lives"), ([-1.0], [2.0], "negative"), ([3.0], [2.0], "backwards")],
)
def test_ages_that_make_no_sense_are_refused(entry: list[float], exit_: list[float], says: str) -> None:
    flags = np.ones(len(entry), dtype=bool)
    with pytest.raises(NotEnoughDataError, match=says):
        empirical_life(np.array(entry), np.array(exit_), flags, ~flags, 1.0)
