"""Sensors that scatter more than they used to, or whose values pile up at a bound they cannot get past."""

from collections.abc import Iterator

import numpy as np

from ingest.quality.suspicion import DAY, HOUR, QUARTER_DAY, SensorHistory, Suspicion
from ingest.reading import QualityFlag, Values

NOISIER, SCATTER, KNOWN_DAYS = 0.4, 2.0, 3
"""Least rise of the log of a day's noise: in itself, and against how far days differ; days that must be known."""

QUIET = 0.1
"""Noise is that of a day's quietest tenth: it swells and ebbs by itself, and where it ebbs added noise shows."""

AT_BOUND = 0.3
"""Least share of blocks whose minutes all end at one and the same extreme."""


def noisier(history: SensorHistory) -> Iterator[Suspicion]:
    """Yield the sensors whose noise of a day's running is more than it was."""
    if history.recent.size < DAY or history.base.size < KNOWN_DAYS * DAY:
        return
    now = _quiet(history.recent.noise[-DAY:])
    noise = history.base.noise
    days = np.stack([_quiet(noise[at : at + DAY]) for at in range(0, noise.shape[0] - DAY + 1, DAY // 2)])
    middle, most = np.median(days, axis=0), days.max(axis=0)
    for sensor in history.conditions():
        at = history.column(sensor)
        floor = max(sensor.resolution / 4, 1e-3 * (sensor.normal_high - sensor.normal_low))
        if not np.isfinite((now[at], middle[at])).all():
            continue
        rise, spread = np.log(np.maximum((now[at], most[at]), floor) / max(middle[at], floor)).tolist()
        if rise > max(NOISIER, SCATTER * spread) * history.ease(sensor, QualityFlag.NOISE):
            yield history.suspicion(sensor, QualityFlag.NOISE, DAY, float(np.exp(rise)))


def at_bound(history: SensorHistory) -> Iterator[Suspicion]:
    """Yield the sensors that end at one extreme for much of a quarter of a day's running, as they never did before."""
    for sensor in history.conditions():
        at = history.column(sensor)
        sides = ((history.base.highest, history.recent.highest), (-history.base.lowest, -history.recent.lowest))
        now = max(_new_pile_up(before[:, at], recent[:, at]) for before, recent in sides)
        if now > AT_BOUND * history.ease(sensor, QualityFlag.SATURATED):
            yield history.suspicion(sensor, QualityFlag.SATURATED, QUARTER_DAY, now)


def pile_up(extremes: Values) -> float:
    """Return the share of blocks, of extremes (n, 2), whose minutes all end at the value that none goes beyond."""
    known = extremes[np.isfinite(extremes).all(axis=1)]
    if known.shape[0] < HOUR:
        return 0.0
    return float((known == known.max()).all(axis=1).mean())


def _new_pile_up(before: Values, recent: Values) -> float:
    """Return the share of recent blocks at a bound; 0 where blocks before were half as often at one."""
    now = pile_up(recent[-QUARTER_DAY:])
    if now == 0.0:
        return now
    starts = range(0, before.shape[0] - QUARTER_DAY + 1, QUARTER_DAY)
    return 0.0 if any(2 * pile_up(before[at : at + QUARTER_DAY]) >= now for at in starts) else now


def _quiet(noise: Values) -> Values:
    """Return the noise of the quietest tenth of blocks (n, m); infinite where a sensor says too little."""
    quiet: Values = np.quantile(np.where(np.isfinite(noise), noise, np.inf), QUIET, axis=0, method="higher")
    return quiet
