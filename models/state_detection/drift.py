"""How far the sensors of a slot have moved from their machine's own normal, fault or not."""

from collections.abc import Mapping

import numpy as np

from configs.plant import SensorId, Slot
from models.artefact import TypeModel
from models.condition import Contribution
from models.state_detection.attribution import sign_weights


def slot_contributions(
    model: TypeModel,
    own: int,
    slot: Slot,
    judged: tuple[SensorId, ...],
    moved: Mapping[SensorId, float],
) -> tuple[Contribution, ...]:
    """Return how the signs of a slot deviate, largest first; signs that move the other way are left out.

    Parameters
    ----------
    own
        The machine's row in the baselines.
    moved
        By how many units of its own surprise each sensor deviates, for what the machine is doing.

    Returns
    -------
    tuple of Contribution
        With what the sensor shows in the machine's usual regime when all is well (`expected`), and what it would show there
        now (`value`): a momentary value says nothing of wear when the machine happens to idle.
    """
    at = {sensor: i for i, sensor in enumerate(judged)}
    base = model.baselines
    parts = []
    for sign, weight in zip(slot.signs, sign_weights(slot).tolist(), strict=True):
        if sign.sensor not in at or sign.sensor not in moved:
            continue
        column, deviation = at[sign.sensor], moved[sign.sensor]
        usual = float(base.location[own, column])
        unit = float(base.scale[own, column] / base.gain[own, column])
        towards = deviation if sign.rises else -deviation
        if towards > 0 and np.isfinite(unit):
            parts.append((weight * towards, sign.sensor, usual + deviation * unit, usual, deviation))
    total = sum(part[0] for part in parts)
    return tuple(
        Contribution(sensor=sensor, share=force / total, value=value, expected=expected, deviation=deviation)
        for force, sensor, value, expected, deviation in sorted(parts, key=lambda part: part[0], reverse=True)
    )
