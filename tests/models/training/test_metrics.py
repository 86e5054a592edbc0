import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.training import metrics

rng = np.random.default_rng(3)


def test_coverage_counts_values_on_the_edge_as_inside():
    assert metrics.coverage(np.array([1.0, 2.0, 5.0, 9.0]), np.full(4, 2.0), np.full(4, 5.0)) == 0.5


def test_nothing_to_judge_is_no_figure():
    nothing = np.empty(0)
    assert math.isnan(metrics.coverage(nothing, nothing, nothing))
    assert math.isnan(metrics.winkler(nothing, nothing, nothing, share=0.8))
    assert math.isnan(metrics.brier(nothing, nothing, nothing.astype(bool), horizon=1.0))
    assert math.isnan(metrics.calibration_error(nothing, nothing))


def test_winkler_charges_width_and_ten_times_the_miss_at_80_per_cent():
    scores = metrics.winkler_scores(np.array([3.0, 7.0, 0.0]), np.full(3, 2.0), np.full(3, 5.0), share=0.8)
    assert scores.tolist() == pytest.approx([3.0, 3.0 + 20.0, 3.0 + 20.0])
    assert metrics.winkler(np.array([3.0]), np.array([2.0]), np.array([5.0]), share=0.8) == 3.0


def test_the_true_quantiles_have_the_lowest_winkler_score():
    values = rng.normal(size=4000)
    best, narrow, wide = (
        metrics.winkler(values, np.full(4000, -z), np.full(4000, z), share=0.8) for z in (1.2816, 0.8, 2.0)
    )
    assert best < narrow
    assert best < wide


def test_alpha_lambda_is_the_part_of_the_interval_near_the_truth():
    shares = metrics.alpha_lambda(
        np.array([10.0, 10.0, 10.0]), np.array([8, 12, 10.0]), np.array([12, 20, 10.0]), alpha=0.2
    )
    assert shares.tolist() == pytest.approx([1.0, 0.0, 1.0])


def test_prognostic_horizon_is_counted_back_from_the_end_to_the_first_wrong_prediction():
    left = np.array([50.0, 40.0, 30.0, 20.0, 10.0])
    said = np.array([50.0, 90.0, 32.0, 18.0, 11.0])
    assert metrics.prognostic_horizon(left, said, alpha=0.1, life=100.0) == 30.0
    assert metrics.prognostic_horizon(left, said + 60.0, alpha=0.1, life=100.0) == 0.0
    assert metrics.prognostic_horizon(left, left, alpha=0.1, life=100.0) == 50.0


def test_ranking_figures_need_both_kinds():
    assert math.isnan(metrics.roc_auc(np.ones(3), np.zeros(3, dtype=bool)))
    assert math.isnan(metrics.average_precision(np.ones(3), np.zeros(3, dtype=bool)))
    outcome = np.array([False, True, True])
    assert metrics.roc_auc(np.array([0.1, 0.2, 0.3]), outcome) == 1.0
    assert metrics.average_precision(np.array([0.1, 0.2, 0.3]), outcome, np.ones(3)) == 1.0


def test_probabilities_that_come_true_have_a_small_calibration_error():
    said = rng.uniform(size=20_000)
    happened = rng.uniform(size=20_000) < said
    assert metrics.calibration_error(said, happened) < 0.02
    assert metrics.calibration_error(np.sqrt(said), happened, weight=np.ones(20_000)) > 0.1


def test_kaplan_meier_of_a_textbook_example():
    steps = metrics.kaplan_meier(np.array([1.0, 2.0, 2.0, 3.0]), np.array([True, True, False, True]))
    assert steps.at(np.array([0.5, 1.0, 2.5, 3.0])).tolist() == pytest.approx([1.0, 0.75, 0.5, 0.0])
    assert steps.before(np.array([1.0, 2.0])).tolist() == pytest.approx([1.0, 0.75])
    halved = metrics.kaplan_meier(np.array([1.0, 2.0]), np.array([True, True]), np.array([3.0, 1.0]))
    assert halved.at(np.array([1.0])).tolist() == pytest.approx([0.25])


def test_the_survival_of_censored_lives_is_not_that_of_failures_alone():
    life, watched = rng.exponential(10.0, 5000), rng.exponential(10.0, 5000)
    steps = metrics.kaplan_meier(np.minimum(life, watched), life <= watched)
    assert steps.at(np.array([10.0]))[0] == pytest.approx(math.exp(-1), abs=0.03)


def test_uno_c_is_not_moved_by_censoring():
    risk = rng.normal(size=3000)
    life = rng.exponential(np.exp(-risk))
    watched = rng.exponential(np.full(3000, 1.0))
    time, event = np.minimum(life, watched), life <= watched
    everything = metrics.uno_c(risk, life, np.ones(3000, dtype=bool), tau=1.0)
    assert metrics.uno_c(risk, time, event, tau=1.0) == pytest.approx(everything, abs=0.03)
    assert metrics.uno_c(-risk, time, event, tau=1.0) < 0.4
    assert math.isnan(metrics.uno_c(risk, time, event, tau=0.0))


def test_equal_risks_count_half():
    assert metrics.uno_c(np.zeros(3), np.array([1.0, 2.0, 3.0]), np.ones(3, dtype=bool), tau=5.0) == 0.5


def test_brier_score_under_censoring_is_that_of_the_whole_truth():
    life, watched = rng.exponential(10.0, 20_000), rng.exponential(15.0, 20_000)
    said = np.full(20_000, 1.0 - math.exp(-0.5))
    truth = metrics.brier(said, life, np.ones(20_000, dtype=bool), horizon=5.0)
    seen = metrics.brier(said, np.minimum(life, watched), life <= watched, horizon=5.0)
    assert seen == pytest.approx(truth, abs=0.01)


def test_integrated_brier_averages_over_the_horizons():
    life = np.array([1.0, 3.0, 9.0])
    event = np.ones(3, dtype=bool)
    perfect = np.array([[1.0, 1.0], [0.0, 1.0], [0.0, 0.0]])
    assert metrics.integrated_brier(perfect, life, event, horizons=np.array([2.0, 5.0])) == 0.0
    assert metrics.integrated_brier(1.0 - perfect[:, :1], life, event, horizons=np.array([2.0])) == 1.0


@given(st.lists(st.tuples(st.floats(0.1, 100.0), st.booleans()), min_size=1, max_size=30))
def test_survival_never_rises_and_stays_within_0_and_1(lives):
    steps = metrics.kaplan_meier(np.array([t for t, _ in lives]), np.array([e for _, e in lives]))
    values = np.concatenate(([1.0], steps.values))
    assert (np.diff(values) <= 0).all()
    assert (values >= 0).all()
