"""Out of service: a machine whose cases are suppressed until a time that a person sets, with the reason (ISA-18.2)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from configs.plant import MachineId
from service.errors import InvalidRequestError

LONGEST = timedelta(days=180)
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfService:
    """A machine is out of service from `since` to `until`, because somebody said so."""

    machine: MachineId
    since: datetime
    until: datetime
    reason: str
    said_by: str

    def holds_at(self, now: datetime) -> bool:
        """Whether the machine is out of service then."""
        return self.since <= now < self.until


def take_out_of_service(
    machine: MachineId, *, until: datetime, reason: str, said_by: str, now: datetime
) -> OutOfService:
    """Return the machine's time out of service; it needs a reason and an end, so that nothing is muted for ever."""
    words = reason.strip()
    if not words or len(words) > LONGEST_REASON or "\0" in words:
        raise InvalidRequestError(
            f"reason: say in 1 to {LONGEST_REASON} plain characters why {machine} is out of service"
        )
    if not now < until <= now + LONGEST:
        raise InvalidRequestError(f"until: must lie ahead, at most {LONGEST.days} days; set it again later if need be")
    return OutOfService(machine=machine, since=now, until=until, reason=words, said_by=said_by)
