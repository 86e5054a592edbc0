"""Statistics of run-to-failure signals: monotonicity, prognosability, trendability, noise, horizons, leaks."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import precision_recall_curve, roc_auc_score
from sklearn.model_selection import GroupKFold

Array = NDArray[np.float64]


def smooth(values: Array, width: int) -> Array:
    """Give the moving mean of a series, shape (n - width + 1,)."""
    total = np.cumsum(np.insert(values, 0, 0.0))
    return (total[width:] - total[:-width]) / width


def block_means(values: Array, blocks: int) -> Array:
    """Give the means of so many equal stretches of a series, shape (blocks,) or (blocks, columns)."""
    edges = np.linspace(0, len(values), blocks + 1).astype(int)
    return np.array([values[a:b].mean(axis=0) for a, b in pairwise(edges)])


def monotonicity(values: Array) -> float:
    """Coble & Hines: how much more often a series steps one way than the other."""
    return float(abs(np.sign(np.diff(values)).sum()) / (len(values) - 1))


def trend_strength(values: Array) -> float:
    """Give the absolute Spearman correlation with time."""
    return float(abs(spearmanr(np.arange(len(values)), values).statistic))


def prognosability(starts: Array, ends: Array) -> float:
    """Coble & Hines: how alike lives end, against how far they travel."""
    return float(np.exp(-np.std(ends) / np.mean(np.abs(starts - ends))))


def trendability(indicators: list[Array]) -> Array:
    """Give the absolute correlations of all pairs of indicators that were resampled to one length."""
    matrix = np.abs(np.corrcoef(np.array(indicators)))
    return matrix[np.triu_indices(len(indicators), k=1)]


def signal_to_noise_db(values: Array, width: int) -> float:
    """Give the variance of the slow trend over that of what is left, in dB."""
    trend = smooth(values, width)
    rest = values[width // 2 : width // 2 + len(trend)] - trend
    return float(10 * np.log10(trend.var() / rest.var()))


def lag_one(values: Array, groups: NDArray[np.int64]) -> float:
    """Give the lag-1 autocorrelation of what is left when each group's mean is taken out."""
    rest = values.astype(float).copy()
    for group in np.unique(groups):
        rest[groups == group] -= rest[groups == group].mean()
    return float(np.corrcoef(rest[:-1], rest[1:])[0, 1])


def best_threshold_f1(scores: Array, labels: NDArray[np.bool_], weights: Array) -> float:
    """Give the F1 of the best single threshold, on either side."""
    best = 0.0
    for side in (scores, -scores):
        precision, recall, _ = precision_recall_curve(labels, side, sample_weight=weights)
        best = max(best, float(np.max(2 * precision * recall / np.maximum(precision + recall, 1e-12))))
    return best


def on_grid(values: Array, groups: NDArray[np.int64], resolution: float) -> tuple[float, float]:
    """Give the share of values off a sensor's grid, and how many more repeat than noise of their size explains.

    Two neighbours that differ by d before rounding fall on one grid point with probability max(0, 1 - |d| / resolution).
    """
    steps = values / resolution
    off = float(np.mean(np.abs(steps - np.round(steps)) > 0.01 + 1e-6 * np.abs(steps)))
    change = np.diff(steps)[groups[1:] == groups[:-1]]
    spread = float(np.sqrt(max(np.mean(change**2) - 1.0 / 6.0, 1e-4)))
    normal = np.linspace(-4.0, 4.0, 801)
    weight = np.exp(-0.5 * normal**2)
    expected = float(np.sum(np.maximum(0.0, 1.0 - np.abs(normal * spread)) * weight) / np.sum(weight))
    return off, float(np.mean(change == 0)) - expected


def grouped_auc(
    features: Array, labels: NDArray[np.bool_], groups: NDArray[np.int64], *, rising: bool = False
) -> float:
    """Give the mean over five folds of the AUC of a gradient boosting classifier; a group is never split.

    `rising` lets no feature speak against a failure when it grows.
    """
    return _mean_auc(labels, _folds(features, labels, groups, rising=rising))


def leave_one_out(
    features: Array, labels: NDArray[np.bool_], groups: NDArray[np.int64], *, rising: bool = False
) -> tuple[float, Array]:
    """Give the same AUC, and it again without each of the groups in turn, shape (n_groups,)."""
    folds = _folds(features, labels, groups, rising=rising)
    without = []
    for group in np.unique(groups):
        kept = [(rows[groups[rows] != group], scores[groups[rows] != group]) for rows, scores in folds]
        without.append(_mean_auc(labels, kept))
    return _mean_auc(labels, folds), np.array(without)


def jackknife_error(without: Array) -> float:
    """Give the standard error of a figure of n groups from the figure without each of them (Efron & Stein 1981)."""
    n = len(without)
    return float(np.sqrt((n - 1) / n * np.sum((without - without.mean()) ** 2)))


_Folds = list[tuple[NDArray[np.int64], Array]]
"""The rows of each fold with their scores by a model that has not seen their groups."""


def _folds(features: Array, labels: NDArray[np.bool_], groups: NDArray[np.int64], *, rising: bool) -> _Folds:
    found = []
    for train, test in GroupKFold(n_splits=5).split(features, labels, groups):
        if len(np.unique(labels[train])) == 2 and len(np.unique(labels[test])) == 2:
            model = HistGradientBoostingClassifier(
                max_iter=80, learning_rate=0.1, max_leaf_nodes=12, min_samples_leaf=100, random_state=7,
                monotonic_cst=[int(rising)] * features.shape[1],
            )  # fmt: skip
            model.fit(features[train], labels[train])
            found.append((test, model.predict_proba(features[test])[:, 1]))
    return found


def _mean_auc(labels: NDArray[np.bool_], folds: _Folds) -> float:
    told = [(labels[rows], scores) for rows, scores in folds]
    return float(np.mean([roc_auc_score(own, scores) for own, scores in told if own.any() and not own.all()]))
