"""Whether a column of numbers changed its unit half-way, or is all in another unit than its sensor's."""

from dataclasses import dataclass

import numpy as np

from configs.plant import Sensor
from configs.units import Conversion, conversion, units_like
from ingest.reading import Values

FEWEST = 5
"""How many values before and after a change it takes to say that there is one."""

SHARE = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherUnit:
    """From the value at `start` on, all are plausible only as amounts in `unit`."""

    start: int
    unit: str


def other_unit(values: Values, sensor: Sensor) -> OtherUnit | None:
    """Return where values (n,), in the sensor's unit, turn implausible and why; None where there is no such place.

    All from there on lie outside what is usual for the sensor, and nearly all would lie within it in another unit,
    while nearly all before it lie within. With `start` 0 the whole column does.
    """
    present = np.flatnonzero(~np.isnan(values))
    usual = (values >= sensor.normal_low) & (values <= sensor.normal_high)
    inside = np.flatnonzero(usual)
    before = present[present <= inside[-1]] if inside.size else present[:0]
    tail = present[before.size :]
    if tail.size < FEWEST or (before.size and (before.size < FEWEST or usual[before].mean() < SHARE)):
        return None
    others = {unit: conversion(unit, sensor.unit, sensor.measurand) for unit in units_like(sensor.unit)}
    shares = {unit: _share(values[tail], convert, sensor) for unit, convert in others.items() if convert}
    best = max(shares, key=lambda unit: shares[unit], default="")
    return OtherUnit(start=int(tail[0]), unit=best) if shares.get(best, 0.0) >= SHARE else None


def _share(values: Values, convert: Conversion, sensor: Sensor) -> float:
    scaled = values * convert.factor + convert.offset
    return float(np.mean((scaled >= sensor.normal_low) & (scaled <= sensor.normal_high)))
