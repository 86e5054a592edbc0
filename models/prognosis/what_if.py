"""What a change of stress does to a life, to within what is known of it.

The wear that a stress drives goes by ``(stress / reference) ** exponent``, the exponent known to within its sd. The rest of the wear
(starts, shocks, dirt, age) does not care about that stress, and nobody knows how large it is: the share that follows the law is taken
as anything from `LEAST_SHARE` to all of it. A life that is used up at ``share · s ** exponent + (1 - share)`` times the usual rate
lasts one over that.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from configs.plant import StressLaw
from models.errors import NotEnoughDataError

LEAST_SHARE = 0.25
"""Judgement, after simulated factories: where a law of stress is given at all, that stress drives at least this share of the wear."""

_NODES = (np.arange(40) + 0.5) / 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeFactor:
    """By how much a life grows (1 = not at all): P10, median and P90 over exponent and share."""

    p10: float
    median: float
    p90: float


def life_factor(law: StressLaw, change: float) -> LifeFactor:
    """Return by how much lives grow where the stress changes by a share, -0.1 for ten per cent less.

    An exponent is never below 0: more stress lengthens no life.

    Raises
    ------
    NotEnoughDataError
        The stress would fall to nothing or rise more than tenfold, which no law covers.

    Examples
    --------
    By the law alone ten per cent less torque makes a strain-wave gear last 37 % longer; the rest of the wear takes of that.

    >>> from configs.plant import Source, SourceKind
    >>> law = StressLaw(
    ...     stress="torque", reference=10.0, exponent=3.0, exponent_sd=0.3,
    ...     source=Source(kind=SourceKind.JUDGEMENT, note=""),
    ... )
    >>> [round(each, 2) for each in (life_factor(law, -0.1).p10, life_factor(law, -0.1).median, life_factor(law, -0.1).p90)]
    [1.1, 1.2, 1.34]
    """
    if not -1.0 < change <= 9.0:
        raise NotEnoughDataError(f"stress: a change of {change:+.0%} lies outside what a stress law covers")
    exponents = np.maximum(0.0, law.exponent + law.exponent_sd * special.ndtri(_NODES))
    shares = LEAST_SHARE + (1.0 - LEAST_SHARE) * _NODES[:, None]
    factors = 1.0 / (shares * (1.0 + change) ** exponents + 1.0 - shares)
    p10, median, p90 = np.quantile(factors, (0.1, 0.5, 0.9)).tolist()
    return LifeFactor(p10=p10, median=median, p90=p90)
