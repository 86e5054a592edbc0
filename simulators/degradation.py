"""How a part wears out and how its wear shows: hidden lives, signatures, and what people do in time.

The frame is one for all parts: damage grows with stressed running time over a hidden life, and the part fails
when damage passes a hidden threshold. Life, threshold, onset, gain and curvature are random per installation.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from simulators.draws import keyed_uniforms, lognormal, normal

Array = NDArray[np.float64]

PAGE = 64
"""Lives are drawn a page at a time, so that a tool that is changed hourly costs no more than a bearing."""

_COLUMNS = 20
_SUDDEN_BREAKS, _SUDDEN_CLOGS = 0.085, 0.015
"""Share of lives that end without any sign, of parts that break and of parts that clog or run down.

What clogs can hardly do so unseen. As worn parts are often replaced in time, one failure in ten to one in five is sudden.
"""

_GAIN_BREAKS, _GAIN_CLOGS = 0.22, 0.08
"""Spread of how strongly wear shows at the end, ln sd: what clogs fails where its pressure drop meets a limit."""

_IMPERFECT_SHARE, _DEFECT_SHARE = 0.12, 0.04
_BADLY_FITTED, _DEFECT_LIFE = 0.25, 0.5
"""Shares of a life: what a bad fit costs at most, and the scale of what a defect leaves."""

_MOST_LEFT = 0.97

_CLOG_POWER, _FIRST_SIGN = 2.87, 0.05

NOISE_MEAN = 1.0405
"""Mean of max(0, 1 + 0.8 z): divided out, so that noisy wear keeps the life that was drawn."""


class Signature(StrEnum):
    """The shape in which wear shows: late and exponential (spall), as a power of use (clogging), or a tool's flank."""

    SPALL = "spall"
    CLOG = "clog"
    FLANK = "flank"


class Repair(StrEnum):
    """What is done to a part when it is its turn: a new one goes in, or the old one is cleaned or set right."""

    REPLACE = "replace"
    CLEAN = "clean"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """What people do about a part before it fails.

    `planned_share` of η is the usual planned replacement (0 = none), done with a spread of `planned_ln_sd`, as plans slip;
    `noticed` is the chance that someone sees wear before the end and plans the exchange.
    """

    planned_share: float = 0.0
    planned_ln_sd: float = 0.28
    noticed: float = 0.5
    repair_h: float = 6.0
    repair: Repair = Repair.REPLACE


@dataclass(frozen=True, slots=True, kw_only=True)
class LifePage:
    """Hidden properties of `PAGE` successive installations in one slot; every array has shape (PAGE,).

    `life` is in the life unit at reference stress, `threshold` in damage, `onset` a share of the threshold;
    `notice` is the progress at which someone plans an exchange (infinite = nobody will) and `planned` the use at
    which the calendar does. `chance` (PAGE, n) is left over for what happens at the removal.
    """

    life: Array
    threshold: Array
    onset: Array
    curvature: Array
    gain: Array
    sudden: NDArray[np.bool_]
    notice: Array
    planned: Array
    repair_h: Array
    chance: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeLaw:
    """The distribution that a slot's lives come from: a Weibull in the part's life unit, and its upkeep."""

    beta: float
    eta: float
    signature: Signature
    upkeep: Upkeep


def draw_page(law: LifeLaw, root: int, machine: str, slot: str, page: int) -> LifePage:
    """Draw installations `page * PAGE` and on of a slot; keyed by machine and slot alone."""
    u = keyed_uniforms(root, machine, slot, page, count=PAGE * _COLUMNS).reshape(PAGE, _COLUMNS)
    life = law.eta * (-np.log(u[:, 0])) ** (1.0 / law.beta)
    noticed = u[:, 6] < law.upkeep.noticed
    return LifePage(
        life=life,
        threshold=lognormal(u[:, 1], median=1.0, ln_sd=0.08),
        onset=_onsets(law, life, u[:, 2]),
        curvature=_curvatures(law.signature, u[:, 3]),
        gain=lognormal(u[:, 4], median=1.0, ln_sd=_GAIN_CLOGS if law.signature is Signature.CLOG else _GAIN_BREAKS),
        sudden=u[:, 5] < (_SUDDEN_CLOGS if law.signature is Signature.CLOG else _SUDDEN_BREAKS),
        notice=np.where(noticed, 0.6 + 0.38 * u[:, 7], np.inf),
        planned=_planned(law, u[:, 8]),
        repair_h=lognormal(u[:, 9], median=law.upkeep.repair_h, ln_sd=0.6),
        chance=u[:, 10:],
    )


def left_behind(repair: Repair, damage: float, chance: Array) -> float:
    """Give the damage (failure = 1) that a job leaves behind, of a part that was worn by `damage`.

    One job in eight is imperfect: of a new part, badly fitted, up to a quarter of its life is spent; cleaning takes away all but a
    share q of all the wear there was, q ~ Beta(2, 3) (Kijima's second model); and one imperfect job in ten is none at all: somebody has
    reset an alarm. One job in 25 brings a defect in, with a life of its own (Weibull, β 0.6, infant failures).
    `chance` holds two uniform draws.
    """
    drawn, size = float(chance[0]), float(chance[1])
    if drawn < _IMPERFECT_SHARE / 10:
        return min(damage, _MOST_LEFT)
    if drawn < _IMPERFECT_SHARE:
        share = float(betaincinv(2.0, 3.0, size))
        return _BADLY_FITTED * size if repair is Repair.REPLACE else min(damage * share, _MOST_LEFT)
    if drawn < _IMPERFECT_SHARE + _DEFECT_SHARE:
        return float(max(1.0 - _DEFECT_LIFE * (-np.log(max(size, 1e-9))) ** (1.0 / 0.6), 0.0))
    return 0.0


def progress(damage: Array, threshold: Array, onset: Array) -> Array:
    """Give how far a part is from the onset of visible wear (0) to its failure (1)."""
    return np.clip((damage / threshold - onset) / (1.0 - onset), 0.0, 1.3)


def severity(signature: Signature, level: Array, curvature: Array) -> Array:
    """Give how strongly wear shows at a progress: 0 as new, 1 at failure.

    Spall: exponential growth (Gebraeel). Clog: a power law of use, Δp ∝ x^p with p near 2.9, measured on filters run
    to clogging. Flank: fast break-in, a long steady stretch, and a steep end (three phases of flank wear).
    """
    if signature is Signature.SPALL:
        return np.asarray(np.expm1(curvature * level) / np.expm1(curvature))
    if signature is Signature.CLOG:
        return np.asarray(level**curvature)
    steady = 0.22 * (1.0 - np.exp(-level / 0.05)) + 0.45 * level
    steep = np.expm1(np.maximum(level - 0.8, 0.0) / 0.12) / np.expm1(0.2 / 0.12)
    return np.asarray(steady + (1.0 - 0.67) * steep)


def shows_from(signature: Signature) -> float:
    """Give the progress past which wear counts as showing: at once where it has an onset, from a twentieth of the end else."""
    return 0.0 if signature is Signature.SPALL else float(_FIRST_SIGN ** (1.0 / _CLOG_POWER))


def _onsets(law: LifeLaw, life: Array, uniform: Array) -> Array:
    """Draw at which share of the threshold wear begins to show: at two thirds of a usual life, earlier in a short one.

    What scatters in fatigue lives is mostly how long a flaw takes to begin; how long it takes to grow scatters less, here with the
    root of the life.
    """
    if law.signature is not Signature.SPALL:
        return np.zeros_like(uniform)
    usual = law.eta * np.log(2.0) ** (1.0 / law.beta)
    growing = (1.0 - betaincinv(6.0, 3.0, uniform)) * np.sqrt(usual / life)
    return np.asarray(1.0 - np.clip(growing, 0.05, 0.95))


def _curvatures(signature: Signature, uniform: Array) -> Array:
    if signature is Signature.CLOG:
        return np.clip(normal(uniform, mean=_CLOG_POWER, sd=0.5), 1.6, 4.6)
    return 2.5 + 2.5 * uniform


def _planned(law: LifeLaw, uniform: Array) -> Array:
    if law.upkeep.planned_share <= 0:
        return np.full_like(uniform, np.inf)
    return lognormal(uniform, median=law.upkeep.planned_share * law.eta, ln_sd=law.upkeep.planned_ln_sd)
