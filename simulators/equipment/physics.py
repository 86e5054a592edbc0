"""The words in which the physics of an equipment type is written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulators.degradation import Signature, Upkeep
from simulators.equipment.lag import Lags

Signal = NDArray[np.float32]
"""A quantity of `n` machines at `t` instants, shape (t, n)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a machine works on: a regime that moves its sensors more than most faults do.

    `load`, `speed` and `contamination` are relative to the rated ones; a cycle of `cycle_min` minutes ends with
    `idle_min` minutes for loading. A job lasts `mean_hours` on average and comes up in proportion to `weight`.
    """

    id: str
    weight: float
    mean_hours: float
    load: float
    speed: float
    contamination: float = 1.0
    cycle_min: float = 60.0
    idle_min: float = 0.0
    starts_per_h: float = 0.0

    @property
    def run_share(self) -> float:
        """Share of a working hour in which the machine executes."""
        return 1.0 - self.idle_min / self.cycle_min


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotPhysics:
    """How a slot's part wears: damage rate ∝ load^a · speed^b · contamination^c · 2^((T - reference) / halving).

    `start_h` is what one start costs in operating hours, `hurts` the factor by which the full-grown wear of this slot
    speeds up the wear of others, `renewed_in_use` marks parts that an operator changes several times a shift.
    """

    signature: Signature = Signature.SPALL
    upkeep: Upkeep = field(default_factory=Upkeep)
    load_exponent: float = 1.0
    speed_exponent: float = 0.5
    contamination_exponent: float = 0.0
    halving_k: float = 0.0
    reference_c: float = 40.0
    rise_k: float = 20.0
    start_h: float = 0.3
    hurts: Mapping[str, float] = field(default_factory=dict)
    renewed_in_use: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseLaw:
    """Noise of a sensor in its unit: a part that lingers for `tau_s` and a white part."""

    lingering_sd: float
    tau_s: float
    white_sd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What machines of one type are doing at a run of instants, all signals of shape (t, n).

    `severity` and `progress` are keyed by slot id; `unit` gives what makes a machine an individual, shape (n,).
    """

    running: NDArray[np.bool_]
    powered: NDArray[np.bool_]
    load: Signal
    speed: Signal
    contamination: Signal
    ambient_c: Signal
    severity: Mapping[str, Signal]
    progress: Mapping[str, Signal]
    unit: Callable[[str, float], NDArray[np.float32]]
    lags: Lags
    dt_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Physics:
    """Everything that the simulator knows of an equipment type beyond the catalogue."""

    jobs: tuple[Job, ...]
    slots: Mapping[str, SlotPhysics]
    noise: Mapping[str, NoiseLaw]
    observe: Callable[[Scene], Mapping[str, Signal]]
