"""Sensors that mislead over hours and days: each kind found when it is there, and not when it is not."""

from dataclasses import replace

import numpy as np
import pytest

from configs.plant import SensorId, SlotId
from ingest.quality import Doubt, SteadyBlocks, Suspicion, follow, suspect
from ingest.quality.apart import drifting
from ingest.quality.scatter import pile_up
from ingest.quality.suspicion import history_of, together
from ingest.reading import QualityFlag
from tests.fakes.plants import a_sensor
from tests.fakes.running import SENSORS, a_runner, running

DAY = 144
F = QualityFlag
COLD, HOT, AMPS = 0, 1, 2


def changed(blocks: SteadyBlocks, since: int, **columns: np.ndarray) -> SteadyBlocks:
    """Return blocks whose `mean` or `noise` is other from block `since` on."""
    changes = {}
    for name, values in columns.items():
        table = getattr(blocks, name).copy()
        table[since:] = values[since:]
        changes[name] = table
    return replace(blocks, **changes)


def found(blocks: SteadyBlocks, *doubts: Doubt) -> set[tuple[str, QualityFlag]]:
    return {(each.sensor, each.flag) for each in suspect(a_runner(), blocks, doubts)}


def shifted(blocks: SteadyBlocks, column: int, by: np.ndarray | float) -> np.ndarray:
    mean = blocks.mean.copy()
    mean[:, column] += by
    return mean


@pytest.mark.parametrize("seed", range(3))
def test_a_machine_that_runs_as_ever_is_not_suspected(seed: int) -> None:
    blocks = running(12 * DAY, seed=seed)
    assert [found(blocks.take(slice(0, upto))) for upto in range(0, 12 * DAY, 60)] == [set()] * 29


def test_exchanged_cables_are_found_within_half_an_hour_in_both_sensors() -> None:
    blocks = running(3 * DAY)
    swapped = changed(blocks, 3 * DAY - 3, mean=blocks.mean[:, [HOT, COLD, AMPS, 3]])
    suspicions = suspect(a_runner(), swapped)
    assert {(each.sensor, each.flag) for each in suspicions} == {("cold", F.SUSPECT_SWAP), ("hot", F.SUSPECT_SWAP)}
    assert {each.since_ns for each in suspicions} == {int(blocks.starts_ns[-3])}


def test_another_unit_is_found_by_what_the_other_sensors_say() -> None:
    blocks = running(3 * DAY)
    fahrenheit = blocks.mean.copy()
    fahrenheit[:, HOT] = 1.8 * blocks.mean[:, HOT] + 32
    assert found(changed(blocks, 3 * DAY - 3, mean=fahrenheit)) == {("hot", F.SUSPECT_UNIT)}


def test_what_stands_is_let_go_of_later_than_it_was_raised() -> None:
    blocks = running(3 * DAY)
    nearly = changed(blocks, 3 * DAY - 3, mean=blocks.mean)
    half = nearly.mean.copy()
    half[-3:, [COLD, HOT]] += (half[-3:, [HOT, COLD]] - half[-3:, [COLD, HOT]]) * 0.61
    doubts = [
        Doubt(sensor=SensorId(name), flag=F.SUSPECT_SWAP, since_ns=int(blocks.starts_ns[-3]), until_ns=None)
        for name in ("cold", "hot")
    ]
    assert found(replace(nearly, mean=half)) == set()
    assert found(replace(nearly, mean=half), *doubts) == {("cold", F.SUSPECT_SWAP), ("hot", F.SUSPECT_SWAP)}


def test_a_sensor_that_scatters_more_for_a_day_is_noisy() -> None:
    blocks = running(5 * DAY)
    noisy = blocks.noise * np.array([1.0, 1.0, 1.8, 1.0])
    assert found(changed(blocks, 4 * DAY, noise=noisy)) == {("amps", F.NOISE)}
    assert found(changed(blocks, 4 * DAY + 72, noise=noisy)) == set()
    assert found(changed(blocks, 4 * DAY, noise=np.full_like(noisy, np.nan))) == set()


def test_too_little_running_tells_nothing_of_noise() -> None:
    blocks = running(3 * DAY)
    assert found(changed(blocks, 2 * DAY, noise=3 * blocks.noise)) == set()


@pytest.mark.parametrize(("side", "sign"), [("highest", 1), ("lowest", -1)])
def test_values_that_pile_up_at_a_bound_are_of_a_saturated_sensor(side: str, sign: int) -> None:
    blocks = running(3 * DAY)
    extremes = getattr(blocks, side).copy()
    bound = np.median(extremes[:, AMPS, 1])
    late = slice(3 * DAY - 36, None)
    extremes[late, AMPS] = sign * np.minimum(sign * extremes[late, AMPS], sign * bound)
    assert found(replace(blocks, **{side: extremes})) == {("amps", F.SATURATED)}


def test_a_sensor_that_always_ends_at_its_bound_is_as_it_was() -> None:
    blocks = running(3 * DAY)
    highest = blocks.highest.copy()
    highest[:, AMPS] = 14.0
    assert found(replace(blocks, highest=highest)) == set()
    assert pile_up(np.full((5, 2), np.nan)) == 0.0


def test_a_sensor_that_moves_at_one_blow_is_suspected_of_another_gain_until_it_comes_back() -> None:
    blocks = running(10 * DAY)
    moved = changed(blocks, 10 * DAY - 72, mean=shifted(blocks, HOT, 4.0))
    assert found(moved) == {("hot", F.SHIFTED)}
    later = running(11 * DAY)
    stands = Doubt(sensor=SensorId("hot"), flag=F.SHIFTED, since_ns=int(later.starts_ns[9 * DAY]), until_ns=None)
    assert found(changed(later, 9 * DAY, mean=shifted(later, HOT, 4.0)), stands) == {("hot", F.SHIFTED)}
    assert found(later, stands) == set()


def test_a_new_part_excuses_the_sensors_that_show_it() -> None:
    blocks = running(10 * DAY)
    warmer = changed(blocks, 10 * DAY - 72, mean=shifted(blocks, HOT, 4.0))
    work = {SlotId("bearing"): int(blocks.starts_ns[-72])}
    assert suspect(a_runner(), warmer, (), work) == ()
    colder = changed(blocks, 10 * DAY - 72, mean=shifted(blocks, COLD, 4.0))
    assert [each.sensor for each in suspect(a_runner(), colder, (), work)] == ["cold"]


def test_a_sensor_is_not_suspected_while_the_others_are_odd_too() -> None:
    """A new job moves several sensors at once."""
    blocks = running(10 * DAY)
    mean = blocks.mean + np.array([4.0, -4.0, 2.0, 0.0])
    assert found(changed(blocks, 10 * DAY - 72, mean=mean)) == set()


def test_a_drift_is_told_where_no_wear_moves_the_sensor_that_way() -> None:
    """Wear warms `hot`: that it gets warmer is for the models to say, that it gets colder is the sensor's own doing."""
    blocks = running(30 * DAY, seed=4)
    drift = np.maximum(np.arange(30 * DAY) / DAY - 15, 0) * 0.4
    assert found(replace(blocks, mean=shifted(blocks, HOT, -drift))) == {("hot", F.SHIFTED)}
    assert found(replace(blocks, mean=shifted(blocks, HOT, drift))) == set()
    assert found(replace(blocks, mean=shifted(blocks, COLD, drift))) == {("cold", F.SHIFTED)}


def test_what_is_judged_alone_does_not_drift() -> None:
    one = (a_sensor("hot", unit="degC", normal_low=50.0, normal_high=70.0),)
    blocks = running(9 * DAY, sensors=one)
    history = history_of(a_runner(*one), blocks.take(slice(0, 8 * DAY)), blocks.take(slice(8 * DAY, None)))
    group = together(history)
    assert group is not None
    assert list(drifting(history, group)) == []
    assert (
        list(drifting(replace(history, base=blocks.take(slice(0, DAY))), replace(group, base=group.base[:DAY]))) == []
    )


def test_what_was_doubted_is_no_base_to_judge_by() -> None:
    blocks = running(6 * DAY)
    doubts = [Doubt(sensor=SensorId("amps"), flag=F.NOISE, since_ns=0, until_ns=int(blocks.starts_ns[4 * DAY + 1]))]
    noisy = changed(blocks, 5 * DAY, noise=3 * blocks.noise)
    assert found(noisy) != set()
    assert found(noisy, *doubts) == set()


def test_counters_and_sensors_that_report_seldom_are_left_out() -> None:
    counter = a_sensor("cold", resolution=1.0, normal_high=1e9)
    daily = a_sensor("hot", period_s=86_400.0)
    blocks = running(3 * DAY, sensors=(counter, daily, *SENSORS[2:]))
    history = history_of(a_runner(counter, daily, *SENSORS[2:]), blocks, blocks.take(slice(-DAY, None)))
    group = together(history)
    assert [sensor.id for sensor in history.sensors] == ["hot", "amps", "speed"]
    assert group is not None
    assert [sensor.id for sensor in group.sensors] == ["amps", "speed"]


def test_where_nothing_reports_steadily_nothing_is_said() -> None:
    blocks = running(3 * DAY)
    silent = replace(blocks, mean=np.full_like(blocks.mean, np.nan))
    assert found(silent) == set()
    assert found(running(30 * DAY).take(slice(0, 0))) == set()
    assert found(replace(running(30 * DAY), mean=np.full((30 * DAY, 4), np.nan))) == set()


def test_doubts_stand_while_they_are_found_and_are_over_then() -> None:
    first = follow((), [a_suspicion("hot", 5)], 10)
    assert first == (Doubt(sensor=SensorId("hot"), flag=F.NOISE, since_ns=5, until_ns=None),)
    assert follow(first, [a_suspicion("hot", 8)], 20) == first
    over = follow(first, [a_suspicion("cold", 18)], 20)
    assert [(each.sensor, each.since_ns, each.until_ns) for each in over] == [("hot", 5, 20), ("cold", 18, None)]
    assert [each.until_ns for each in follow(over, [], 30)] == [20, 30]


def a_suspicion(sensor: str, since_ns: int) -> Suspicion:
    return Suspicion(sensor=SensorId(sensor), flag=F.NOISE, since_ns=since_ns, size=2.0)
