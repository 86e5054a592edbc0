"""What a round of the monitor concluded of a machine, and what else counts when it is decided on."""

from dataclasses import dataclass
from datetime import datetime

from configs.plant import MachineId, SlotId
from models.condition import Condition
from models.prediction import Prediction
from service.advisory.case import Severity
from service.advisory.shelving import OutOfService


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What was concluded of one machine in one round of the monitor.

    `assessed_until` is the end, in event time, of the newest window that was judged. `conditions` are all that hold
    and all that have ended since the round before, None where conditions were not judged in this round.
    """

    machine: MachineId
    assessed_until: datetime | None
    conditions: tuple[Condition, ...] | None
    predictions: tuple[Prediction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A finding that a person has judged by closing its case: it holds off the same evidence up to `until`."""

    key: str
    severity: Severity
    started_at: datetime
    closed_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadTime:
    """How many days the part of a slot takes to arrive."""

    slot: SlotId
    days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """Since when a part that came in lately is in its slot."""

    slot: SlotId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionContext:
    """What else counts: is the machine in service, what was judged before, which slots only count down or have a new part."""

    out_of_service: OutOfService | None = None
    settled: tuple[Settled, ...] = ()
    countdown_slots: frozenset[SlotId] = frozenset()
    lead_times: tuple[LeadTime, ...] = ()
    renewed: tuple[Renewed, ...] = ()
