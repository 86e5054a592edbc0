import numpy as np
import pytest

from models.errors import NotEnoughDataError
from models.state_detection.forecast_residual import forecast_score
from models.training.forecast_residual import ForecastRule, fit_forecast

RULE = ForecastRule()


def moving(rows: int = 600, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = np.zeros((rows, 3))
    for i in range(1, rows):
        values[i] = 0.8 * values[i - 1] + rng.standard_normal(3)
    values[:, 2] = 0.5 * values[:, 0] + 0.05 * rng.standard_normal(rows)
    return values


def test_what_goes_on_as_before_stays_below_the_threshold_and_a_broken_relation_does_not() -> None:
    values = moving()
    values[500:, 2] *= -3.0
    score, known = forecast_score(fit_forecast(values[:400], RULE), values)
    assert np.nanmax(score[400:500]) < 1.0
    assert score[520] > 1.0
    assert known[2:].all()


def test_scores_do_not_depend_on_later_rows() -> None:
    values = moving()
    model = fit_forecast(values[:400], RULE)
    np.testing.assert_allclose(forecast_score(model, values[:450])[0], forecast_score(model, values)[0][:450])


def test_a_missing_reading_has_no_score_and_spoils_no_later_one() -> None:
    values = moving()
    model = fit_forecast(values[:400], RULE)
    values[450, 1] = np.nan
    score, known = forecast_score(model, values)
    assert np.flatnonzero(~known).tolist() == [0, 1, 450, 451, 452]
    assert np.isfinite(score[453:]).all()


def test_a_sensor_that_never_moved_is_no_trouble_and_gaps_are_refused() -> None:
    values = moving()
    values[:, 1] = 4.0
    assert np.isfinite(forecast_score(fit_forecast(values[:400], RULE), values)[0][2:]).all()
    with pytest.raises(NotEnoughDataError, match="50 consecutive rows"):
        fit_forecast(values[:30], RULE)
    values[5, 0] = np.nan
    with pytest.raises(NotEnoughDataError, match="without a gap"):
        fit_forecast(values[:400], RULE)
