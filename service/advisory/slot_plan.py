"""When one part is to be replaced: its window, its day and shift, and what acting and waiting cost."""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from configs.calendar import Turn, last_turn, next_turn
from configs.plant import Machine, PartType, Site, Slot
from models.prediction import Prediction, ReasonCode, RemainingLife
from service.advisory.costs import StopCosts, cost_of_waiting, hours_of_waiting, stop_costs

PLAN_WEEKS = 12
PLANNED_WITHIN = timedelta(weeks=26)
"""Days further ahead than this are not fitted into shifts."""

_LN2 = math.log(2.0)
_DAY = timedelta(days=1)


class Timing(StrEnum):
    """How the day of a replacement came about."""

    BY_COST = "by_cost"
    BY_RISK = "by_risk"
    RUN_TO_FAILURE = "run_to_failure"
    """Replacing early does not pay: a spare is kept, and the part replaced when it fails."""
    UNKNOWN_AGE = "unknown_age"
    """Nobody knows how old the part is, and no wear shows: there is a window, but no day to plan for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotFacts:
    """A slot with what is known of it; without a prediction there is no day."""

    site: Site
    machine: Machine
    slot: Slot
    part: PartType
    prediction: Prediction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSlot:
    """A slot whose part has a window: `due` is when the work begins, None where the part runs to failure.

    `turn` is the shift of `due`, None without a calendar. `cycle_days` is how long such a part lasts here on average,
    `scale_days` the Weibull scale of its life. `waiting_h` is None where nobody said how long stops last. `spare_at` is when
    the spare comes that `due` waits for, None where it waits for none.
    """

    facts: SlotFacts
    remaining: RemainingLife
    replace_by: datetime | None
    timing: Timing
    due: datetime | None
    turn: Turn | None
    is_overdue: bool
    costs: StopCosts
    chance_7: float
    chance_30: float
    waiting_krw: float
    waiting_h: float | None
    scale_days: float
    cycle_days: float
    spare_at: datetime | None = None

    @property
    def cost_per_day(self) -> float:
        """What using up such a part costs per day on average, in won: what a day too early throws away."""
        return self.costs.planned / self.cycle_days


def plan_slot(facts: SlotFacts, *, now: datetime) -> PlannedSlot | None:
    """Return the plan of one slot, None where there is no ground for a number."""
    prediction = facts.prediction
    if prediction is None or prediction.remaining is None or prediction.failure_probability is None:
        return None
    costs = stop_costs(facts.machine, facts.site, facts.part)
    timing = timing_of(prediction)
    wanted = prediction.replace_by if timing in {Timing.BY_COST, Timing.BY_RISK} else None
    turn = _turn(facts.site, wanted, now)
    chances = prediction.failure_probability
    scale = scale_days(prediction.remaining, prediction, facts.part, now=now)
    return PlannedSlot(
        facts=facts,
        remaining=prediction.remaining,
        replace_by=wanted,
        timing=timing,
        due=None if wanted is None else max(turn.start, now) if turn is not None else max(wanted, now),
        turn=turn,
        is_overdue=wanted is not None and wanted <= now,
        costs=costs,
        chance_7=chances.within_7_days,
        chance_30=chances.within_30_days,
        waiting_krw=cost_of_waiting(costs, chances.within_7_days),
        waiting_h=hours_of_waiting(costs, chances.within_7_days),
        scale_days=scale,
        cycle_days=max(scale * math.gamma(1.0 + 1.0 / facts.part.beta), 1e-3),
    )


def waiting_for(slot: PlannedSlot, spare_at: datetime) -> PlannedSlot:
    """Return the plan of a slot whose spare is not there before a moment: the work begins in the first shift after it."""
    if slot.due is None or spare_at <= slot.due:
        return slot
    calendar, zone = slot.facts.site.calendar, ZoneInfo(slot.facts.site.time_zone)
    turn = next_turn(calendar, zone, spare_at) if calendar is not None else None
    due = spare_at if turn is None else max(turn.start, spare_at)
    return replace(slot, due=due, turn=turn, spare_at=spare_at)


def timing_of(prediction: Prediction) -> Timing:
    """Return what the prediction's day rests on."""
    codes = {reason.code for reason in prediction.reasons}
    if ReasonCode.CHOSEN_RISK in codes:
        return Timing.BY_RISK
    if ReasonCode.RUN_TO_FAILURE in codes:
        return Timing.RUN_TO_FAILURE
    is_unfounded = ReasonCode.UNKNOWN_START in codes and ReasonCode.COST_OPTIMUM not in codes
    return Timing.UNKNOWN_AGE if is_unfounded else Timing.BY_COST


def scale_days(remaining: RemainingLife, prediction: Prediction, part: PartType, *, now: datetime) -> float:
    """Return the Weibull scale of the part's life in days here: from the median that the prediction knows, else the catalogue's."""
    aged = next((reason for reason in prediction.reasons if reason.code is ReasonCode.AGE_USED), None)
    median = aged.parameters[1] if aged is not None and len(aged.parameters) > 1 else part.eta * _LN2 ** (1 / part.beta)
    days = max((remaining.p50_at - now) / _DAY, 1e-3)
    per_day = max(remaining.p50, 1e-9) / days
    return float(max(median / _LN2 ** (1.0 / part.beta) / per_day, 1e-3))


def _turn(site: Site, wanted: datetime | None, now: datetime) -> Turn | None:
    if site.calendar is None or wanted is None or wanted > now + PLANNED_WITHIN:
        return None
    return last_turn(site.calendar, ZoneInfo(site.time_zone), wanted, now=now)
