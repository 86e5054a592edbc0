from dataclasses import replace

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from models.lesson import PLACES
from models.prognosis.experience import STEPS, ended_by
from models.training.experience import FIRST_WEIGHT, MOST_WEIGHT, PastPredictions, learn_experience, step_of, trees_of

LIVES = 300


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def a_past(rng: np.random.Generator, *, telling: bool, lives: int = LIVES) -> PastPredictions:
    """Return predictions that were right on average; where `telling`, the first feature says early or late ends apart."""
    features = rng.normal(size=(lives, 3))
    place = rng.uniform(size=lives)
    if telling:
        place = np.where(features[:, 0] > 0, 0.4 * place, 0.4 + 0.6 * place)
    return PastPredictions(
        features=features,
        place=place,
        ended=np.ones(lives),
        counts=np.ones(lives),
        group=np.arange(lives) % 3,
    )


def test_a_feature_that_tells_early_ends_from_late_ones_is_heard(rng: np.random.Generator) -> None:
    experience = learn_experience(a_past(rng, telling=True))
    assert experience is not None
    assert experience.weight > 0.8 * MOST_WEIGHT
    assert experience.lives == LIVES
    early, late = ended_by(np.array([[2.0, 0.0, 0.0], [-2.0, 0.0, 0.0]]), experience)
    half = int(np.searchsorted(PLACES, 0.35)) - 1
    assert early[half] > 0.6
    assert late[half] < 0.2


def test_features_that_say_nothing_earn_no_more_than_was_believed(rng: np.random.Generator) -> None:
    experience = learn_experience(a_past(rng, telling=False))
    assert experience is not None
    assert experience.weight <= MOST_WEIGHT * (FIRST_WEIGHT + 0.02)
    reached = ended_by(rng.normal(size=(50, 3)), experience).mean(axis=0)
    assert reached == pytest.approx(PLACES[1:], abs=0.12)


def test_shuffled_ends_teach_nothing(rng: np.random.Generator) -> None:
    """A leak would show here: an end that belongs to another life cannot be told from what was known."""
    past = a_past(rng, telling=True)
    shuffled = PastPredictions(
        features=past.features,
        place=rng.permutation(past.place),
        ended=past.ended,
        counts=past.counts,
        group=past.group,
    )
    experience = learn_experience(shuffled)
    assert experience is not None
    assert experience.weight <= MOST_WEIGHT * (FIRST_WEIGHT + 0.02)


def test_a_feature_that_is_never_there_or_never_changes_teaches_nothing(rng: np.random.Generator) -> None:
    past = a_past(rng, telling=True)
    nothing = np.column_stack([np.full(LIVES, np.nan), np.ones(LIVES), past.features])
    without, beside = learn_experience(past), learn_experience(replace(past, features=nothing))
    assert without is not None
    assert beside is not None
    assert beside.weight == without.weight
    assert set(np.unique(beside.trees.feature)) <= {2, 3, 4, 5}


def test_too_few_ends_teach_nothing(rng: np.random.Generator) -> None:
    assert learn_experience(a_past(rng, telling=True, lives=29)) is None


def test_lives_that_were_cut_short_count_as_far_as_they_were_seen(rng: np.random.Generator) -> None:
    past = a_past(rng, telling=False, lives=1000)
    seen_to = rng.uniform(0.2, 1.0, size=1000)
    cut = past.place > seen_to
    censored = PastPredictions(
        features=past.features,
        place=np.where(cut, seen_to, past.place),
        ended=np.where(cut, 0.0, 1.0),
        counts=past.counts,
        group=past.group,
    )
    experience = learn_experience(censored)
    assert experience is not None
    assert ended_by(past.features[:200], experience).mean(axis=0)[:7] == pytest.approx(PLACES[1:8], abs=0.1)


def test_trees_as_arrays_answer_as_the_library_does(rng: np.random.Generator) -> None:
    rows = rng.normal(size=(800, 4))
    rows[rng.random(rows.shape) < 0.2] = np.nan
    outcome = np.nan_to_num(rows[:, 0], nan=1.0) + rng.normal(size=800) > 0
    model = HistGradientBoostingClassifier(max_iter=15, max_leaf_nodes=6, random_state=0).fit(rows, outcome)
    trees = trees_of(model, np.arange(4))
    assert trees.answers(rows) == pytest.approx(model.decision_function(rows))
    assert np.isfinite(trees.threshold).all()


def test_the_same_past_teaches_the_same(rng: np.random.Generator) -> None:
    past = a_past(rng, telling=True, lives=200)
    first, second = learn_experience(past), learn_experience(past)
    assert first is not None
    assert second is not None
    np.testing.assert_array_equal(first.trees.value, second.trees.value)
    assert first.weight == second.weight


def test_each_place_lies_in_one_step() -> None:
    assert step_of(np.array([0.0, 0.019, 0.02, 0.99, 1.0])).tolist() == [0, 0, 1, STEPS - 1, STEPS - 1]
