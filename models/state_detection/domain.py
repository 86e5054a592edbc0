"""Whether a machine works in a regime that its model has seen."""

import numpy as np

from configs.plant import Machine, SensorId
from models.artefact import TypeModel
from models.features.windowing import FeatureMemory, FeaturePlan

REACH = 10.0
"""A context is unknown further than this from what was learnt, in its own standard deviations ..."""

BEYOND_NORMAL = 0.25
"""... and outside the sensor's normal band by this share of the band: seasons move a context too, and are no new regime."""


def unseen_context(
    model: TypeModel, plan: FeaturePlan, machine: Machine, memory: FeatureMemory
) -> tuple[SensorId, float] | None:
    """Return a context sensor that has stood where the model never saw it for the last quarter of an hour, and its value.

    None where the regime is known, or nothing is known of it.
    """
    if machine.id not in model.baselines.machines or not memory.weights:
        return None
    own = model.baselines.machines.index(machine.id)
    sensors = {sensor.id: sensor for sensor in machine.sensors}
    for i, name in enumerate(plan.context):
        weight, sensor = memory.weights[1 + i], sensors.get(name)
        if sensor is None or weight <= 0:
            continue
        value = memory.totals[1 + i] / weight
        location, scale = float(model.baselines.regime_location[own, i]), float(model.baselines.regime_scale[own, i])
        margin = BEYOND_NORMAL * (sensor.normal_high - sensor.normal_low)
        usual = sensor.normal_low - margin <= value <= sensor.normal_high + margin
        if np.isfinite(value) and not usual and abs(value - location) > REACH * scale:
            return name, value
    return None
