"""One life of an edge node, from its birth on: which number each message has, and what its metrics stand for.

Numbers on the wire wrap at 256; here they go on rising, so that the ledger can name them for ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from configs.units import Conversion
from ingest.decode.refusal import Refused
from ingest.decode.sparkplug_names import Target

WRAP = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What a birth said of a metric: its type and unit, and what it is to the plant, None for a stranger."""

    name: str
    datatype: int
    unit: str | None
    target: Target | None
    conversion: Conversion | None
    refusal: Refused | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """The metrics of one birth, by name and by alias."""

    by_name: Mapping[str, Definition]
    by_alias: Mapping[int, Definition]


@dataclass(slots=True)
class Session:
    """Where an edge node stands since its last birth.

    `missing` are numbers that were passed over, with when that was noticed (nanoseconds UTC). A session is not `sure`
    when the connection to the broker broke or its numbers began anew without a birth: names may have changed.
    """

    boot: str
    bd_seq: int | None
    born_ms: int
    devices: dict[str | None, Definitions] = field(default_factory=dict)
    highest: int = 0
    newest_ms: int = 0
    missing: dict[int, int] = field(default_factory=dict)
    sure: bool = True

    def number(self, seq: int, sent_ms: int, received_ns: int) -> int | None:
        """Return the full number of a message whose wrapped one is `seq`; None where the numbers began anew.

        A message whose number has been there counts as repeated when it was sent before, and as a new beginning when
        it was sent later than everything so far.
        """
        expected = self.highest + 1
        number = expected + (seq - expected + WRAP // 2) % WRAP - WRAP // 2
        if number > self.highest:
            self.missing |= dict.fromkeys(range(expected, number), received_ns)
            self.highest = number
        elif number in self.missing:
            del self.missing[number]
        elif number < 0 or sent_ms > self.newest_ms:
            self.sure = False
            return None
        self.newest_ms = max(self.newest_ms, sent_ms)
        return number

    def overdue(self, now_ns: int, reorder_ns: int) -> bool:
        """Whether a number has been missing for so long that it will not come any more."""
        return any(now_ns - since >= reorder_ns for since in self.missing.values())
