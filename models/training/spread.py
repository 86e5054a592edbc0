"""Robust location and scale of features, and how much a short, persistent sample must be distrusted."""

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.stats import norm, t

from models.artefact import Matrix, Vector

NORMAL_CONSISTENT = 1.4826
LEAST_VALUES = 10
TAIL = 0.999
FADED = 0.1
"""Autocorrelation below this is noise."""

LEAST_INDEPENDENT = 1.5


def column_values(rows: Matrix) -> list[NDArray[np.float64]]:
    """Return the values of each column without the missing ones; none where there are too few to learn from."""
    columns = [column[np.isfinite(column)] for column in rows.T]
    return [column if column.size >= LEAST_VALUES else column[:0] for column in columns]


def centre(rows: Matrix) -> Vector:
    """Return the median of each column of (n, m), NaN where there are too few values."""
    return np.array([np.median(column) if column.size else np.nan for column in column_values(rows)])


def quantile(values: Vector, share: float) -> float:
    """Return a quantile of the finite values, NaN where there is none."""
    finite = values[np.isfinite(values)]
    return float(np.quantile(finite, share)) if finite.size else float("nan")


def robust_scale(rows: Matrix) -> Vector:
    """Return the scale of each column of (n, m), NaN where it never varies or has too few values.

    The median absolute deviation resists outliers; where it is small beside the standard deviation the column moves
    between levels rather than around one, and the standard deviation is right.
    """
    return np.array([_scale(column) for column in column_values(rows)])


def _scale(column: NDArray[np.float64]) -> float:
    if column.size == 0:
        return float("nan")
    deviation = float(column.std())
    if deviation <= 1e-9 * max(abs(float(np.median(column))), 1e-9):
        return float("nan")
    robust = NORMAL_CONSISTENT * float(np.median(np.abs(column - np.median(column))))
    return max(robust, 0.5 * deviation) if robust > 0.3 * deviation else deviation


def independent_inflation(rows: Matrix) -> Vector:
    """Return by how much each column's scale must be widened (m,), because it was learnt on few independent values.

    Autocorrelated values carry little news: n of them are worth n / (1 + 2 Σ ρ) independent ones, and a level learnt
    from so few is uncertain. The factor is that of a prediction interval by Student's t against the normal's.
    """
    return np.array([_inflation(column) for column in column_values(rows)])


def independent_values(rows: Matrix) -> Vector:
    """Return how many independent values each column of (n, m) is worth; 0 where it never varies."""
    return np.array(
        [
            max(column.size / _correlation_time(column), LEAST_INDEPENDENT) if column.size and column.std() > 0 else 0.0
            for column in column_values(rows)
        ]
    )


def _inflation(column: NDArray[np.float64]) -> float:
    if column.size == 0 or column.std() == 0:
        return float("nan")
    independent = max(column.size / _correlation_time(column), LEAST_INDEPENDENT)
    widened = np.sqrt(1.0 + 1.0 / independent) * t.ppf(TAIL, independent - 1.0) / norm.ppf(TAIL)
    return float(widened)


def _correlation_time(column: NDArray[np.float64]) -> float:
    """Return 1 + 2 Σ ρ over the lags before the autocorrelation first fades."""
    centred = column - column.mean()
    size = centred.size
    spectrum = rfft(centred, next_fast_len(2 * size))
    correlation = irfft(spectrum * spectrum.conj(), next_fast_len(2 * size))[: size // 2]
    correlation = correlation / correlation[0]
    faded = np.flatnonzero(correlation < FADED)
    upto = int(faded[0]) if faded.size else correlation.size
    return float(1.0 + 2.0 * correlation[1:upto].sum())
