from dataclasses import replace

import numpy as np
import pytest

from configs.plant import MachineId, OperatingRule, SensorId
from models.features.regime import is_running
from models.features.rows import join, number_machines, take, take_windows
from models.features.windowing import LAGS_S, FeatureMemory, extract, plan_features
from tests.fakes.windows import PLAN, SENSORS, a_judged_type, block_of, together, windows

PUMP = MachineId("pump1")


def column(name: str) -> int:
    return PLAN.names.index(name)


def test_features_of_a_history_are_those_of_its_windows_one_by_one() -> None:
    block = together(windows("pump1", size=80), windows("pump2", size=50, seed=3))
    block.states[20:24] = "off"
    whole, _ = extract(block, PLAN, {})
    memories: dict[MachineId, FeatureMemory] = {}
    rows = []
    for start in np.unique(block.starts_ns):
        found, news = extract(take_windows(block, block.starts_ns == start), PLAN, memories)
        memories |= news
        rows.append(found)
    one_by_one = join(rows)
    np.testing.assert_allclose(one_by_one.features, whole.features, atol=1e-9)
    np.testing.assert_array_equal(one_by_one.ends_ns, whole.ends_ns)
    np.testing.assert_array_equal(one_by_one.running, whole.running)


def test_the_plan_names_judged_sensors_then_the_regime() -> None:
    assert PLAN.judged == ("vib", "temp", "flow")
    assert PLAN.context == ("load",)
    assert PLAN.regime == PLAN.names[6:]
    assert len(PLAN.regime) == 1 + len(LAGS_S) * 2
    assert PLAN.names[6] == "load.mean"


def test_a_value_counts_only_where_half_of_what_was_reported_is_good() -> None:
    block = block_of(np.ones((2, 4)))
    block.good_share[0, 0], block.good_share[1, 0] = 0.49, 0.5
    found, _ = extract(block, PLAN, {})
    assert np.isnan(found.features[0, column("vib.mean")])
    assert found.features[1, column("vib.mean")] == 1.0


def test_a_spread_needs_four_values() -> None:
    few, _ = extract(block_of(np.ones((1, 4)), std=0.2, count=3.0), PLAN, {})
    enough, _ = extract(block_of(np.ones((1, 4)), std=0.2, count=4.0), PLAN, {})
    assert np.isnan(few.features[0, column("vib.spread")])
    assert enough.features[0, column("vib.spread")] == 0.2


def test_a_window_without_its_context_or_most_sensors_is_not_usable() -> None:
    mean = np.ones((4, 4))
    mean[1, SENSORS.index("load")] = np.nan
    mean[2, :2] = np.nan
    mean[3, 0] = np.nan
    found, _ = extract(block_of(mean), PLAN, {})
    assert found.usable.tolist() == [True, False, False, True]


def test_a_sensor_that_the_store_never_saw_is_missing() -> None:
    found, _ = extract(block_of(np.ones((1, 3)), sensors=("vib", "temp", "load")), PLAN, {})
    assert np.isnan(found.features[0, column("flow.mean")])
    assert found.usable[0]


def test_a_machine_cools_while_it_reports_nothing() -> None:
    first, memory = extract(block_of(np.ones((1, 4))), PLAN, {})
    later, _ = extract(block_of(np.ones((1, 4)), first=600), PLAN, memory)
    lag = column("running.lag_900s")
    assert first.features[0, lag] == pytest.approx(1.0)
    assert later.features[0, lag] == pytest.approx(1 - np.exp(-60 / 900))


def test_an_empty_block_has_no_features_and_no_memory() -> None:
    found, memory = extract(block_of(np.ones((0, 4))), PLAN, {})
    assert found.features.shape == (0, len(PLAN.names))
    assert memory == {}


@pytest.mark.parametrize(
    ("state", "runs"), [("executing", True), ("unknown", True), ("idle", False), ("off", False), ("maintenance", False)]
)
def test_a_reported_state_tells_whether_a_machine_runs(state: str, runs: bool) -> None:
    assert is_running(block_of(np.ones((1, 4)), state=state), a_judged_type()).tolist() == [runs]


def test_a_rule_tells_it_where_no_state_is_reported() -> None:
    kind = a_judged_type(operating_rule=OperatingRule(sensor=SensorId("load"), above=5.0))
    mean = np.array([[1, 1, 1, 6.0], [1, 1, 1, 4.0], [1, 1, 1, np.nan]])
    assert is_running(block_of(mean, state="unknown"), kind).tolist() == [True, False, False]
    assert is_running(block_of(mean[:, :3], sensors=SENSORS[:3], state="unknown"), kind).tolist() == [False] * 3
    assert is_running(block_of(mean, state="executing"), kind).all()


def test_windows_are_chosen_and_joined_in_order() -> None:
    found, _ = extract(together(windows("b", size=3), windows("a", size=2)), PLAN, {})
    names, code = number_machines(found.machines)
    assert names == ("a", "b")
    assert code.tolist() == [0, 0, 1, 1, 1]
    halves = [take(found, np.arange(5) % 2 == part) for part in (1, 0)]
    np.testing.assert_array_equal(join(halves).features, found.features)
    assert number_machines(np.empty(0, dtype=object))[0] == ()


def test_a_plan_belongs_to_its_equipment_type() -> None:
    kind = replace(a_judged_type(), sensors=a_judged_type().sensors[:1])
    assert plan_features(kind).names[:2] == ("vib.mean", "vib.spread")


def test_no_feature_reads_past_its_window() -> None:
    """Whatever comes after a window, in whatever sensor, changes nothing of its features."""
    block = windows()
    half = block.starts_ns.size // 2
    later = np.arange(block.starts_ns.size)[:, None] >= half
    changed = replace(
        block,
        mean=np.where(later, 1e6, block.mean),
        std=np.where(later, 1e6, block.std),
        last=np.where(later, 1e6, block.last),
        states=np.where(later[:, 0], "off", block.states),
    )
    before, after = extract(block, PLAN, {})[0], extract(changed, PLAN, {})[0]
    np.testing.assert_array_equal(before.features[:half], after.features[:half])
    np.testing.assert_array_equal(before.usable[:half], after.usable[:half])
