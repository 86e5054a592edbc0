"""What one delivery comes to where it is more than one machine's readings."""

from dataclasses import dataclass

from ingest.reading import Message, Presence, Rejection
from ingest.sighting import Sighting
from ingest.waveform import Waveform


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Everything of one message of a foreign format, or of a waveform: it is new, or a repetition, as a whole.

    `boot` and `seq` number it in its stream, both None where the format has no numbers. `rejections` are the parts that
    cannot be stored, `sightings` those that the plant does not have.
    """

    stream: str
    boot: str | None
    seq: int | None
    received_time_ns: int
    messages: tuple[Message, ...] = ()
    waveforms: tuple[Waveform, ...] = ()
    presences: tuple[Presence, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    sightings: tuple[Sighting, ...] = ()
