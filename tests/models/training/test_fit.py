from dataclasses import replace

import numpy as np
import pytest

from models.artefact import TypeModel
from models.errors import NotEnoughDataError
from models.feature_window import FeatureBlock
from models.features.recursion import layout_of
from models.features.rows import number_machines
from models.features.windowing import extract
from models.state_detection.baseline import deviation
from models.state_detection.novelty import blank_memory, score_novelty
from models.training.fit import fit_type
from models.training.spread import centre, independent_inflation, quantile, robust_scale
from tests.fakes.windows import PLAN, block_of, together, windows


def features(*blocks: object) -> FeatureBlock:
    return extract(together(*blocks), PLAN, {})[0]  # type: ignore[arg-type]


def scores(model: TypeModel, block: FeatureBlock) -> np.ndarray:
    names, code = number_machines(block.machines)
    own = np.array([model.baselines.machines.index(name) for name in names])[code]
    found, _ = score_novelty(model, block, own, layout_of(code, len(names)), blank_memory(model, len(names)))
    return found.score


def test_what_follows_the_learning_is_mostly_below_the_threshold() -> None:
    model = fit_type(features(windows("pump1"), windows("pump2", seed=8)), PLAN)
    later = scores(model, features(windows("pump1", first=200), windows("pump2", first=200, seed=8)))
    assert np.nanmax(later) < 1.0
    assert np.isnan(later[:2]).all()


def test_load_is_explained_so_that_work_is_no_anomaly_and_a_sensor_that_leaves_its_load_is() -> None:
    model = fit_type(features(windows()), PLAN)
    busy = windows(first=200, size=30)
    for array in (busy.mean,):
        array[:, 0] += 0.3
        array[:, 1] += 6.0
        array[:, 2] += 1.5
        array[:, 3] += 30.0
    assert np.nanmax(scores(model, features(busy))) < 1.0
    hot = windows(first=200, size=30, shift={"temp": 6.0})
    assert scores(model, features(hot))[-1] > 1.5


def test_one_machine_is_judged_the_same_in_whatever_company() -> None:
    alone = fit_type(features(windows("pump1")), PLAN)
    joined = fit_type(features(windows("pump2", seed=9)), PLAN, alone)
    block = features(windows("pump1", first=200))
    own = np.zeros(block.ends_ns.size, dtype=np.int64)
    assert joined.baselines.machines == ("pump1", "pump2")
    np.testing.assert_array_equal(deviation(joined, block, own).conditional, deviation(alone, block, own).conditional)


def test_a_machine_that_is_learnt_again_takes_its_own_place() -> None:
    first = fit_type(features(windows("pump1"), windows("pump2", seed=9)), PLAN)
    again = fit_type(features(windows("pump1", first=500, shift={"vib": 2.0})), PLAN, first)
    assert again.baselines.machines == ("pump2", "pump1")
    assert again.baselines.location[1, 0] > first.baselines.location[0, 0] + 1.5


def test_fitting_is_deterministic() -> None:
    first, second = (fit_type(features(windows()), PLAN) for _ in range(2))
    np.testing.assert_array_equal(first.baselines.precision, second.baselines.precision)
    np.testing.assert_array_equal(first.baselines.threshold, second.baselines.threshold)


def test_a_sensor_that_never_moved_has_no_part() -> None:
    still = windows()
    still.mean[:, 2] = 7.0
    model = fit_type(features(still), PLAN)
    assert np.isnan(model.baselines.gain[0, 2])
    broken = windows(first=200, size=20, shift={"flow": 500.0})
    assert np.nanmax(scores(model, features(broken))) < 1.0


def test_missing_values_are_not_healthy() -> None:
    model = fit_type(features(windows()), PLAN)
    blind = windows(first=200, size=20)
    blind.mean[:, :2] = np.nan
    blind.count[:, :2] = 0
    assert np.isnan(scores(model, features(blind))).all()


def test_too_few_windows_are_refused_with_how_many_there_are() -> None:
    with pytest.raises(NotEnoughDataError, match="the most is 19"):
        fit_type(features(windows(size=19)), PLAN)
    with pytest.raises(NotEnoughDataError, match="the most is 0"):
        fit_type(features(block_of(np.ones((0, 4)))), PLAN)


def test_a_machine_with_too_few_windows_is_left_out() -> None:
    model = fit_type(features(windows("pump1"), windows("pump2", size=5)), PLAN)
    assert model.baselines.machines == ("pump1",)


def test_windows_in_which_a_machine_did_not_run_teach_nothing() -> None:
    idle = replace(windows("pump2"), states=np.full(200, "idle", dtype=object))
    assert fit_type(features(windows("pump1"), idle), PLAN).baselines.machines == ("pump1",)


def test_a_level_learnt_from_persistent_values_is_distrusted() -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(size=2000)
    walk = np.cumsum(noise)
    white, wandering = independent_inflation(np.column_stack([noise, walk]))
    assert white == pytest.approx(1.0, abs=0.02)
    assert wandering > 1.5


def test_scale_resists_outliers_but_not_levels() -> None:
    rng = np.random.default_rng(2)
    noise = rng.normal(size=1000)
    spiked = noise.copy()
    spiked[:20] = 8.0
    stepped = np.where(np.arange(1000) % 10 < 2, 30.0, 0.0) + noise * 0.1
    found = robust_scale(np.column_stack([spiked, stepped, np.ones(1000)]))
    assert found[0] == pytest.approx(1.0, abs=0.1)
    assert found[1] == pytest.approx(12.0, rel=0.05)
    assert np.isnan(found[2])


def test_too_few_values_have_no_centre_scale_or_trust() -> None:
    rows = np.full((30, 1), np.nan)
    rows[:9] = 1.0
    assert np.isnan([centre(rows)[0], robust_scale(rows)[0], independent_inflation(rows)[0]]).all()
    assert np.isnan(quantile(np.array([np.nan]), 0.5))
    assert np.isnan(independent_inflation(np.ones((30, 1)))[0])
