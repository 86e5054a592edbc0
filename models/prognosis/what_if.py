"""What a change of stress does to a life: ``life ∝ (reference / stress) ** exponent``, the exponent known to within its sd."""

from dataclasses import dataclass

from configs.plant import StressLaw
from models.errors import NotEnoughDataError

_Z80 = 1.2815515655446004


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeFactor:
    """By how much a life grows (1 = not at all): P10, median and P90 over what is known of the exponent."""

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
    >>> from configs.plant import Source, SourceKind
    >>> law = StressLaw(
    ...     stress="torque", reference=10.0, exponent=3.0, exponent_sd=0.5,
    ...     source=Source(kind=SourceKind.JUDGEMENT, note=""),
    ... )
    >>> round(life_factor(law, -0.1).median, 2)
    1.37
    """
    if not -1.0 < change <= 9.0:
        raise NotEnoughDataError(f"stress: a change of {change:+.0%} lies outside what a stress law covers")
    exponents = [max(0.0, law.exponent + z * law.exponent_sd) for z in (-_Z80, 0.0, _Z80)]
    factors = sorted((1.0 + change) ** -exponent for exponent in exponents)
    return LifeFactor(p10=factors[0], median=factors[1], p90=factors[2])
