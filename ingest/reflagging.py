"""Stored rows judged again: what changes, and how the flags of sensors in doubt are written."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from configs.plant import MachineId
from ingest.ports import Judge, Reflagged
from ingest.quality import Doubt, TypeProfile, judge_again
from ingest.reading import Flags, QualityFlag, ReadingBatch

MINUTE_NS = 60_000_000_000


def reflagged(batch: ReadingBatch, flags: Flags) -> tuple[Reflagged, NDArray[np.bool_]]:
    """Return what changes of one machine's rows, in order of event time, and in which rows (n,) something does."""
    reported = ~np.isnan(batch.values)
    different = (flags != batch.quality) & reported
    changed = different.any(axis=1)
    last = []
    for at, sensor in enumerate(batch.sensors):
        rows = np.flatnonzero(reported[:, at])
        if rows.size and different[rows[-1], at]:
            last.append((str(sensor), int(batch.event_times_ns[rows[-1]]), int(flags[rows[-1], at])))
    minutes = np.unique(batch.event_times_ns[changed] // MINUTE_NS * MINUTE_NS)
    outcome = Reflagged(
        equipment_type=batch.equipment_type,
        machine=MachineId(batch.machines[0]) if batch.machines.size else MachineId(""),
        cells=int(different.sum()),
        minutes_ns=minutes.tolist(),
        last_flags=last,
    )
    return outcome, changed


def doubting(doubts: Sequence[Doubt]) -> Judge:
    """Return what adds to stored flags those of the sensors in doubt, while they are."""

    def judge(batch: ReadingBatch) -> Flags:
        return batch.quality | _doubtful(batch, doubts)

    return judge


def anew(profile: TypeProfile, doubts: Sequence[Doubt], from_ns: int) -> Judge:
    """Return what judges the readings from `from_ns` on as if they had come in order; those before only lead up to them.

    How a reading arrived (late, twice, by a clock that was off) stays as it was found then.
    """

    def judge(batch: ReadingBatch) -> Flags:
        known = tuple(sensor for sensor in batch.sensors if sensor in profile.sensors)
        columns = [batch.sensors.index(sensor) for sensor in known]
        flags = batch.quality.copy()
        if batch.machines.size == 0 or not known:
            return flags
        part = replace(batch, sensors=known, values=batch.values[:, columns], quality=batch.quality[:, columns])
        arrival = np.uint16(QualityFlag.LATE | QualityFlag.DUPLICATE | QualityFlag.CONFLICT | QualityFlag.CLOCK_SKEW)
        fresh = judge_again(profile, part) & ~arrival | part.quality & arrival
        later = batch.event_times_ns >= from_ns
        flags[:, columns] = np.where(later[:, None], fresh, part.quality)
        flags[later] |= _doubtful(batch, doubts)[later]
        return flags

    return judge


def _doubtful(batch: ReadingBatch, doubts: Sequence[Doubt]) -> Flags:
    flags = np.zeros(batch.quality.shape, np.uint16)
    for doubt in doubts:
        if doubt.sensor in batch.sensors:
            until = np.inf if doubt.until_ns is None else doubt.until_ns
            within = (batch.event_times_ns >= doubt.since_ns) & (batch.event_times_ns < until)
            flags[within, batch.sensors.index(doubt.sensor)] |= np.uint16(doubt.flag)
    flags[np.isnan(batch.values)] = 0
    return flags
