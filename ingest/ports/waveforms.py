"""Raw waveforms and the policy-bound store that keeps them."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from configs.plant import MachineId
from ingest.waveform import Waveform


class WaveformKey(NamedTuple):
    """Which capture: of a machine's measuring point, begun at an event time."""

    machine: MachineId
    point: str
    event_time_ns: int


class WaveformStore(Protocol):
    """Keeps raw waveforms, as many as a policy says."""

    def keep(self, waveform: Waveform) -> None:
        """Keep a waveform, durable when it returns; the same one again changes nothing. StoreUnavailableError."""

    def captures(self, machine: MachineId, point: str, limit: int) -> Sequence[WaveformKey]:
        """Return the captures of a point, newest first; the newest of all is always there."""

    def read(self, key: WaveformKey) -> Waveform | None:
        """Return a capture; None where it is not kept, or any more."""

    def retire(self, now_ns: int) -> int:
        """Delete what is past its time; return how many captures that were."""
