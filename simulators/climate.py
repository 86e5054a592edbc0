"""The air in the workshop: season, day, and weather that lingers."""

import numpy as np
from numpy.typing import NDArray

from simulators.draws import keyed_generator

_MEAN_C, _SEASON_C, _DAILY_C = 21.0, 8.5, 2.2
_COLDEST_DAY = 20.0
_WEATHER_SD_C, _WEATHER_MEMORY_DAYS = 1.6, 3.0


class Climate:
    """Ambient temperature of one site, in °C, the same for every machine that stands in it.

    Korean seasons as a heated and ventilated shop lets them through (10 to 35 °C): coldest in the second half of January, warmest in
    early August, warmest of the day at three in the afternoon. Weather is an autoregressive draw per day.
    """

    def __init__(self, root: int, site: str, offset_s: int) -> None:
        self._root = root
        self._site = site
        self._offset_s = offset_s
        self._weather: dict[int, float] = {}

    def ambient_c(self, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the temperature at epoch seconds, any shape."""
        local_days = (np.asarray(times_s, dtype=np.float64) + self._offset_s) / 86_400.0
        season = -np.cos(2 * np.pi * (local_days - _COLDEST_DAY) / 365.25)
        hour_angle = 2 * np.pi * (local_days % 1.0 - 15.0 / 24.0)
        return np.asarray(_MEAN_C + _SEASON_C * season + _DAILY_C * np.cos(hour_angle) + self._weather_at(local_days))

    def _weather_at(self, local_days: NDArray[np.float64]) -> NDArray[np.float64]:
        first, last = int(np.floor(local_days.min())), int(np.floor(local_days.max())) + 1
        known = np.array([self._weather_of(day) for day in range(first, last + 1)])
        return np.asarray(np.interp(local_days, np.arange(first, last + 1), known))

    def _weather_of(self, day: int) -> float:
        if day not in self._weather:
            lags = np.arange(12)
            shocks = [
                keyed_generator(self._root, self._site, "weather", int(day - lag)).standard_normal() for lag in lags
            ]
            memory = np.exp(-lags / _WEATHER_MEMORY_DAYS)
            self._weather[day] = float(_WEATHER_SD_C * np.dot(shocks, memory) / np.sqrt(np.sum(memory**2)))
        return self._weather[day]
