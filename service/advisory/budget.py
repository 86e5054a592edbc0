"""What this month's purchases cost, and what they keep from happening."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from service.advisory.costs import CostBasis
from service.advisory.supply import Need, SupplyLine

WITHIN_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What the order list costs and the loss that it averts within 30 days, in won.

    `averted` is, over the slots that the parts are for, the chance of failure times what a failure costs more than a planned
    replacement. `basis` is `CATALOGUE` where for none of these slots the costs were typed in.
    """

    spent: float
    averted: float
    slots: int
    basis: CostBasis


def budget_of(lines: Iterable[SupplyLine]) -> Budget:
    """Return what the lines of an order list buy."""
    bought = [line for line in lines if line.quantity > 0]
    served = [need for line in bought for need in served_by(line)]
    return Budget(
        spent=sum(line.cost_krw for line in bought),
        averted=sum(need.slot.chance_30 * need.slot.costs.extra for need in served),
        slots=len(served),
        basis=CostBasis.TYPED
        if any(need.slot.costs.basis is CostBasis.TYPED for need in served)
        else CostBasis.CATALOGUE,
    )


def served_by(line: SupplyLine) -> Sequence[Need]:
    """Return the needs that this week's order is for: those that follow what is there and on order."""
    first = line.item.on_hand + line.spare_substitutes + line.on_order
    place, found = 0, []
    for need in line.needs:
        if first <= place < first + line.quantity:
            found.append(need)
        place += need.slot.facts.part.quantity
    return found
