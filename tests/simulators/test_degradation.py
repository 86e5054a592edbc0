"""Hidden lives and their signatures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest, weibull_min

from simulators.degradation import PAGE, LifeLaw, Repair, Signature, Upkeep, draw_page, left_behind, progress, severity


def a_law(**changes: object) -> LifeLaw:
    fields = {"beta": 1.5, "eta": 20_000.0, "signature": Signature.SPALL, "upkeep": Upkeep(), **changes}
    return LifeLaw(**fields)


def lives_of(law: LifeLaw, count: int) -> np.ndarray:
    pages = [draw_page(law, 7, "pump-01", "bearing", page) for page in range(count // PAGE + 1)]
    return np.concatenate([page.life for page in pages])[:count]


def test_lives_at_constant_stress_follow_the_stated_weibull() -> None:
    law = a_law()
    lives = lives_of(law, 2000)
    beta, _, eta = weibull_min.fit(lives, floc=0)
    assert kstest(lives, weibull_min(law.beta, scale=law.eta).cdf).pvalue > 0.01
    assert beta == pytest.approx(law.beta, rel=0.10)
    assert eta == pytest.approx(law.eta, rel=0.05)


def test_same_machine_slot_and_installation_has_the_same_life_whatever_else_there_is() -> None:
    assert np.array_equal(
        draw_page(a_law(), 7, "pump-01", "bearing", 3).life, draw_page(a_law(), 7, "pump-01", "bearing", 3).life
    )
    assert not np.array_equal(
        draw_page(a_law(), 7, "pump-01", "bearing", 3).life, draw_page(a_law(), 7, "pump-02", "bearing", 3).life
    )


@pytest.mark.parametrize(("signature", "share"), [(Signature.SPALL, 0.085), (Signature.CLOG, 0.015)])
def test_what_breaks_ends_without_a_sign_more_often_than_what_clogs(signature: Signature, share: float) -> None:
    pages = [draw_page(a_law(signature=signature), 7, "pump-01", "bearing", page) for page in range(80)]
    assert np.mean([page.sudden for page in pages]) == pytest.approx(share, abs=0.01)


def test_calendar_never_replaces_a_part_without_a_plan() -> None:
    assert np.all(np.isinf(draw_page(a_law(), 7, "m", "s", 0).planned))
    planned = draw_page(a_law(upkeep=Upkeep(planned_share=0.6)), 7, "m", "s", 0).planned
    assert np.median(planned) == pytest.approx(12_000, rel=0.1)


@given(st.sampled_from(list(Signature)), st.floats(2.0, 5.0), st.floats(0, 0.99), st.floats(0.001, 0.3))
def test_wear_never_shows_less_as_it_grows(signature: Signature, curvature: float, level: float, step: float) -> None:
    before, after = severity(signature, np.array([level, level + step]), np.full(2, curvature))
    assert after >= before >= 0


@pytest.mark.parametrize("signature", list(Signature))
def test_wear_shows_as_one_at_failure_and_as_nothing_when_new(signature: Signature) -> None:
    new, failed = severity(signature, np.array([0.0, 1.0]), np.full(2, 3.0))
    assert (new, failed) == (pytest.approx(0.0), pytest.approx(1.0))


def test_half_of_the_pressure_drop_of_a_filter_is_three_quarters_of_its_life() -> None:
    level = np.linspace(0, 1, 1001)
    drop = severity(Signature.CLOG, level, np.full(1001, 2.87))
    assert 0.63 <= level[np.searchsorted(drop, 0.5)] <= 0.85


def test_progress_is_zero_before_onset_and_one_at_the_threshold() -> None:
    damage = np.array([0.0, 0.5, 0.6, 1.2, 9.0])
    assert progress(damage, np.full(5, 1.2), np.full(5, 0.5)) == pytest.approx([0.0, 0.0, 0.0, 1.0, 1.3])


def test_short_lives_of_fatigue_wear_visibly_for_a_larger_share_than_long_ones() -> None:
    pages = [draw_page(a_law(), 7, "pump-01", "bearing", page) for page in range(40)]
    life, onset = (np.concatenate([getattr(page, name) for page in pages]) for name in ("life", "onset"))
    short, long = onset[life < np.quantile(life, 0.2)], onset[life > np.quantile(life, 0.8)]
    assert np.median(short) < 0.55
    assert np.median(long) > 0.7


@pytest.mark.parametrize(
    ("repair", "drawn", "left"),
    [
        (Repair.REPLACE, 0.5, 0.0),
        (Repair.REPLACE, 0.1, 0.2),
        (Repair.CLEAN, 0.1, pytest.approx(0.55, abs=0.05)),
        (Repair.CLEAN, 0.001, 0.9),
        (Repair.REPLACE, 0.13, pytest.approx(0.96, abs=0.01)),
    ],
)
def test_what_a_job_leaves_behind_depends_on_its_kind(repair: Repair, drawn: float, left: float) -> None:
    """A new part, one badly fitted, one cleaned, one only reset, and one with a defect brought in."""
    assert left_behind(repair, 0.9, np.array([drawn, 0.8])) == left


@given(st.floats(0.0, 1.3), st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.sampled_from(Repair))
def test_no_job_leaves_a_part_that_has_failed_already(worn: float, drawn: float, size: float, repair: Repair) -> None:
    assert 0.0 <= left_behind(repair, worn, np.array([drawn, size])) < 1.0
