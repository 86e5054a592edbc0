"""A store in front of which waveforms are kept: both are durable before anything is acknowledged."""

from ingest.ports import IntakeBatch, IntakeState, IntakeStore, WaveformStore


class KeepingStore:
    """An `IntakeStore` that keeps the waveforms of a batch before it commits the rest.

    A crash in between keeps waveforms whose readings come again; keeping them again changes nothing.
    """

    def __init__(self, store: IntakeStore, waveforms: WaveformStore) -> None:
        self._store = store
        self._waveforms = waveforms

    def load(self) -> IntakeState:
        """Return where everything stood at the last commit."""
        return self._store.load()

    def commit(self, batch: IntakeBatch) -> None:
        """Make waveforms and batch durable; StoreUnavailableError where either cannot be."""
        for waveform in batch.waveforms:
            self._waveforms.keep(waveform)
        self._store.commit(batch)
