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


def grouped_scores(features: Array, labels: NDArray[np.bool_], groups: NDArray[np.int64]) -> Array:
    """Give out-of-fold probabilities of a gradient boosting classifier; a group is never split."""
    scores = np.zeros(len(labels))
    for train, test in GroupKFold(n_splits=5).split(features, labels, groups):
        model = HistGradientBoostingClassifier(max_iter=40, learning_rate=0.12, random_state=7)
        if len(np.unique(labels[train])) == 2:
            scores[test] = model.fit(features[train], labels[train]).predict_proba(features[test])[:, 1]
    return scores


def auc(scores: Array, labels: NDArray[np.bool_]) -> float:
    """Give the area under the ROC curve."""
    return float(roc_auc_score(labels, scores))
