"""Raw waveforms as files."""

from pathlib import Path

import numpy as np
import pytest

from ingest.errors import StoreUnavailableError
from ingest.intake.waveform_keeping import KeepingStore
from ingest.ports import WaveformKey
from ingest.stores.waveform_files import DAY_NS, WaveformFiles, WaveformPolicy
from tests.fakes.readings import NOON_NS, an_intake_batch
from tests.fakes.store import MemoryStore
from tests.fakes.waveforms import a_waveform

HOUR_NS = DAY_NS // 24
MIDNIGHT_NS = NOON_NS // DAY_NS * DAY_NS


def a_store(folder: Path, **policy: int) -> WaveformFiles:
    return WaveformFiles(folder / "waveforms", WaveformPolicy(**policy))


def times(store: WaveformFiles, limit: int = 100) -> list[int]:
    return [key.event_time_ns for key in store.captures("pump1", "drive_end", limit)]


def test_a_waveform_comes_back_as_it_was(tmp_path: Path) -> None:
    store, samples = a_store(tmp_path), np.random.default_rng(1).normal(size=512)
    for rotation_hz in (None, 24.5):
        kept = a_waveform(samples, rotation_hz=rotation_hz, event_time_ns=NOON_NS + int(rotation_hz or 0) * HOUR_NS)
        store.keep(kept)
        found = store.read(WaveformKey("pump1", "drive_end", kept.event_time_ns))
        assert found is not None
        assert (found.rate_hz, found.rotation_hz, found.event_time_ns) == (25_600.0, rotation_hz, kept.event_time_ns)
        assert np.array_equal(found.acceleration_m_s2, kept.acceleration_m_s2)


def test_a_day_holds_so_many_evenly_spread_and_the_newest_is_always_there(tmp_path: Path) -> None:
    store = a_store(tmp_path, per_day=4)
    for minute in range(0, 24 * 60, 10):
        store.keep(a_waveform(event_time_ns=MIDNIGHT_NS + minute * HOUR_NS // 60))
    assert [(at - MIDNIGHT_NS) / HOUR_NS for at in times(store)] == [23 + 5 / 6, 18, 12, 6, 0]
    assert times(store, 2) == times(store)[:2]
    newest = store.read(WaveformKey("pump1", "drive_end", times(store)[0]))
    assert newest is not None
    assert store.read(WaveformKey("pump1", "drive_end", 7)) is None


def test_the_same_waveform_again_changes_nothing(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    for _ in range(2):
        store.keep(a_waveform())
    assert times(store) == [NOON_NS]


def test_a_late_waveform_does_not_become_the_newest(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    store.keep(a_waveform(event_time_ns=NOON_NS))
    store.keep(a_waveform(event_time_ns=NOON_NS - 3 * HOUR_NS))
    assert times(store) == [NOON_NS, NOON_NS - 3 * HOUR_NS]


def test_days_past_their_time_go(tmp_path: Path) -> None:
    store = a_store(tmp_path, days=2)
    for day in range(5):
        store.keep(a_waveform(event_time_ns=NOON_NS - day * DAY_NS))
    (tmp_path / "waveforms" / "9999-99-99").mkdir()
    assert store.retire(NOON_NS) == 2
    assert len(times(store)) == 3
    assert store.retire(NOON_NS) == 0


def test_points_are_kept_apart(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    store.keep(a_waveform())
    store.keep(a_waveform(point="free_end"))
    assert len(store.captures("pump1", "free_end", 9)) == 1
    assert store.captures("pump2", "drive_end", 9) == []


def test_a_spoilt_file_is_passed_over(tmp_path: Path) -> None:
    store = a_store(tmp_path)
    store.keep(a_waveform())
    for file in (tmp_path / "waveforms").rglob("*.npz"):
        file.write_bytes(b"PK\x03\x04 nothing")
    assert store.read(WaveformKey("pump1", "drive_end", NOON_NS)) is None


def test_what_cannot_be_written_is_said_and_nothing_is_committed(tmp_path: Path) -> None:
    (tmp_path / "waveforms").write_text("a file is in the way")
    inner = MemoryStore()
    store = KeepingStore(inner, a_store(tmp_path))
    with pytest.raises(StoreUnavailableError, match="a waveform cannot be written"):
        store.commit(an_intake_batch(waveforms=(a_waveform(),)))
    store.commit(an_intake_batch())
    assert store.load() == inner.load()
