from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from models.lesson import PLACES, USUAL_WEAR
from models.prognosis.degradation import TrendBlocks, condense
from models.prognosis.experience import STEPS, ended_by, experienced, features_of
from models.prognosis.outlook import AgeEvidence, AgeOutlook, Outlook, age_outlook, combine, quantiles
from models.prognosis.weibull import fit_life
from tests.fakes.experience import an_experience
from tests.fakes.parts import NOW, a_series, a_worn_course
from tests.fakes.plants import a_part_type

POSTERIOR = fit_life(a_part_type())
INSTALLED = NOW - timedelta(days=200)


@pytest.fixture
def told(rng: np.random.Generator) -> tuple[AgeOutlook, Outlook, TrendBlocks, AgeEvidence]:
    """Return what the laws say of a worn part and of one without readings."""
    stands = AgeEvidence(
        used=np.array([4000.0, 1000.0]),
        known_start=np.array([True, False]),
        rate=np.full(2, 20.0),
        rate_cv=np.full(2, 0.1),
        in_place_days=np.full(2, 200.0),
    )
    age = age_outlook(POSTERIOR, stands, np.ones(POSTERIOR.weight.size))
    blocks = condense([a_series(a_worn_course(60, rng, fails_in_days=6.0)), None], [INSTALLED] * 2, NOW)
    return age, combine(age, blocks, [(), ()], [USUAL_WEAR.gain] * 2), blocks, stands


def rows_of(told: tuple[AgeOutlook, Outlook, TrendBlocks, AgeEvidence]) -> np.ndarray:
    age, said, blocks, stands = told
    return features_of(age, said, blocks, stands=stands, posterior=POSTERIOR, ln_gain=np.zeros(2))


def test_what_is_not_known_of_a_part_is_missing_and_never_zero(told) -> None:
    worn, unread = rows_of(told)
    assert np.isfinite(worn[:4]).all()
    assert np.isnan(unread[3:8]).all()
    assert np.isfinite(np.delete(unread, range(3, 8))).all()


def test_features_hold_nothing_that_lies_outside_their_window(told, rng: np.random.Generator) -> None:
    """Readings from before the part came in, and from after the moment asked about, change no feature."""
    age, said, _blocks, stands = told
    course = a_worn_course(60, rng, fails_in_days=6.0)
    series = a_series(course)
    wild = replace(
        series,
        hours_ns=np.concatenate(
            [series.hours_ns - int(300 * 8.64e13), series.hours_ns, series.hours_ns + int(61 * 8.64e13)]
        ),
        values=np.concatenate([np.full(course.size, 400.0), course, np.full(course.size, 400.0)]),
        weights=np.tile(series.weights, 3),
    )
    plain, with_more = (condense([each, None], [INSTALLED] * 2, NOW) for each in (series, wild))
    one, other = (
        features_of(age, said, each, stands=stands, posterior=POSTERIOR, ln_gain=np.zeros(2))
        for each in (plain, with_more)
    )
    np.testing.assert_array_equal(one, other)


def test_those_who_ended_early_bring_the_end_nearer_and_say_how_much_they_count(told) -> None:
    said = told[1]
    soon = experienced(said, rows_of(told), an_experience(high=2.0, low=-6.0))
    before, after = (quantiles(each.edges, each.survival, (0.5,))[:, 0] for each in (said, soon))
    assert after[0] < 0.5 * before[0]
    assert after[1] > before[1]
    assert soon.experience_weight is not None
    total = soon.age_weight + soon.condition_weight + soon.rules_weight + soon.experience_weight
    assert total == pytest.approx(1.0)
    assert soon.experience_weight[0] > 0.3


def test_experience_without_weight_changes_nothing(told) -> None:
    said = told[1]
    same = experienced(said, rows_of(told), an_experience(high=2.0, low=-6.0, weight=0.0))
    np.testing.assert_allclose(same.survival, said.survival, atol=1e-12)
    assert same.experience_weight == pytest.approx(np.zeros(2))


def test_survival_never_rises_and_keeps_its_ends(told) -> None:
    mixed = experienced(told[1], rows_of(told), an_experience(high=1.0, low=-1.0, weight=0.6))
    assert (np.diff(mixed.survival, axis=1) <= 1e-12).all()
    assert mixed.survival[:, 0] == pytest.approx(1.0)
    assert mixed.survival[:, -1] == pytest.approx(0.0, abs=1e-9)


def test_every_part_has_ended_by_the_last_step() -> None:
    reached = ended_by(np.array([[0.0], [1.0], [np.nan]]), an_experience(high=-1.0, low=-3.0))
    assert reached.shape == (3, STEPS) == (3, PLACES.size - 1)
    assert (np.diff(reached, axis=1) >= 0).all()
    assert reached[:, -1].tolist() == [1.0] * 3
    assert reached[2].tolist() == reached[0].tolist()
