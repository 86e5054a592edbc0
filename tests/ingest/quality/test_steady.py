"""Blocks of steady running."""

from dataclasses import replace

import numpy as np

from ingest.quality import steady_blocks
from tests.fakes.running import minutes, running

NAN = float("nan")


def test_ten_minutes_of_running_come_to_one_block_without_the_minutes_next_to_a_stop() -> None:
    states = ["idle"] + ["executing"] * 29
    blocks = steady_blocks(minutes(states, [100.0, 100.0, *[float(i % 10) for i in range(2, 30)]]))
    assert blocks.size == 3
    assert blocks.mean[:, 0].tolist() == [5.5, 4.5, 4.0]
    assert blocks.highest[1, 0].tolist() == [10.0, 1.0]
    assert blocks.lowest[1, 0].tolist() == [-1.0, 8.0]
    assert np.diff(blocks.starts_ns).tolist() == [600_000_000_000] * 2


def test_a_machine_that_stops_every_few_minutes_has_no_steady_block() -> None:
    assert steady_blocks(minutes((["executing"] * 4 + ["idle"]) * 6, [1.0] * 30)).size == 0


def test_of_no_minutes_there_are_no_blocks() -> None:
    assert steady_blocks(minutes([], [])).mean.shape == (0, 1)


def test_what_a_sensor_left_out_is_not_guessed() -> None:
    some = steady_blocks(minutes(["executing"] * 22, [2.0, NAN] * 11))
    none = steady_blocks(minutes(["executing"] * 22, [NAN] * 22))
    assert some.mean[:, 0].tolist() == [2.0, 2.0]
    assert np.isnan(none.mean).all()
    assert np.isnan(none.noise).all()


def test_noise_of_a_sensor_that_reports_once_a_minute_is_that_between_minutes() -> None:
    often = steady_blocks(minutes(["executing"] * 22, [1.0, 2.0] * 11, std=0.3))
    seldom = steady_blocks(minutes(["executing"] * 22, [1.0, 2.0] * 11, count=1.0, std=0.0))
    assert often.noise[:, 0].round(6).tolist() == [0.3, 0.3]
    assert seldom.noise[:, 0].round(6).tolist() == [0.707107, 0.707107]


def test_later_blocks_follow_with_the_sensors_of_the_first() -> None:
    early, late = running(3), running(5)
    swapped = replace(late, sensors=("hot", "cold", "oil", "speed"))
    joined = early.then(swapped)
    assert joined.sensors == early.sensors
    assert joined.mean[3:, 0].tolist() == late.mean[:, 1].tolist()
    assert np.isnan(joined.highest[3:, 2]).all()
    assert joined.lowest[:3].tolist() == early.lowest.tolist()
