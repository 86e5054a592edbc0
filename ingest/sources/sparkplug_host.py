"""What a Sparkplug host application says: that it is there, and which edge nodes must be born again (ISO/IEC 20237)."""

from collections.abc import Callable

import orjson
import structlog

from configs.sparkplug_schema import payload_type
from ingest.decode.sparkplug import HostDuty
from ingest.decode.sparkplug_topic import NAMESPACE, EdgeNode
from ingest.ports import Outgoing

BOOLEAN = 11
REBIRTH = "Node Control/Rebirth"

log = structlog.get_logger(__name__)


class SparkplugHost:
    """The herald of a host, and the one who carries out its duties.

    Parameters
    ----------
    host_id
        Under which name edge nodes know us.
    clock_ns
        Gives the time in nanoseconds UTC.
    """

    def __init__(self, host_id: str, clock_ns: Callable[[], int]) -> None:
        self._topic = f"{NAMESPACE}/STATE/{host_id}"
        self._clock_ns = clock_ns
        self._connected_ms = 0

    def will(self, now_ns: int) -> Outgoing:
        """Return what the broker says when we vanish; the greeting of this connection bears the same time."""
        self._connected_ms = now_ns // 1_000_000
        return self._state(online=False)

    def greeting(self) -> Outgoing:
        """Return that we are there."""
        return self._state(online=True)

    def farewell(self) -> Outgoing:
        """Return that we leave."""
        return self._state(online=False)

    def carry_out(self, duty: HostDuty, publish: Callable[[Outgoing], bool]) -> None:
        """Say what is due; what cannot be sent now is due again later."""
        if duty.deny_death:
            publish(self.greeting())
        for node in duty.rebirths:
            log.info("sparkplug_rebirth_asked", edge_node=node.stream, sent=publish(self._rebirth(node)))

    def _state(self, *, online: bool) -> Outgoing:
        said = orjson.dumps({"online": online, "timestamp": self._connected_ms})
        return Outgoing(self._topic, said, qos=1, retain=True)

    def _rebirth(self, node: EdgeNode) -> Outgoing:
        now_ms = self._clock_ns() // 1_000_000
        command = payload_type()(timestamp=now_ms)
        command.metrics.add(name=REBIRTH, timestamp=now_ms, datatype=BOOLEAN, boolean_value=True)
        topic = f"{NAMESPACE}/{node.group}/NCMD/{node.name}"
        return Outgoing(topic, command.SerializeToString(), qos=0, retain=False)
