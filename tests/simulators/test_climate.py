"""Ambient temperature."""

from datetime import UTC, datetime

import numpy as np

from simulators.climate import Climate


def mean_c(month: int) -> float:
    start = datetime(2026, month, 1, tzinfo=UTC).timestamp()
    return float(Climate(7, "site", 32_400).ambient_c(start + np.arange(0, 28 * 86_400, 3600.0)).mean())


def test_summer_is_hot_and_winter_is_cold() -> None:
    assert 25 < mean_c(8) < 34
    assert 8 < mean_c(1) < 17


def test_afternoon_is_warmer_than_the_small_hours() -> None:
    climate = Climate(7, "site", 32_400)
    days = datetime(2026, 5, 1, tzinfo=UTC).timestamp() + np.arange(60) * 86_400.0
    assert climate.ambient_c(days + 6 * 3600).mean() > climate.ambient_c(days + 18 * 3600).mean() + 2


def test_weather_of_a_day_does_not_depend_on_what_was_asked_before() -> None:
    at = np.array([datetime(2026, 5, 1, tzinfo=UTC).timestamp()])
    asked = Climate(7, "site", 32_400)
    asked.ambient_c(at - 30 * 86_400.0)
    assert asked.ambient_c(at) == Climate(7, "site", 32_400).ambient_c(at)
