"""What happened to parts in a month, and what was said of warnings: the figures of the monthly report."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ingest.label import Label, LabelKind
from ingest.part_life import PartLife, RemovalReason
from service.advisory.costs import StopCosts
from service.advisory.improvement import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyReport:
    """A month from `start` up to `end`: removals by their reason, verdicts, and what replacing cost in won."""

    start: datetime
    end: datetime
    removals: Mapping[RemovalReason, int]
    verdicts: Mapping[LabelKind, int]
    planned_krw: float
    unplanned_krw: float
    failures: tuple[PartLife, ...]

    @property
    def replaced(self) -> int:
        """How many parts came off."""
        return sum(self.removals.values())


def report_month(
    lives: Iterable[PartLife],
    labels: Iterable[Label],
    costs: Mapping[Place, StopCosts],
    *,
    start: datetime,
    end: datetime,
) -> MonthlyReport:
    """Return the report of a month; a slot that the plant has no more costs nothing."""
    off = [life for life in lives if life.removed_at is not None and start <= life.removed_at < end]
    failed = [life for life in off if life.removal_reason is RemovalReason.FAILED]
    rest = [life for life in off if life.removal_reason is not RemovalReason.FAILED]
    return MonthlyReport(
        start=start,
        end=end,
        removals=Counter(life.removal_reason or RemovalReason.UNKNOWN for life in off),
        verdicts=Counter(label.kind for label in labels if start <= label.said_at < end),
        planned_krw=sum(_cost(life, costs, failed=False) for life in rest),
        unplanned_krw=sum(_cost(life, costs, failed=True) for life in failed),
        failures=tuple(sorted(failed, key=lambda life: life.removed_at or end)),
    )


def _cost(life: PartLife, costs: Mapping[Place, StopCosts], *, failed: bool) -> float:
    known = costs.get((life.machine, life.slot))
    if known is None:
        return 0.0
    return known.unplanned if failed else known.planned
