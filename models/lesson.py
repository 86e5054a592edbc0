"""What the plant's own history has taught about the prognosis of a part type, as data: part of a type's model.

A failure comes without any sign, or its wear shows for a share of the part's life, along a more or less bent curve, up to a
level at which the part fails: its *gain*, as a multiple of the nominal failure limit. None of these is known for a single
part; a `WearLaw` says how likely each is for parts of a kind. Parts that follow each other in a slot are seen by the same
sensors, so that they fail at much the same level; its past tells which. A `Recalibration` says what
predicted probabilities turned out to be worth.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from configs.plant import MachineId, PartTypeId, SlotId

Array = NDArray[np.float64]

SHOWING_SHARES = np.array([0.03, 0.07, 0.14, 0.25, 0.4, 0.6, 1.0])
"""Which share of its life a part shows its wear for, at the end."""

CURVATURES = 1.5 * np.array([1.0, 2.0, 3.0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """The level at which a part fails, in multiples of the nominal limit: log-normal, `mean` and `sd` of its logarithm."""

    mean: float
    sd: float

    @property
    def level(self) -> float:
        """The middle level, in per cent of the nominal limit."""
        return 100.0 * float(np.exp(self.mean))


Place = tuple[MachineId, SlotId]


@dataclass(frozen=True, slots=True, kw_only=True)
class WearLaw:
    """How parts of a kind show their wear: probabilities on the grid, `showing` (n_shares,) and `curvature` (n_curvatures,).

    `gain` is that of a part in a slot of which no end is known, `own` that of parts in slots whose past is. `silent` is the
    share of failures that no sensor announces. `lives` counts the lives that it was learnt from.
    """

    showing: Array
    curvature: Array
    gain: Gain
    silent: float
    own: Mapping[Place, Gain] = field(default_factory=dict)
    lives: int = 0

    def gain_in(self, place: Place) -> Gain:
        """Return at which level a part fails in a slot."""
        return self.own.get(place, self.gain)


USUAL_WEAR = WearLaw(
    showing=np.array([0.09, 0.14, 0.20, 0.24, 0.19, 0.10, 0.04]),
    curvature=np.array([0.25, 0.40, 0.35]),
    gain=Gain(mean=0.1, sd=0.5),
    silent=0.2,
)
"""What is believed of parts of which no failure was recorded (judgement; 10-20 % of failures give no warning)."""

LEVELS = 0.5 - 0.5 * np.cos(np.linspace(0.0, np.pi, 41))
"""Closer together at both ends, where small probabilities are told apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalibration:
    """`happened` (41,) is how often a life had ended by the time at which `LEVELS` of probability were said to be reached.

    `shape` is what it was made from: how far the middle is off on the normal scale, and the logarithms of how much more the
    earlier and the later side scatter than was said.
    """

    happened: Array
    shape: tuple[float, float, float] = (0.0, 0.0, 0.0)
    lives: float = 0.0

    def corrected(self, survival: Array) -> Array:
        """Return survival as it turned out where so much was said; never rises where it did not before."""
        return np.asarray(1.0 - np.interp(1.0 - survival, LEVELS, self.happened))


AS_SAID = Recalibration(happened=LEVELS)

PLACES = np.array([0.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 1.0])
"""Between these places in what was predicted the risk to end is learnt, step by step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """Regression trees as arrays (n_trees, n_nodes), whose answers are added up to `start`; a leaf leads to itself.

    Values of `feature` up to `threshold` go to `left`, others to `right`, missing ones to the left where `missing_left`.
    """

    start: float
    depth: int
    feature: NDArray[np.int64]
    threshold: Array
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    missing_left: NDArray[np.bool_]
    value: Array

    def answers(self, rows: Array) -> Array:
        """Return the sum over the trees for rows (n, f): shape (n,)."""
        tree = np.arange(self.feature.shape[0])
        node = np.zeros((rows.shape[0], tree.size), dtype=np.int64)
        for _ in range(self.depth):
            shown = np.take_along_axis(rows, self.feature[tree, node], axis=1)
            goes_left = np.where(np.isnan(shown), self.missing_left[tree, node], shown <= self.threshold[tree, node])
            node = np.where(goes_left, self.left[tree, node], self.right[tree, node])
        return np.asarray(self.start + self.value[tree, node].sum(axis=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Experience:
    """What became of parts in the like situation: the log odds to end in each step of `PLACES`, given that it was reached.

    The last column of a row is the number of the step. `weight` is how much such experience counts beside the laws, as
    lives told that it had no part in; it was learnt from `lives`.
    """

    trees: Trees
    weight: float
    lives: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Of `of` past predictions (each life counted once) whose end is known, `inside` ended between P10 and P90."""

    inside: float
    of: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PartLesson:
    """How parts of one type show their wear, and what predictions of them were worth: before wear shows, and while it does."""

    wear: WearLaw = USUAL_WEAR
    calm: Recalibration = AS_SAID
    showing: Recalibration = AS_SAID
    coverage: Coverage = Coverage(inside=0.0, of=0.0)
    experience: Experience | None = None


NOTHING_LEARNT = PartLesson()
NO_LESSONS: Mapping[PartTypeId, PartLesson] = {}
