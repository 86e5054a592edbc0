"""Fits the forecast of a machine's sensors on rows from when it was well."""

from dataclasses import dataclass, replace

import numpy as np

from models.artefact import Matrix
from models.errors import NotEnoughDataError
from models.state_detection.forecast_residual import (
    ForecastModel,
    forecast_score,
    lagged,
    largest_deviation,
    residuals,
    standardise,
)

PENALTY = 10.0
LEAST_ROWS = 50
HIGH = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastRule:
    """How a forecast is made: from so many rows, smoothed with a weight, alarmed at so many times the usual high score."""

    lags: int = 2
    weight: float = 0.1
    margin: float = 3.0


def fit_forecast(values: Matrix, rule: ForecastRule = ForecastRule()) -> ForecastModel:
    """Return the forecast learnt from consecutive rows (n, k), all readings there.

    Raises
    ------
    NotEnoughDataError
        If there are too few rows, or a reading is missing.
    """
    if values.shape[0] < LEAST_ROWS or not np.isfinite(values).all():
        raise NotEnoughDataError(
            f"a forecast is learnt from at least {LEAST_ROWS} consecutive rows without a gap; {values.shape[0]} were given"
        )
    scale = values.std(axis=0)
    blank = ForecastModel(
        location=values.mean(axis=0),
        scale=np.where(scale > 0, scale, 1.0),
        lags=rule.lags,
        weights=np.zeros((rule.lags * values.shape[1] + 1, values.shape[1])),
        usual=np.ones(values.shape[1]),
        weight=rule.weight,
    )
    forecast = replace(
        blank, weights=_ridge(lagged(standardise(blank, values), rule.lags), standardise(blank, values)[rule.lags :])
    )
    usual = residuals(forecast, values).std(axis=0)
    return _calibrated(replace(forecast, usual=np.where(usual > 0, usual, 1.0)), values, rule)


def _ridge(rows: Matrix, told: Matrix) -> Matrix:
    """Return the weights of a ridge regression whose last column, the constant, carries no penalty."""
    penalty = PENALTY * np.eye(rows.shape[1])
    penalty[-1, -1] = 0.0
    return np.asarray(np.linalg.solve(rows.T @ rows + penalty, rows.T @ told))


def _calibrated(model: ForecastModel, values: Matrix, rule: ForecastRule) -> ForecastModel:
    largest = largest_deviation(model, values)[rule.lags :]
    middle, high = np.quantile(largest, [0.5, HIGH]).tolist()
    placed = replace(model, middle=middle, spread=max(high - middle, 1e-9))
    score, known = forecast_score(placed, values)
    return replace(placed, threshold=max(rule.margin * float(np.quantile(score[known], HIGH)), 1e-9))
