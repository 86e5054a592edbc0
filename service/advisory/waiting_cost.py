"""What it costs to replace a part now, and what each further day of waiting is expected to cost."""

import math

from configs.plant import Machine, PartType

_CERTAIN = 0.999


def cost_of_acting_krw(machine: Machine, part: PartType) -> float:
    """Return the cost of a planned replacement: the machine's own figure, else the price of the parts."""
    if machine.cost_planned_krw is not None:
        return machine.cost_planned_krw
    return part.price_krw * part.quantity


def cost_of_waiting_krw_per_day(machine: Machine, part: PartType, chance_within_7_days: float) -> float:
    """Return the expected extra cost of one more day: the hazard times what a failure costs more than a planned swap.

    The hazard is taken as constant over the 7 days for which `chance_within_7_days` (0–1) holds.
    """
    planned = cost_of_acting_krw(machine, part)
    unplanned = machine.cost_unplanned_krw if machine.cost_unplanned_krw is not None else planned * part.cost_ratio
    hazard_per_day = -math.log1p(-min(chance_within_7_days, _CERTAIN)) / 7
    return hazard_per_day * max(0.0, unplanned - planned)
