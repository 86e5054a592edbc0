import numpy as np

from models.features.operating_regime import fit_regimes
from tests.fakes.lives_to_failure import some_lives


def test_settings_in_groups_make_one_regime_each_and_readings_lose_their_shift() -> None:
    lives = some_lives(8, regimes=3)
    scale = fit_regimes(lives.settings, lives.sensors)
    assert scale.centres.shape[0] == 3
    standard = scale.standardise(lives.settings, lives.sensors)
    by_regime = [standard[lives.settings[:, 0] == load, 2].mean() for load in (0.0, 10.0, 20.0)]
    np.testing.assert_allclose(by_regime, 0.0, atol=1e-9)


def test_a_regime_that_was_never_seen_gives_no_reading() -> None:
    lives = some_lives(8, regimes=3)
    scale = fit_regimes(lives.settings, lives.sensors)
    strange = scale.standardise(np.array([[10.0], [400.0], [np.nan]]), lives.sensors[:3])
    assert np.isfinite(strange[0]).all()
    assert np.isnan(strange[1:]).all()


def test_settings_that_vary_without_gaps_explain_readings() -> None:
    rng = np.random.default_rng(3)
    load = rng.uniform(0.0, 1.0, (600, 1))
    sensors = np.column_stack([5.0 * load[:, 0] + 0.1 * rng.standard_normal(600), np.full(600, 7.0)])
    scale = fit_regimes(load, sensors)
    standard = scale.standardise(load, sensors)
    assert scale.centres.shape[0] == 1
    assert abs(np.corrcoef(standard[:, 0], load[:, 0])[0, 1]) < 0.1
    assert (standard[:, 1] == 0.0).all()


def regimes_of(settings: np.ndarray) -> int:
    return fit_regimes(settings, np.ones((settings.shape[0], 1))).centres.shape[0]


def test_two_dozen_working_points_make_as_many_regimes_and_passages_between_them_none() -> None:
    rng = np.random.default_rng(5)
    points = rng.uniform(-10.0, 10.0, (24, 3))
    settings = points[rng.integers(0, 24, 3000)] + 0.01 * rng.standard_normal((3000, 3))
    assert regimes_of(settings) == 24
    settings[:30] = rng.uniform(-10.0, 10.0, (30, 3))
    assert regimes_of(settings) == 24
    settings[:300] = rng.uniform(-10.0, 10.0, (300, 3))
    assert regimes_of(settings) == 1


def test_settings_without_tight_groups_make_one_regime() -> None:
    rng = np.random.default_rng(5)
    level = rng.integers(0, 2, 2000).astype(float)
    assert regimes_of(rng.standard_normal((4000, 2))) == 1
    assert regimes_of(rng.integers(0, 100, (4000, 1)).astype(float)) == 1
    assert regimes_of(np.column_stack([level, rng.uniform(0.0, 1.0, 2000)])) == 1


def test_one_setting_that_never_moves_and_none_at_all_make_one_regime() -> None:
    sensors = some_lives(2).sensors
    for settings in (np.full((sensors.shape[0], 1), 100.0), np.empty((sensors.shape[0], 0))):
        scale = fit_regimes(settings, sensors)
        assert scale.centres.shape[0] == 1
        np.testing.assert_allclose(scale.standardise(settings, sensors).std(axis=0), 1.0, atol=0.01)


def test_a_sensor_with_hardly_a_reading_counts_as_one_that_never_varies() -> None:
    sensors = some_lives(2).sensors.copy()
    sensors[3:, 1] = np.nan
    scale = fit_regimes(np.empty((sensors.shape[0], 0)), sensors)
    assert scale.sd[0, 1] == 0.0
