"""Every format that messages come in, told apart by topic."""

from configs.plant import Plant
from configs.topic_pattern import compile_topic
from ingest.decode.mapping import MappingDecoder
from ingest.decode.native import NativeDecoder
from ingest.decode.sparkplug import HostDuty, HostRules, SparkplugDecoder
from ingest.decode.sparkplug_topic import NAMESPACE
from ingest.decode.time_window import TimeWindow
from ingest.parcel import Parcel
from ingest.reading import Message, Presence, Rejection

Decoded = Message | Presence | Rejection | Parcel

SPARKPLUG_TOPICS = f"{NAMESPACE}/#"


class Decoder:
    """Turns messages of any known format into readings of the machines of one plant.

    Parameters
    ----------
    plant
        The machines and sensors that may report, and what other programs call them.
    window
        Where event times may lie around the time of arrival.
    rules
        How patient we are as a Sparkplug host.
    """

    def __init__(self, plant: Plant, window: TimeWindow, rules: HostRules | None = None) -> None:
        self._window = window
        self._native = NativeDecoder(plant, window)
        self._sparkplug = SparkplugDecoder(plant, window, rules)
        self._mapping = MappingDecoder(plant, window)

    def decode(self, topic: str, payload: bytes, received_ns: int) -> Decoded:
        """Return what a message comes to, or why it cannot be stored."""
        if topic.startswith("yeji/"):
            return self._native.decode(topic, payload, received_ns)
        if topic.startswith(f"{NAMESPACE}/"):
            return self._sparkplug.decode(topic, payload, received_ns)
        if self._mapping.reads(topic):
            return self._mapping.decode(topic, payload, received_ns)
        return self._native.decode(topic, payload, received_ns)

    def owns(self, topic: str) -> bool:
        """Whether a native topic is one of a machine of the plant."""
        return self._native.owns(topic)

    def replant(self, plant: Plant) -> None:
        """Go by another plant; what edge nodes said at their births still holds."""
        self._native = NativeDecoder(plant, self._window)
        self._sparkplug.replant(plant)
        self._mapping = MappingDecoder(plant, self._window)

    def begin_connection(self) -> None:
        """Forget what a broken connection may have made untrue."""
        self._sparkplug.begin_connection()

    def due(self, now_ns: int) -> HostDuty:
        """Return what we have to say as a Sparkplug host."""
        return self._sparkplug.due(now_ns)


def mapped_topics(plant: Plant) -> tuple[str, ...]:
    """Return the filters that a broker is asked for so that every mapping gets its messages, each once."""
    return tuple(dict.fromkeys(compile_topic(mapping.topic).filter for mapping in plant.mappings))
