import numpy as np
import pytest

from models.features.trajectories import Trajectories
from models.training.life_labels import draw_probes, life_labels, life_span, training_rows
from tests.fakes.lives_to_failure import some_lives

LIVES = some_lives(10, rows=100)
FAILED = np.arange(10) < 6
ENDS = LIVES.ends()


def span_of(cap: float | None, lives: Trajectories = LIVES):
    return life_span(lives.ends(), FAILED, 100.0, cap)


def test_a_cap_is_the_most_that_is_told_and_without_one_the_longest_life_bounds_it() -> None:
    assert (span_of(30.0).knee, span_of(30.0).most) == (30.0, 30.0)
    free = span_of(None)
    assert free.knee == pytest.approx(62.5)
    assert free.most == pytest.approx(1.5 * ENDS[FAILED].max())


def test_of_a_life_cut_short_only_rows_far_from_the_cut_are_known() -> None:
    labels = life_labels(LIVES, FAILED, span_of(30.0))
    left = ENDS[LIVES.unit] - LIVES.age
    cut = ~FAILED[LIVES.unit]
    np.testing.assert_array_equal(np.isfinite(labels.left), ~cut | (left >= 30.0))
    np.testing.assert_allclose(labels.left[cut & (left >= 30.0)], 1.0)
    assert (labels.weight >= 1.0).all()
    assert labels.weight[~cut].max() > 1.0


def test_early_rows_are_thinned_and_late_ones_all_kept() -> None:
    labels = life_labels(LIVES, FAILED, span_of(30.0))
    rows = np.arange(LIVES.age.size)
    kept = training_rows(labels, rows, (LIVES.age - 1.0).astype(np.int64))
    late = labels.at_least <= 1.2
    known = np.isfinite(labels.left)
    assert kept[late & known].all()
    assert kept[~late & known].mean() == pytest.approx(0.2, abs=0.05)


def test_lives_are_tried_out_only_before_a_failure_and_evenly() -> None:
    probes = draw_probes(LIVES, FAILED, span_of(30.0), 50, np.random.default_rng(0))
    left = (ENDS[LIVES.unit] - LIVES.age)[probes]
    assert set(LIVES.unit[probes].tolist()) == set(range(6))
    assert left.min() >= 1.0
    assert left.max() <= 37.0
    assert draw_probes(LIVES, ~np.ones(10, dtype=bool), span_of(30.0), 5, np.random.default_rng(0)).size == 0


def test_without_a_cap_lives_are_tried_out_almost_from_their_beginning() -> None:
    probes = draw_probes(LIVES, FAILED, span_of(None), 50, np.random.default_rng(0))
    share = LIVES.age[probes] / ENDS[LIVES.unit[probes]]
    assert share.min() < 0.1
    assert np.quantile(share, [0.25, 0.75]) == pytest.approx([0.25, 0.75], abs=0.1)
