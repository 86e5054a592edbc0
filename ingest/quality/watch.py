"""Watching sensors over hours and days: which mislead, by what they and the machine's other sensors showed before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from configs.plant import Machine, SensorId, SlotId
from ingest.quality.apart import apart, drifting, stepped, still_apart
from ingest.quality.exchanged import exchanged_or_converted
from ingest.quality.scatter import at_bound, noisier
from ingest.quality.steady import BLOCK_NS, SteadyBlocks
from ingest.quality.suspicion import DAY, Doubt, SensorHistory, Suspicion, history_of, together

NO_WORK: Mapping[SlotId, int] = MappingProxyType({})
WEEKS = 20 * DAY
"""So much running must lie between what a slow drift is judged by and now."""


def suspect(
    machine: Machine, blocks: SteadyBlocks, doubts: Sequence[Doubt] = (), worked: Mapping[SlotId, int] = NO_WORK
) -> tuple[Suspicion, ...]:
    """Return which sensors of a machine mislead at the end of its blocks, one suspicion a sensor.

    Parameters
    ----------
    machine
        The machine, whose parts tell which sensors wear moves.
    blocks
        Its steady running in order of time: the last day is judged by what is before.
    doubts
        What is known to have misled, or still does: that is no base to judge by. What stands is let go of later than it was
        raised.
    worked
        When (nanoseconds UTC) each slot was last worked on: new parts look otherwise than the worn ones did.
    """
    if blocks.size <= DAY:
        return ()
    recent = blocks.take(slice(-DAY, None))
    before = blocks.take(_trusted(blocks, int(recent.starts_ns[0]), doubts))
    standing = frozenset((doubt.sensor, doubt.flag) for doubt in doubts if doubt.until_ns is None)
    whole = history_of(machine, before.take(slice(-10 * DAY, None)), recent, standing)
    found: dict[SensorId, Suspicion] = {}
    for suspicion in (*_since_work(whole, before, max(worked.values(), default=0)), *_moved(whole, worked)):
        found.setdefault(suspicion.sensor, suspicion)
    return tuple(found.values())


def _since_work(whole: SensorHistory, before: SteadyBlocks, worked_ns: int) -> Iterator[Suspicion]:
    """Judge by the running since the last work on the machine."""
    recent = whole.recent.take(whole.recent.starts_ns >= worked_ns)
    before = before.take(before.starts_ns >= worked_ns)
    if before.size < DAY:
        return
    history = replace(whole, base=before.take(slice(-10 * DAY, None)), recent=recent)
    group = together(history)
    if group is not None:
        yield from exchanged_or_converted(history, group)
    yield from noisier(history)
    yield from at_bound(history)
    yield from _slow(history, before)


def _moved(history: SensorHistory, worked: Mapping[SlotId, int]) -> Iterator[Suspicion]:
    """Judge what has moved at one blow, but for sensors that show a part that was worked on meanwhile."""
    group = together(history) if history.base.size else None
    moved = apart(group) if group is not None else None
    if moved is None:
        return
    yield from still_apart(history, moved)
    renewed = {
        sign.sensor
        for slot in history.machine.slots
        for sign in slot.signs
        if worked.get(slot.id, 0) >= history.recent.starts_ns[0]
    }
    yield from (suspicion for suspicion in stepped(history, moved) if suspicion.sensor not in renewed)


def follow(doubts: Sequence[Doubt], found: Sequence[Suspicion], at_ns: int) -> tuple[Doubt, ...]:
    """Return the doubts once `found` is all that is suspected at a moment: new ones stand, others are over."""
    named = {(each.sensor, each.flag) for each in found}
    standing = {(each.sensor, each.flag) for each in doubts if each.until_ns is None}
    kept = [
        replace(doubt, until_ns=at_ns) if doubt.until_ns is None and (doubt.sensor, doubt.flag) not in named else doubt
        for doubt in doubts
    ]
    new = [
        Doubt(sensor=each.sensor, flag=each.flag, since_ns=each.since_ns, until_ns=None)
        for each in found
        if (each.sensor, each.flag) not in standing
    ]
    return (*kept, *new)


def _trusted(blocks: SteadyBlocks, until_ns: int, doubts: Sequence[Doubt]) -> NDArray[np.bool_]:
    trusted: NDArray[np.bool_] = blocks.starts_ns < until_ns
    for doubt in doubts:
        over = np.inf if doubt.until_ns is None else doubt.until_ns
        trusted &= (blocks.starts_ns + BLOCK_NS <= doubt.since_ns) | (blocks.starts_ns >= over)
    return trusted


def _slow(history: SensorHistory, before: SteadyBlocks) -> Iterator[Suspicion]:
    """Judge by what was weeks ago, where so much is known."""
    if before.size < WEEKS:
        return
    group = together(replace(history, base=before.take(slice(0, 10 * DAY))))
    if group is not None:
        yield from drifting(history, group)
