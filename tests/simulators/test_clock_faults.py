"""Controllers whose clocks are wrong."""

from dataclasses import replace

import numpy as np
import pytest

from simulators.clock_faults import ClockFault, Clocks
from simulators.scenario import only

AT_S = 1_767_225_600.0


def clocks(**rates: float) -> Clocks:
    return Clocks(replace(only(()), **rates), np.random.default_rng(3))


def test_good_clock_tells_the_time() -> None:
    of = clocks()
    assert [of.told_ms("pump-01", AT_S + second) for second in range(3)] == [
        1_767_225_600_000 + 1000 * n for n in range(3)
    ]
    assert of.faults == []


def test_clock_in_the_wrong_zone_is_nine_hours_ahead() -> None:
    of = clocks(clock_zone_per_year=1e9)
    of.told_ms("pump-01", AT_S)
    assert of.told_ms("pump-01", AT_S + 1) == 1_767_225_601_000 + 9 * 3_600_000
    assert of.faults[0].kind is ClockFault.ZONE


def test_clock_in_seconds_is_a_thousand_times_too_small() -> None:
    of = clocks(clock_unit_per_year=1e9)
    of.told_ms("pump-01", AT_S)
    assert of.told_ms("pump-01", AT_S + 1) == 1_767_225_601


def test_truth_of_a_skewed_clock_gives_the_true_time_back() -> None:
    of = clocks(clock_skew_per_year=1e9)
    of.told_ms("pump-01", AT_S)
    told = of.told_ms("pump-01", AT_S + 1)
    spell = of.faults[0]
    assert spell.kind is ClockFault.SKEW
    assert told / 1000 - spell.offset_s == pytest.approx(AT_S + 1, abs=0.01)


def test_shaken_time_stamp_is_in_the_truth_with_its_shift() -> None:
    of = clocks(jitter_share=1.0)
    told = of.told_ms("pump-01", AT_S)
    assert of.faults[0].kind is ClockFault.JITTER
    assert told - round(of.faults[0].offset_s * 1000) == round(AT_S * 1000)
    assert abs(told - AT_S * 1000) <= 150
