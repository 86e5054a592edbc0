"""What the simulated factory is judged by."""

import numpy as np
import pytest

from benchmarks.simulated.statistics import grouped_auc, jackknife_error, leave_one_out


def rows(groups: int = 12, each: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    group = np.repeat(np.arange(groups), each)
    labels = rng.random(groups * each) < 0.3
    features = (labels + rng.normal(0.0, 1.0, labels.size))[:, None]
    return features, labels, group


def test_jackknife_error_of_a_mean_is_its_standard_error() -> None:
    values = np.random.default_rng(3).normal(0.0, 2.0, 40)
    without = (values.sum() - values) / 39
    assert jackknife_error(without) == pytest.approx(values.std(ddof=1) / np.sqrt(40))


def test_leaving_one_out_keeps_the_figure_and_gives_one_more_a_group() -> None:
    features, labels, group = rows()
    auc, without = leave_one_out(features, labels, group)
    assert auc == grouped_auc(features, labels, group)
    assert without.shape == (12,)
    assert 0.0 < jackknife_error(without) < 0.1
