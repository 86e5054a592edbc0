"""Topics of Sparkplug B: `spBv1.0/<group>/<kind>/<edge node>[/<device>]` (ISO/IEC 20237, topics)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from ingest.decode.refusal import refuse
from ingest.reading import RejectionReason

NAMESPACE = "spBv1.0"


class Kind(StrEnum):
    """What a message is."""

    NBIRTH = "NBIRTH"
    NDEATH = "NDEATH"
    NDATA = "NDATA"
    NCMD = "NCMD"
    DBIRTH = "DBIRTH"
    DDEATH = "DDEATH"
    DDATA = "DDATA"
    DCMD = "DCMD"
    STATE = "STATE"


BIRTHS = frozenset({Kind.NBIRTH, Kind.DBIRTH})
NOT_FOR_US = frozenset({Kind.NCMD, Kind.DCMD})


class EdgeNode(NamedTuple):
    """An edge node: what numbers its messages, those of its devices too."""

    group: str
    name: str

    @property
    def stream(self) -> str:
        """The name of its stream in the ledger."""
        return f"{NAMESPACE}/{self.group}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SparkplugTopic:
    """A topic taken apart; `device` is None for what the edge node says of itself."""

    kind: Kind
    node: EdgeNode
    device: str | None


def parse_topic(topic: str) -> SparkplugTopic:
    """Return a topic taken apart; of STATE the host is the node's name. Raise the refusal."""
    levels = topic.split("/")
    if levels[1:2] == [Kind.STATE.value] and len(levels) == 3:
        return SparkplugTopic(kind=Kind.STATE, node=EdgeNode("", levels[2]), device=None)
    kind = Kind.__members__.get(levels[2]) if len(levels) in {4, 5} else None
    of_device = kind is not None and kind.value.startswith("D")
    if kind is None or kind is Kind.STATE or len(levels) != 4 + of_device or "" in levels:
        detail = f"topic is not {NAMESPACE}/<group>/<NBIRTH, DDATA, ...>/<edge node>[/<device>]; correct the edge node"
        raise refuse(RejectionReason.UNKNOWN_TOPIC, detail)
    return SparkplugTopic(kind=kind, node=EdgeNode(levels[1], levels[3]), device=levels[4] if of_device else None)
