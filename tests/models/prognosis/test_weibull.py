import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from configs.plant import LifeUnit, MachineId
from ingest.meter import MeterState
from models.prognosis.lives import NO_LIVES, Ending, LifeHistory
from models.prognosis.weibull import (
    LifePosterior,
    LifePrior,
    failure_shares,
    fit_life,
    fit_lives,
    life_survival,
    median_life,
    remaining_quantiles,
    remaining_survival,
)
from tests.fakes.parts import NOW, NOW_NS, a_closed_life, a_history, a_life
from tests.fakes.plants import a_part_type

PART = a_part_type()
KNOWN = np.array([True])
UNKNOWN = np.array([False])


def mean_ln_scale(posterior: LifePosterior) -> float:
    return float(np.log(posterior.scale) @ posterior.weight)


def sd_ln_scale(posterior: LifePosterior) -> float:
    return math.sqrt(float((np.log(posterior.scale) - mean_ln_scale(posterior)) ** 2 @ posterior.weight))


def lives_of(rng: np.random.Generator, n: int, *, shape: float = 2.0, scale: float = 8000.0) -> LifeHistory:
    """Return lives of which about half are taken off before they fail."""
    life, taken_off = scale * rng.weibull(shape, n), scale * rng.uniform(0.3, 1.5, n)
    return a_history(np.minimum(life, taken_off), np.where(life <= taken_off, Ending.FAILED, Ending.CENSORED))


def dense_posterior(history: LifeHistory) -> tuple[float, float]:
    """Return posterior means of ln shape and ln scale from a plain, dense grid and one life after the other."""
    ln_shape, ln_scale = np.linspace(-0.6, 2.0, 261)[:, None], np.linspace(7.0, 11.0, 401)[None, :]
    shape, scale = np.exp(ln_shape), np.exp(ln_scale)
    log = stats.norm.logpdf(ln_shape, math.log(PART.beta), PART.ln_sd_beta)
    log = log + stats.norm.logpdf(ln_scale, math.log(PART.eta), PART.ln_sd_eta)
    for entry, exit_, ending in zip(history.entry, history.exit, history.ending, strict=True):
        log = log - (exit_ / scale) ** shape + (entry / scale) ** shape
        if ending == Ending.FAILED:
            log = log + np.log(shape / scale) + (shape - 1) * np.log(exit_ / scale)
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    return float((weight * ln_shape).sum()), float((weight * ln_scale).sum())


@pytest.mark.parametrize("n", [0, 1, 8, 300])
def test_the_grid_agrees_with_a_dense_one(n: int, rng: np.random.Generator) -> None:
    history = lives_of(rng, n)
    posterior = fit_life(PART, history)
    ln_shape, ln_scale = dense_posterior(history)
    assert float(np.log(posterior.shape) @ posterior.weight) == pytest.approx(ln_shape, abs=2e-3)
    assert mean_ln_scale(posterior) == pytest.approx(ln_scale, abs=2e-3)


def test_left_truncated_lives_agree_with_a_dense_grid(rng: np.random.Generator) -> None:
    """Parts that were already in use when watching began count only from the age at which they were met."""
    life, met = 8000.0 * rng.weibull(2.0, 200), rng.uniform(0, 9000.0, 200)
    seen = life > met
    history = a_history(life[seen], Ending.FAILED, entry=met[seen])
    assert mean_ln_scale(fit_life(PART, history)) == pytest.approx(dense_posterior(history)[1], abs=2e-3)
    assert math.exp(mean_ln_scale(fit_life(PART, history))) == pytest.approx(8000.0, rel=0.12)


def test_lives_of_unknown_age_tell_the_scale_without_bias(rng: np.random.Generator) -> None:
    """Met at random in a long-running plant; taken for new they would look half as long."""
    life = 8000.0 * rng.weibull(2.0, 200_000)
    met = rng.choice(life, 300, p=life / life.sum())
    remaining = met * rng.uniform(0, 1, 300)
    taken_off = rng.uniform(0.5, 1.5, 300) * 6000.0
    ending = np.where(remaining <= taken_off, Ending.FAILED, Ending.CENSORED)
    posterior = fit_life(PART, a_history(np.minimum(remaining, taken_off), ending, known_start=False))
    assert math.exp(mean_ln_scale(posterior)) == pytest.approx(8000.0, rel=0.12)
    as_new = fit_life(PART, a_history(np.minimum(remaining, taken_off), ending))
    assert math.exp(mean_ln_scale(as_new)) < 7000.0


@pytest.mark.parametrize("known_start", [True, False])
def test_removals_for_an_unknown_reason_do_not_bias_the_scale(known_start: bool, rng: np.random.Generator) -> None:
    """Censoring them instead would make lives look a third longer."""
    history = lives_of(rng, 400)
    hidden = rng.random(400) < 0.4

    def fitted(ending: np.ndarray) -> float:
        return mean_ln_scale(fit_life(PART, a_history(history.exit, ending, known_start=known_start)))

    assert fitted(np.where(hidden, Ending.UNKNOWN, history.ending)) == pytest.approx(fitted(history.ending), abs=0.06)
    assert fitted(np.where(hidden, Ending.CENSORED, history.ending)) > fitted(history.ending) + 0.2


def test_a_removal_of_unknown_reason_is_half_a_failure_when_nothing_is_known() -> None:
    assert failure_shares(a_history(np.array([5.0, 9.0]), Ending.UNKNOWN)).tolist() == [0.5, 0.5]


def test_a_removal_of_unknown_reason_is_judged_by_removals_at_about_that_age() -> None:
    ages = np.concatenate([np.linspace(10, 20, 30), np.linspace(100, 110, 30), [15.0, 105.0]])
    ending = np.array([Ending.FAILED] * 30 + [Ending.CENSORED] * 30 + [Ending.UNKNOWN] * 2)
    assert failure_shares(a_history(ages, ending))[-2:].tolist() == [15.5 / 16, 0.5 / 16]


def test_taking_removals_for_failures_would_ruin_the_scale(rng: np.random.Generator) -> None:
    history = lives_of(rng, 200)
    wrong = fit_life(PART, a_history(history.exit, Ending.FAILED))
    assert mean_ln_scale(wrong) < mean_ln_scale(fit_life(PART, history)) - 0.25


def test_a_sharp_posterior_keeps_its_width(rng: np.random.Generator) -> None:
    """With thousands of failures the mass is narrower than a step of the first grid."""
    posterior = fit_life(PART, a_history(3000.0 * rng.weibull(4.0, 5000)))
    assert math.exp(mean_ln_scale(posterior)) == pytest.approx(3000.0, rel=0.02)
    assert sd_ln_scale(posterior) == pytest.approx(1.0 / (4.0 * math.sqrt(5000)) * 1.05, rel=0.15)


@given(n=st.integers(5, 60), seed=st.integers(0, 1000))
def test_more_lives_mean_more_certainty(n: int, seed: int) -> None:
    history = lives_of(np.random.default_rng(seed), 16 * n)
    few = LifeHistory(
        entry=history.entry[:n],
        exit=history.exit[:n],
        known_start=history.known_start[:n],
        ending=history.ending[:n],
        closed=history.closed[:n],
    )
    assert sd_ln_scale(fit_life(PART, history)) < sd_ln_scale(fit_life(PART, few))


def test_one_old_survivor_makes_longer_lives_likelier() -> None:
    survivor = a_history(np.array([20_000.0]), Ending.CENSORED)
    assert median_life(fit_life(PART, survivor)) > 1.3 * median_life(fit_life(PART))


def test_a_prior_of_its_own_takes_the_catalogues_place() -> None:
    pooled = LifePrior(ln_shape=math.log(3.0), ln_scale=math.log(500.0), sd_ln_shape=0.1, sd_ln_scale=0.1)
    assert median_life(fit_life(PART, prior=pooled)) == pytest.approx(500.0 * math.log(2) ** (1 / 3), rel=0.02)


def test_a_certain_life_follows_the_closed_form() -> None:
    certain = one_weibull(2.0, 100.0)
    ages = np.array([0.0, 50.0, 100.0, 250.0])
    assert life_survival(certain, ages) == pytest.approx(np.exp(-((ages / 100.0) ** 2)))
    assert median_life(certain) == pytest.approx(100.0 * math.sqrt(math.log(2)), rel=1e-3)
    ahead = np.array([[10.0, 80.0]])
    expected = np.exp((50.0 / 100) ** 2 - ((50.0 + ahead) / 100) ** 2)
    assert remaining_survival(certain, np.array([50.0]), KNOWN, ahead) == pytest.approx(expected)
    quantile = remaining_quantiles(certain, np.array([50.0]), KNOWN, (0.1, 0.5))
    assert quantile[0] == pytest.approx(100 * np.sqrt(0.25 - np.log([0.9, 0.5])) - 50.0)


def test_a_part_of_unknown_age_has_the_equilibrium_life() -> None:
    certain = one_weibull(2.0, 100.0)
    ahead = np.array([[1.0, 30.0, 150.0]])
    met = special.gammaincc(0.5, (20.0 / 100) ** 2)
    expected = special.gammaincc(0.5, ((20.0 + ahead) / 100) ** 2) / met
    assert remaining_survival(certain, np.array([20.0]), UNKNOWN, ahead) == pytest.approx(expected, rel=1e-3)


@given(
    used=st.floats(0, 40_000),
    known=st.booleans(),
    seed=st.integers(0, 50),
    steps=st.lists(st.floats(1e-3, 1e4), min_size=2, max_size=8),
)
def test_survival_never_rises_and_starts_at_one(used: float, known: bool, seed: int, steps: list[float]) -> None:
    posterior = fit_life(PART, lives_of(np.random.default_rng(seed), seed % 12))
    ahead = np.concatenate([[0.0], np.cumsum(steps)])[None, :]
    survival = remaining_survival(posterior, np.array([used]), np.array([known]), ahead)[0]
    assert survival[0] == pytest.approx(1.0)
    assert (np.diff(survival) <= 1e-12).all()
    assert survival[-1] >= 0.0


@given(used=st.floats(0, 60_000), known=st.booleans(), seed=st.integers(0, 50))
def test_quantiles_of_remaining_life_never_cross(used: float, known: bool, seed: int) -> None:
    posterior = fit_life(PART, lives_of(np.random.default_rng(seed), seed % 12))
    p10, p50, p90 = remaining_quantiles(posterior, np.array([used]), np.array([known]), (0.1, 0.5, 0.9))[0]
    assert 0 < p10 < p50 < p90


def test_known_and_unknown_ages_mix_in_one_call() -> None:
    posterior = fit_life(PART)
    used, ahead = np.array([3000.0, 3000.0]), np.full((2, 1), 2000.0)
    both = remaining_survival(posterior, used, np.array([True, False]), ahead)[:, 0]
    alone = [remaining_survival(posterior, used[:1], start, ahead[:1])[0, 0] for start in (KNOWN, UNKNOWN)]
    assert both == pytest.approx(alone)


@pytest.mark.parametrize("n_lives", [0, 8, 64])
def test_eight_in_ten_remaining_lives_lie_between_p10_and_p90(n_lives: int, rng: np.random.Generator) -> None:
    """Truth drawn from the prior, parts met at random ages: the intervals cover 80 % within sampling error."""
    inside, total = 0, 0
    for _ in range(120):
        shape = PART.beta * math.exp(PART.ln_sd_beta * rng.standard_normal())
        scale = PART.eta * math.exp(PART.ln_sd_eta * rng.standard_normal())
        posterior = fit_life(PART, lives_of(rng, n_lives, shape=shape, scale=scale)) if n_lives else fit_life(PART)
        ages = np.concatenate([np.zeros(4), scale * rng.uniform(0, 1, 4) if n_lives == 64 else np.zeros(4)])
        lives = scale * (rng.exponential(size=8) + (ages / scale) ** shape) ** (1 / shape)
        bounds = remaining_quantiles(posterior, ages, np.ones(8, dtype=bool), (0.1, 0.9))
        inside += int(((bounds[:, 0] <= lives - ages) & (lives - ages <= bounds[:, 1])).sum())
        total += 8
    assert inside / total == pytest.approx(0.80, abs=0.045)


def test_every_part_type_is_fitted_from_its_own_lives() -> None:
    other = a_part_type("pump.bearing", eta=20_000.0)
    meters = [MeterState(machine=MachineId("pump1"), unit=LifeUnit.OPERATING_HOURS, value=3000.0, at_ns=NOW_NS)]
    posteriors = fit_lives((PART, other), [a_life(), a_closed_life(6000.0)], meters, now=NOW)
    assert (posteriors[PART.id].failures, posteriors[PART.id].removals) == (1, 1)
    assert (posteriors[other.id].failures, posteriors[other.id].removals) == (0, 0)
    assert posteriors[other.id].weight == pytest.approx(fit_life(other, NO_LIVES).weight)


def test_the_same_lives_give_the_same_posterior(rng: np.random.Generator) -> None:
    history = lives_of(rng, 20)
    once, twice = fit_life(PART, history), fit_life(PART, history)
    assert once.weight.tolist() == twice.weight.tolist()
    assert once.weight.sum() == pytest.approx(1.0)


def one_weibull(shape: float, scale: float) -> LifePosterior:
    return LifePosterior(
        part_type=PART.id,
        shape=np.array([shape]),
        scale=np.array([scale]),
        weight=np.ones(1),
        failures=0,
        removals=0,
    )


def test_parts_taken_off_worn_do_not_make_lives_look_longer() -> None:
    rng = np.random.default_rng(11)
    life = PART.eta * rng.weibull(PART.beta, 300)
    noticed = rng.random(300) < 0.6
    ages = np.where(noticed, 0.85 * life, life)
    seen = a_history(ages, np.where(noticed, Ending.CENSORED, Ending.FAILED))
    truth = median_life(fit_life(PART, a_history(life)))
    told = median_life(fit_life(PART, replace(seen, worn=np.where(noticed, 0.9, 0.0))))
    untold = median_life(fit_life(PART, seen))
    assert told == pytest.approx(truth, rel=0.2)
    assert untold > 1.3 * truth
