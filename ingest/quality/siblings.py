"""What a machine's sensors say of each other: how far some stand from where the others put them.

The sensors of a machine that runs are taken as jointly normal about what is usual for it. Where some are wrong and the
others right, the best guess of what the wrong ones should show follows from the others alone (conditional normal; the
isolation of sensor faults by reconstruction, Dunia, Qin, Edgar and McAvoy 1996).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ingest.reading import Values

LEAST_SD = 0.02
"""No sensor is known better than to a fiftieth of its usual span."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Siblings:
    """How m sensors, scaled to their usual spans, hang together: `centre` (m,) and `precision` (m, m)."""

    centre: Values
    precision: Values

    def distance(self, rows: Values, at: Sequence[int]) -> Values:
        """Return, (n,), how far the sensors `at` stand from where the others put them, as a squared Mahalanobis distance."""
        pull = ((rows - self.centre) @ self.precision)[:, list(at)]
        own = np.linalg.inv(self.precision[np.ix_(at, at)])
        squared: Values = np.einsum("ni,ij,nj->n", pull, own, pull)
        return squared

    def offsets(self, rows: Values) -> Values:
        """Return, (n, m), how far each sensor stands from where the others put it, in usual spans."""
        apart: Values = (rows - self.centre) @ self.precision / np.diag(self.precision)
        return apart

    def rest(self, rows: Values) -> Values:
        """Return, (n, m), the squared distance of all the other sensors, once each is taken away."""
        pull = (rows - self.centre) @ self.precision
        whole = np.sum((rows - self.centre) * pull, axis=1)
        left: Values = whole[:, None] - pull**2 / np.diag(self.precision)
        return left


def fit_siblings(rows: Values) -> Siblings:
    """Return how sensors hang together in rows (n, m) of trusted running.

    Examples
    --------
    >>> rows = np.repeat(np.linspace(0, 1, 20)[:, None], 2, axis=1)
    >>> fit_siblings(rows).offsets(np.array([[0.2, 0.7]])).round(1).tolist()
    [[-0.5, 0.5]]
    """
    spread = np.atleast_2d(np.cov(rows, rowvar=False)) + LEAST_SD**2 * np.eye(rows.shape[1])
    precision: Values = np.linalg.inv(spread).astype(np.float64)
    return Siblings(centre=rows.mean(axis=0), precision=precision)
