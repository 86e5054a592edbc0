import math
from dataclasses import replace

import numpy as np
import pytest

from models.errors import NotEnoughDataError
from models.training import metrics
from models.training.evaluate import FIGURES, Evaluation, evaluate, false_warnings
from models.training.plant_history import PlantHistory
from tests.fakes.worn_plants import PART, a_worn_plant


@pytest.fixture(scope="module")
def history() -> PlantHistory:
    return a_worn_plant(4, np.random.default_rng(8))


@pytest.fixture(scope="module")
def evaluation(history: PlantHistory) -> Evaluation:
    return evaluate(history)


def test_condition_tells_failures_apart_better_than_age(evaluation: Evaluation) -> None:
    figures = evaluation.figures
    assert set(figures) == set(FIGURES)
    assert all(math.isfinite(value) for pair in figures.values() for value in pair)
    assert figures["c_index"][0] > 0.7
    assert figures["winkler_days"][0] < figures["winkler_days"][1]
    assert list(evaluation.coverage_by_type) == [PART.id]
    assert evaluation.horizons_days.size == evaluation.lead_days.size > 3
    assert (evaluation.calibration.said <= 1.0).all()


def test_a_warning_counts_once_while_it_stands_and_is_false_where_the_part_lived_on(evaluation: Evaluation) -> None:
    said = np.array([0.1, 0.4, 0.5, 0.1, 0.6, 0.4, 0.4])
    answers = replace(
        evaluation.answers,
        life=np.array([1, 1, 1, 1, 1, 2, 3]),
        left=np.array([150.0, 143.0, 136.0, 129.0, 122.0, 60.0, 95.0]),
        probabilities=np.column_stack([said, said, said]),
        machine_months=10.0,
    )
    assert false_warnings(answers) == pytest.approx(0.3)
    assert math.isnan(false_warnings(replace(answers, machine_months=0.0)))


def test_outcomes_that_are_shuffled_cannot_be_told(evaluation: Evaluation) -> None:
    """A leak would show here: predictions must know nothing of another life's end."""
    answers, rng = evaluation.answers, np.random.default_rng(2)
    areas = []
    for _ in range(20):
        order = rng.permutation(answers.left.size)
        left, failed = answers.left[order], answers.failed[order]
        areas.append(metrics.uno_c(answers.probabilities[:, 1], left, failed, tau=90.0))
    assert np.mean(areas) == pytest.approx(0.5, abs=0.06)


def test_what_happens_after_the_split_changes_nothing_that_was_learnt(
    history: PlantHistory, evaluation: Evaluation
) -> None:
    later = tuple(
        replace(life, failure_mode="other") if life.removed_at and life.removed_at > evaluation.split else life
        for life in history.lives
    )
    again = evaluate(replace(history, lives=later))
    np.testing.assert_array_equal(again.answers.quantiles, evaluation.answers.quantiles)


def test_a_short_history_is_refused_with_what_it_lacks(history: PlantHistory) -> None:
    with pytest.raises(NotEnoughDataError, match="an evaluation needs 60"):
        evaluate(replace(history, hours={}))
