"""How far a sensor may move from a machine's own normal before the part behind it counts as failed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from configs.plant import Bound, LimitLevel, Machine, Sensor, SensorId, Sign
from models.artefact import TypeModel, Vector
from models.features.recursion import Matrix
from models.state_detection.attribution import sign_weights

BASELINE_SCALES = 10.0
"""Without a limit a part counts as failed where its sign is this many baseline scales from normal (those usual for machines of
the type: a part that wore while its machine was learnt makes one machine's own too wide) ..."""

NORMAL_BANDS = 0.75
"""... or this many widths of the sensor's normal band, whichever is further: wide on purpose, prognosis learns the rest."""

LEAST_SCALES = 6.0
"""A critical limit nearer to the baseline than this says nothing of wear: the machine works beside it every day."""


def failure_distance(sensor: Sensor, sign: Sign, location: float, scale: float) -> float:
    """Return the signed distance (in the sensor's unit) from the baseline at which the part counts as failed.

    It is that to the sensor's critical limit on the side where the sign moves, else a wide default from the baseline
    and the sensor's normal band. NaN where the sensor was not learnt.
    """
    direction = 1.0 if sign.rises else -1.0
    bound = Bound.UPPER if sign.rises else Bound.LOWER
    critical = [
        direction * (limit.value - location)
        for limit in sensor.limits
        if limit.level is LimitLevel.CRITICAL and limit.bound is bound
    ]
    reached = [distance for distance in critical if distance > LEAST_SCALES * scale]
    if reached:
        return direction * min(reached)
    band = NORMAL_BANDS * (sensor.normal_high - sensor.normal_low)
    return direction * max(BASELINE_SCALES * scale, band)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotScales:
    """By what deviations turn into indicators, one row per machine, (machines, slots, j).

    `shares` says how much each judged sensor counts for a slot, adding up to 1 where every sign was learnt; `per_unit`
    is the share times the per cent of the failure distance that one unit of the sensor is worth, with its sign.
    """

    shares: Matrix
    per_unit: Matrix


def scale_slots(machines: Sequence[Machine], judged: tuple[SensorId, ...], model: TypeModel) -> SlotScales:
    """Return the scales of machines that the model has learnt; rows of slots that a machine lacks are zero."""
    own = {machine: row for row, machine in enumerate(model.baselines.machines)}
    slots = max((len(machine.slots) for machine in machines), default=0)
    shares, per_unit = (np.zeros((len(machines), slots, len(judged))) for _ in range(2))
    usual = usual_scales(model)
    for i, machine in enumerate(machines):
        normal = model.baselines.location[own[machine.id]], usual
        for row, column, share, distance in _signs(machine, judged, normal):
            shares[i, row, column] = share
            per_unit[i, row, column] = share * 100.0 / distance
    return SlotScales(shares=shares, per_unit=per_unit)


def usual_scales(model: TypeModel) -> Vector:
    """Return the scale (j,) of each judged sensor that is usual for machines of the type, NaN where none has learnt it."""
    scales = model.baselines.scale[:, : model.judged]
    known = ~np.isnan(scales).all(axis=0)
    usual = np.full(model.judged, np.nan)
    usual[known] = np.nanmedian(scales[:, known], axis=0)
    return usual


def _signs(
    machine: Machine, judged: tuple[SensorId, ...], normal: tuple[Vector, Vector]
) -> Iterator[tuple[int, int, float, float]]:
    """Give slot, sensor column, share and failure distance of every sign of a machine; `normal` is location and scale."""
    sensors = {sensor.id: sensor for sensor in machine.sensors}
    columns = {sensor: i for i, sensor in enumerate(judged) if sensor in sensors}
    location, scale = normal
    for row, slot in enumerate(machine.slots):
        for sign, share in zip(slot.signs, sign_weights(slot).tolist(), strict=True):
            if sign.sensor in columns:
                column = columns[sign.sensor]
                where = float(location[column]), float(scale[column])
                distance = failure_distance(sensors[sign.sensor], sign, *where)
                if np.isfinite(distance) and distance != 0.0:
                    yield row, column, share, distance
