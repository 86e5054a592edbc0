"""What a handful of deliveries has come to so far."""

from dataclasses import dataclass, field

from ingest.ports import Fingerprint
from ingest.reading import Message, Presence, Rejection
from ingest.sequence_ledger import StreamLedger
from ingest.sighting import Sighting
from ingest.waveform import Waveform


@dataclass(slots=True)
class Harvest:
    """Sorted as it will be committed or told; `ledgers` and `fingerprints` are those that changed."""

    messages: list[Message] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    presences: list[Presence] = field(default_factory=list)
    waveforms: list[Waveform] = field(default_factory=list)
    sightings: list[Sighting] = field(default_factory=list)
    ledgers: dict[tuple[str, str], StreamLedger] = field(default_factory=dict)
    fingerprints: list[Fingerprint] = field(default_factory=list)
    deliveries: int = 0
    duplicates: int = 0
