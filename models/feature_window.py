"""What the models see of machines in closed windows of event time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from configs.plant import EquipmentTypeId


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureBlock:
    """Features of n windows of machines of one equipment type, sorted by machine, then time.

    `features` has shape (n, len(names)), NaN where a window lacks one; `running` and `usable` say of each window
    whether the machine executed, and whether enough good values stand behind it.
    """

    equipment_type: EquipmentTypeId
    names: tuple[str, ...]
    machines: NDArray[np.object_]
    ends_ns: NDArray[np.int64]
    running: NDArray[np.bool_]
    usable: NDArray[np.bool_]
    features: NDArray[np.float64]
