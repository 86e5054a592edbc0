"""Which machines need somebody first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

from configs.plant import Machine
from models.health import Health, HealthStatus
from models.prediction import Prediction
from service.advisory.case import Case, CaseState, Severity
from service.advisory.shelving import OutOfService

_NEVER = datetime.max.replace(tzinfo=UTC)


class Urgency(IntEnum):
    """How a machine stands, most urgent first."""

    CRITICAL = 0
    WARNING = 1
    WATCH = 2
    NO_DATA = 3
    NORMAL = 4
    OUT_OF_SERVICE = 5


_OF_SEVERITY = {
    Severity.CRITICAL: Urgency.CRITICAL,
    Severity.WARNING: Urgency.WARNING,
    Severity.WATCH: Urgency.WATCH,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineStanding:
    """A machine with all that says how it stands."""

    machine: Machine
    case: Case | None
    health: Health | None
    predictions: tuple[Prediction, ...]
    out_of_service: OutOfService | None

    @property
    def urgency(self) -> Urgency:
        """How the machine stands: out of service before all else, then its case, then whether it is seen at all."""
        if self.out_of_service is not None:
            return Urgency.OUT_OF_SERVICE
        if self.case is not None:
            return _OF_SEVERITY[self.case.severity]
        if self.health is None or self.health.status is HealthStatus.NO_DATA:
            return Urgency.NO_DATA
        return Urgency.NORMAL

    @property
    def soonest(self) -> Prediction | None:
        """The prediction with the earliest lower bound of remaining life, or None where no slot has a number."""
        known = [each for each in self.predictions if each.remaining is not None]
        return min(known, key=_lower_bound, default=None)


def rank_machines(standings: Iterable[MachineStanding]) -> tuple[MachineStanding, ...]:
    """Return the machines in the order in which they need somebody.

    By urgency; within it those that nobody has acknowledged first, then by the lower bound (P10) of the remaining
    life of their shortest-lived part, then by identifier.
    """
    return tuple(sorted(standings, key=_rank))


def _rank(standing: MachineStanding) -> tuple[int, bool, datetime, str]:
    soonest = standing.soonest
    is_handled = standing.case is not None and standing.case.state is not CaseState.RAISED
    until = _NEVER if soonest is None else _lower_bound(soonest)
    return standing.urgency, is_handled, until, standing.machine.id


def _lower_bound(prediction: Prediction) -> datetime:
    return _NEVER if prediction.remaining is None else prediction.remaining.p10_at
