"""The fitted model of an equipment type as data: what training makes, the registry keeps and detection applies."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

from configs.plant import EquipmentTypeId, MachineId, PartTypeId
from models.lesson import PartLesson

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Baselines:
    """Each machine's own normal, learnt from its first windows of operation; row i belongs to `machines[i]`.

    With j judged sensors, f = 2 j judged features (means, then spreads) and r regime features: `floor` (m, j) is added
    to a spread before its logarithm is taken; `location` and `scale` (m, f) standardise the judged features, and
    `regime_location`, `regime_scale` (m, r) the regime. `bias` and `gain` (m, f) put what the regime does not explain
    into units of its own surprise; `precision` (m, f, f) is the inverse covariance of what it leaves, by which
    `conditional_bias` and `conditional_gain` do the same to what the other features do not explain either. `threshold` (m,) is the combined deviation at which the anomaly score is 1. NaN marks a feature that was
    not learnt: it never varies, or was not reported.
    """

    machines: tuple[MachineId, ...]
    learnt_from_ns: NDArray[np.int64]
    learnt_to_ns: NDArray[np.int64]
    floor: Matrix
    location: Matrix
    scale: Matrix
    regime_location: Matrix
    regime_scale: Matrix
    bias: Matrix
    gain: Matrix
    precision: Matrix
    conditional_bias: Matrix
    conditional_gain: Matrix
    threshold: Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeModel:
    """What detection needs of the machines of one equipment type.

    `regime` explains the standardised judged features by regime terms, in common for the type. `names` are the feature
    columns that the model was fitted on, the first 2 `judged` of which are judged. `lessons` are what the plant's history has
    taught about the prognosis of the type's parts.
    """

    equipment_type: EquipmentTypeId
    window_s: float
    learning_span_s: float
    names: tuple[str, ...]
    judged: int
    regime: Ridge
    baselines: Baselines
    lessons: Mapping[PartTypeId, PartLesson] = field(default_factory=dict)

    @property
    def ranges(self) -> tuple[tuple[float, float], ...]:
        """Learnt range (low, high) of each feature over the machines, three scales around their locations."""
        own = self.baselines
        location = np.column_stack([own.location, own.regime_location])
        reach = 3.0 * np.column_stack([own.scale, own.regime_scale])
        known = ~np.isnan(location + reach)
        low = np.where(known, location - reach, np.inf).min(axis=0)
        high = np.where(known, location + reach, -np.inf).max(axis=0)
        return tuple(
            (float(a), float(b)) if a <= b else (0.0, 0.0) for a, b in zip(low.tolist(), high.tolist(), strict=True)
        )
