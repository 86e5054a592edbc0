"""When to replace: the date after which waiting costs more than it saves.

Age alone: the age T that minimises the expected *relative* cost rate ``E[C_T / C_best]`` over what is known of the part
type's life, with ``C_T = (1 + (ratio - 1) F(T)) / integral of R up to T`` in units of a planned replacement (Barlow &
Proschan, *Mathematical Theory of Reliability*, ch. 4). Taking the ratio of expectations instead would let a few improbably long
lives speak for running to failure.

With evidence about the part itself: replacing at x costs ``S(x) + ratio (1 - S(x))`` less what the time till then is worth,
which is the long-run cost rate g of that type of part; the best x obeys the control limit ``h(x) (ratio - 1) >= g`` (Makis &
Jardine, *INFOR* 30, 1992). Because g is large just where lives are short, it is averaged over the lives that have survived so
far, not taken as one figure. The limit is taken with what will be learnt meanwhile: a doubtful trend is worth watching.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy import special

from configs.plant import PartType
from models.prognosis.weibull import LifePosterior

Array = NDArray[np.float64]

SAFETY_DAYS = 7.0
"""How long before it is needed a spare should be there."""

SHORTEST_HORIZON_DAYS = 14.0
"""A replacement due later than this, and than the spare's lead time, is planned and raises no case."""

LEARNING_DAYS = 7.0
"""How long it takes readings to tell whether a beginning trend is real."""

SHORTEST_LIFE_DAYS = 3.0
"""Parts with a shorter median life count down on the page and raise no case."""

_AGES = 120
_AGE_REACH = (0.02, 6.0)
_WORTHWHILE = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeTable:
    """What replacing at each of `ages` (m,) means under every node of a posterior.

    `failed` (m, n_nodes) is the share of parts that fail before that age, `run` (m, n_nodes) the mean time in use; the
    last row is running to failure. `weight` (n_nodes,) is the posterior's. Between two ages costs run smoothly where
    `smooth`; a table of counted lives has jumps, and only its own ages will do.
    """

    ages: Array
    failed: Array
    run: Array
    weight: Array
    smooth: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AgePolicy:
    """The best age to replace at, in life units, infinite where replacing early does not pay.

    `cost_rate` (n_nodes,) is what the policy costs per life unit under every node, in planned replacements.
    """

    age: float
    cost_rate: Array


def age_table(posterior: LifePosterior) -> AgeTable:
    """Return the table from which the policy for any cost ratio follows."""
    low, high = posterior.scale.min() * _AGE_REACH[0], posterior.scale.max() * _AGE_REACH[1]
    ages = np.append(np.geomspace(low, high, _AGES), np.inf)
    hazard = (ages[:, None] / posterior.scale) ** posterior.shape
    mean = posterior.scale * special.gamma(1.0 + 1.0 / posterior.shape)
    return AgeTable(
        ages=ages,
        failed=-np.expm1(-hazard),
        run=mean * special.gammainc(1.0 / posterior.shape, hazard),
        weight=posterior.weight,
    )


def age_policy(table: AgeTable, cost_ratio: float) -> AgePolicy:
    """Return the age to replace at when an unplanned replacement costs `cost_ratio` planned ones.

    A saving of less than one per cent against running to failure counts as none.
    """
    cost_rate = (1.0 + (cost_ratio - 1.0) * table.failed) / table.run
    relative = (cost_rate / cost_rate.min(axis=0)) @ table.weight
    best = int(np.argmin(relative))
    if relative[best] > relative[-1] * (1.0 - _WORTHWHILE) or best >= table.ages.size - 2:
        return AgePolicy(age=np.inf, cost_rate=cost_rate[-1])
    age = _refined(np.log(table.ages[:-1]), relative[:-1], best) if table.smooth else float(table.ages[best])
    return AgePolicy(age=age, cost_rate=cost_rate[best])


@dataclass(frozen=True, slots=True, kw_only=True)
class Stakes:
    """What waiting with n parts may cost, all arrays (n, m) at `edges` days from now but `showing` and `cost_ratio` (n,).

    `survival` is over all evidence, `healthy_survival` given that no wear shows yet, `showing` the probability that it
    does; the edges rise from 0 to where survival has reached 0. `worth` is what one more day is worth then, in planned
    replacements: the long-run cost rate given survival so far.
    """

    edges: Array
    survival: Array
    healthy_survival: Array
    showing: Array
    worth: Array
    cost_ratio: Array


def best_wait(stakes: Stakes) -> Array:
    """Return how long to wait with replacing each part, in days; infinite where waiting for failure is best.

    A part that seems due at once is given more time where it is not sure that wear shows at all and a week of readings
    will tell: as long as the risk till then costs less than replacing a part for nothing.
    """
    cost = _cost_of_waiting(stakes, stakes.survival)
    best = np.argmin(cost, axis=1)
    least = cost[np.arange(best.size), best]
    wait = stakes.edges[np.arange(best.size), best]
    wait = np.where(best >= stakes.edges.shape[1] - 2, np.inf, wait)
    return np.where(wait < LEARNING_DAYS, np.maximum(wait, _worth_learning(stakes, least)), wait)


def _cost_of_waiting(stakes: Stakes, survival: Array) -> Array:
    """Return the expected cost of replacing at each edge, less what the time till then is worth, (n, m)."""
    use = survival * stakes.worth
    gained = np.zeros(use.shape)
    gained[:, 1:] = np.cumsum(0.5 * (use[:, 1:] + use[:, :-1]) * np.diff(stakes.edges, axis=1), axis=1)
    cost: Array = survival + stakes.cost_ratio[:, None] * (1.0 - survival) - gained
    return cost


def _worth_learning(stakes: Stakes, least: Array) -> Array:
    """Return for how many days the chance that no wear shows pays for the risk of waiting; 0 where a week does not."""
    spared = 1.0 - _cost_of_waiting(stakes, stakes.healthy_survival).min(axis=1)
    hoped = (1.0 - stakes.showing) * np.maximum(spared, 0.0)
    affordable = _cost_of_waiting(stakes, stakes.survival) - stakes.survival * hoped[:, None] < least[:, None]
    until = np.where(affordable, stakes.edges, 0.0).max(
        axis=1, where=np.logical_and.accumulate(affordable, axis=1), initial=0.0
    )
    return np.where(until >= LEARNING_DAYS, until, 0.0)


def cost_ratio_of(part_type: PartType, planned: float | None, unplanned: float | None) -> float:
    """Return the site's own ratio of unplanned to planned cost where it typed two positive costs, else the catalogue's."""
    if planned is None or unplanned is None or not (planned > 0 and unplanned > 0):
        return part_type.cost_ratio
    return unplanned / planned


def order_by(p10_at: datetime, lead_time_days: float, now: datetime) -> datetime:
    """Return by when to order: one in ten parts fails before a spare ordered later is there; at the earliest now."""
    try:
        return max(p10_at - timedelta(days=lead_time_days + SAFETY_DAYS), now)
    except OverflowError:
        return now


def case_horizon_days(lead_time_days: float) -> float:
    """Return how far ahead a due replacement raises a case."""
    return max(lead_time_days + SAFETY_DAYS, SHORTEST_HORIZON_DAYS)


def _refined(ln_ages: Array, cost: Array, best: int) -> float:
    """Return the age at the lowest point of the parabola through the best age and its neighbours."""
    if not 0 < best < cost.size - 1:
        return float(np.exp(ln_ages[best]))
    before, at, after = cost[best - 1 : best + 2]
    bend = before - 2.0 * at + after
    shift = 0.5 * (before - after) / bend if bend > 0 else 0.0
    return float(np.exp(ln_ages[best] + shift * (ln_ages[1] - ln_ages[0])))
