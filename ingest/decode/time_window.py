"""Where the event times of live readings may lie around the time of their arrival."""

from dataclasses import dataclass

from ingest.decode.refusal import Refused, refuse
from ingest.reading import RejectionReason


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeWindow:
    """How far behind and ahead of its arrival a live reading's event time may lie, in nanoseconds."""

    past_ns: int
    future_ns: int

    def refusal(self, first_ns: int, last_ns: int, received_ns: int) -> Refused | None:
        """Return why readings from the first to the last event time cannot be live, or None."""
        if first_ns < received_ns - self.past_ns:
            behind_h = (received_ns - first_ns) / 3.6e12
            detail = (
                f"event time is {behind_h:.1f} h behind the server's clock; set the device's clock, or import the data"
            )
            return refuse(RejectionReason.TIME_WINDOW, detail)
        if last_ns > received_ns + self.future_ns:
            ahead_h = (last_ns - received_ns) / 3.6e12
            detail = (
                f"event time is {ahead_h:.2f} h ahead of the server's clock; set the device's clock and its time zone"
            )
            return refuse(RejectionReason.TIME_WINDOW, detail)
        return None
