"""Windows of readings: what a machine's sensors did in one closed span of event time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from configs.plant import EquipmentTypeId, SensorId
from ingest.reading import Times, Values


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowBlock:
    """Aggregates of n windows of machines of one equipment type, sorted by machine, then time.

    `machines` and `states` (the state most of the window was in) have shape (n,), `starts_ns` too; `count`,
    `mean`, `minimum`, `maximum`, `std`, `last` and `good_share` have shape (n, len(sensors)), NaN where a window
    has no good value of a sensor. Only good values are aggregated; `good_share` is their share of those reported.
    """

    equipment_type: EquipmentTypeId
    sensors: tuple[SensorId, ...]
    width_s: float
    machines: NDArray[np.object_]
    starts_ns: Times
    states: NDArray[np.object_]
    count: Values
    mean: Values
    minimum: Values
    maximum: Values
    std: Values
    last: Values
    good_share: Values
