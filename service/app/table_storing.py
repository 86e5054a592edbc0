"""Storing what was read of a table: the readings on the road that messages take, each value once."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from configs.plant import MachineId
from ingest.intake.examination import HandedIn
from ingest.intake.hand_in import HandIn
from ingest.ports import TelemetryStore
from ingest.reading import ReadingBatch, Values
from service.app.table_folder import StagedReadings

CHUNK_VALUES = 100_000
MINUTE_NS = 60_000_000_000
WINDOW_NS = 30 * 1_440 * MINUTE_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What storing one machine's readings came to: values that were new, and what the meters gained, by unit."""

    values: int
    meters: dict[str, float]


def without_known(fresh: StagedReadings, known: Iterable[StagedReadings]) -> StagedReadings:
    """Return the readings without the values that earlier imports have stored; a value that differs stays."""
    values = fresh.values.copy()
    for earlier in known:
        shared = [sensor for sensor in fresh.sensors if sensor in earlier.sensors]
        if earlier.machine != fresh.machine or not shared or not earlier.times_ns.size:
            continue
        at = np.minimum(np.searchsorted(earlier.times_ns, fresh.times_ns), earlier.times_ns.size - 1)
        same_time = earlier.times_ns[at] == fresh.times_ns
        for sensor in shared:
            own, theirs = fresh.sensors.index(sensor), earlier.sensors.index(sensor)
            values[same_time & (values[:, own] == earlier.values[at, theirs]), own] = np.nan
    return _of(fresh, values)


def without_old_minutes(fresh: StagedReadings, store: TelemetryStore, before_ns: int) -> StagedReadings:
    """Return the readings without those of minutes that lie before the raw ones and hold something already.

    Such a minute could not be rolled up anew: what it was made of is gone.
    """
    old = fresh.times_ns < before_ns
    if not old.any():
        return fresh
    taken: list[np.ndarray] = []
    for start in range(int(fresh.times_ns[0]), min(int(fresh.times_ns[-1]), before_ns) + 1, WINDOW_NS):
        block = store.read_windows(
            fresh.equipment_type,
            [fresh.machine],
            start_ns=start // MINUTE_NS * MINUTE_NS,
            end_ns=min(start + WINDOW_NS, before_ns),
            width_s=60.0,
        )
        taken.append(block.starts_ns)
    minutes = fresh.times_ns // MINUTE_NS * MINUTE_NS
    values = fresh.values.copy()
    values[old & np.isin(minutes, np.concatenate(taken))] = np.nan
    return _of(fresh, values)


def store_readings(
    staged: StagedReadings, hand_in: HandIn, boot: str, *, first_seq: int, advance: Callable[[int], None]
) -> Stored:
    """Hand readings in, chunk by chunk, each durable before the next; `advance` hears of the values of each."""
    gained: dict[str, float] = {}
    total = 0
    for seq, batch in enumerate(_batches(staged, boot, first_seq), start=first_seq):
        stream = f"table/{staged.machine}"
        examined = hand_in.take([HandedIn(stream=stream, boot=boot, seq=seq, readings=batch)])
        for meter in examined.batch.meters:
            gained[meter.unit.value] = gained.get(meter.unit.value, 0.0) + meter.value
        count = int((~np.isnan(batch.values)).sum())
        total += count if examined.messages else 0
        advance(count)
    return Stored(values=total, meters=gained)


def chunks_of(staged: StagedReadings) -> int:
    """Return in how many chunks readings are handed in."""
    return -(-staged.times_ns.size // _rows_of(staged))


def _batches(staged: StagedReadings, boot: str, first_seq: int) -> Iterator[ReadingBatch]:
    rows = _rows_of(staged)
    for number, start in enumerate(range(0, staged.times_ns.size, rows)):
        times = staged.times_ns[start : start + rows]
        states = np.array(staged.states[start : start + rows], dtype=object)
        yield ReadingBatch(
            equipment_type=staged.equipment_type,
            sensors=staged.sensors,
            machines=_same(staged.machine, times.size),
            event_times_ns=times,
            received_times_ns=times,
            boots=_same(boot, times.size),
            seqs=np.full(times.size, first_seq + number, np.int64),
            rows=np.arange(times.size, dtype=np.int32),
            states=states,
            jobs=_same(None, times.size),
            values=staged.values[start : start + rows],
            quality=np.zeros((times.size, len(staged.sensors)), np.uint16),
        )


def _rows_of(staged: StagedReadings) -> int:
    return max(1, CHUNK_VALUES // max(1, len(staged.sensors)))


def _of(staged: StagedReadings, values: Values) -> StagedReadings:
    kept = np.asarray(~np.isnan(values).all(axis=1))
    states = tuple(state for state, keep in zip(staged.states, kept.tolist(), strict=True) if keep)
    return replace(staged, times_ns=staged.times_ns[kept], states=states, values=values[kept])


def _same(value: MachineId | str | None, size: int) -> np.ndarray:
    column = np.empty(size, dtype=object)
    column[:] = value
    return column
