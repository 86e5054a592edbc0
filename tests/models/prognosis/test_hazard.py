import numpy as np
import pytest

from models.errors import NotEnoughDataError
from models.prognosis.hazard import answerable, failure_probability, missing_features
from models.training.hazard import Landmarks, fit_hazard
from models.training.metrics import roc_auc

HORIZONS = np.array([5.0, 20.0])


def moments(size: int = 3000, seed: int = 1, *, told: bool = True) -> Landmarks:
    """Parts whose wear shortens what is left; four in ten are taken off before, whatever their wear."""
    rng = np.random.default_rng(seed)
    wear = rng.uniform(0.0, 1.0, size)
    life = rng.exponential(40.0 * np.exp(-2.0 * wear))
    taken = np.where(rng.random(size) < 0.4, rng.uniform(0.0, 40.0, size), np.inf)
    shown = wear if told else rng.permutation(wear)
    sometimes = np.where(rng.random(size) < 0.3, np.nan, rng.standard_normal(size))
    return Landmarks(
        names=("wear", "sometimes"),
        rows=np.column_stack([shown, sometimes]),
        time=np.minimum(life, taken),
        failed=life <= taken,
        upto=np.full(size, 100.0),
    )


def test_worn_parts_fail_sooner_and_probabilities_are_what_comes_true() -> None:
    model = fit_hazard(moments(), HORIZONS, seed=3)
    rng = np.random.default_rng(9)
    wear = rng.uniform(0.0, 1.0, 2000)
    said = failure_probability(model, np.column_stack([wear, np.full(2000, np.nan)]))
    assert (np.diff(said, axis=1) >= 0).all()
    truth = 1.0 - np.exp(-HORIZONS / (40.0 * np.exp(-2.0 * wear))[:, None])
    assert np.abs(said - truth).mean() < 0.06


def test_shuffled_labels_stay_at_chance() -> None:
    model = fit_hazard(moments(told=False), HORIZONS, seed=3)
    fresh = moments(seed=2)
    outcome = fresh.failed & (fresh.time <= 20.0)
    assert roc_auc(failure_probability(model, fresh.rows)[:, 1], outcome) == pytest.approx(0.5, abs=0.06)


def test_a_row_that_lacks_what_was_always_there_gets_no_number_and_says_what() -> None:
    model = fit_hazard(moments(), HORIZONS, seed=3)
    rows = np.array([[np.nan, 1.0], [0.5, np.nan]])
    assert answerable(model, rows).tolist() == [False, True]
    said = failure_probability(model, rows)
    assert np.isnan(said[0]).all()
    assert np.isfinite(said[1]).all()
    assert missing_features(model, rows[0]) == ("wear",)
    assert np.isnan(failure_probability(model, rows[:1])).all()


def test_moments_that_the_data_end_before_do_not_count() -> None:
    own = moments()
    short = Landmarks(
        names=own.names, rows=own.rows, time=own.time, failed=own.failed, upto=np.full(own.time.size, 6.0)
    )
    assert short.reaching(5.0).time.size == own.time.size
    with pytest.raises(NotEnoughDataError, match="within 20"):
        fit_hazard(short, HORIZONS, seed=3)


def test_a_feature_without_a_value_and_a_time_below_nothing_are_refused() -> None:
    own = moments(50)
    empty = np.column_stack([own.rows[:, 0], np.full(50, np.nan)])
    with pytest.raises(NotEnoughDataError, match="sometimes carries no value"):
        fit_hazard(
            Landmarks(names=own.names, rows=empty, time=own.time, failed=own.failed, upto=own.upto), HORIZONS, seed=1
        )
    with pytest.raises(NotEnoughDataError, match="less than no time"):
        fit_hazard(
            Landmarks(names=own.names, rows=own.rows, time=own.time - 99.0, failed=own.failed, upto=own.upto),
            HORIZONS,
            seed=1,
        )
