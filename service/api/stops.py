"""Which holes of a series are no loss: the machine had said that it was switched off."""

from collections.abc import Sequence

from configs.plant import Machine
from ingest.operation import OperatingState
from ingest.ports import TelemetryStore

Span = tuple[int, int]
"""From and to, in nanoseconds UTC."""

SECOND_NS = 1_000_000_000
MINUTE_S, HOUR_S = 60, 3600
LONGEST_LOOK_BACK_NS = 7 * 24 * HOUR_S * SECOND_NS
MOST_HOLES = 60


def stopped_spans(store: TelemetryStore, machine: Machine, holes: Sequence[Span], *, step_s: float) -> tuple[Span, ...]:
    """Return those holes before which the last word of the machine was `off`; of many holes, the longest are looked at.

    The first of `holes` begins where the series does, so that what the machine said last may lie up to a week before it;
    each other begins at a point that stands for `step_s` seconds.
    """
    shortest_ns = 2 * MINUTE_S * SECOND_NS
    looked_at = sorted(holes, key=lambda hole: hole[0] - hole[1])[:MOST_HOLES]
    found = []
    for start_ns, end_ns in sorted(looked_at):
        if end_ns - start_ns < shortest_ns:
            continue
        said_ns = _last_word_ns(store, machine, start_ns) if (start_ns, end_ns) == holes[0] else start_ns
        until_ns = min(end_ns, said_ns + round(step_s * SECOND_NS) + MINUTE_S * SECOND_NS)
        if _state(store, machine, said_ns, until_ns) is OperatingState.OFF:
            found.append((start_ns, end_ns))
    return tuple(found)


def _last_word_ns(store: TelemetryStore, machine: Machine, before_ns: int) -> int:
    """Return the beginning of the last minute, within a week before that time, in which the machine said anything."""
    hour_ns, minute_ns = HOUR_S * SECOND_NS, MINUTE_S * SECOND_NS
    found_ns = before_ns
    for width_ns, back_ns in ((hour_ns, LONGEST_LOOK_BACK_NS), (minute_ns, hour_ns)):
        end_ns = max(before_ns, 0) if width_ns == hour_ns else min(before_ns, found_ns + hour_ns)
        starts = store.read_windows(
            machine.equipment_type,
            [machine.id],
            start_ns=end_ns - back_ns,
            end_ns=end_ns,
            width_s=width_ns / SECOND_NS,
        ).starts_ns
        if not starts.size:
            return found_ns
        found_ns = int(starts[-1])
    return found_ns


def _state(store: TelemetryStore, machine: Machine, start_ns: int, end_ns: int) -> OperatingState | None:
    """Return what the machine said last in [start, end): from raw readings where there are any, else from the rollups."""
    states = store.read_series(machine.id, start_ns, end_ns).states
    if not states.size:
        minute_ns = MINUTE_S * SECOND_NS
        block = store.read_windows(
            machine.equipment_type,
            [machine.id],
            start_ns=start_ns // minute_ns * minute_ns,
            end_ns=end_ns,
            width_s=float(MINUTE_S),
        )
        states = block.states
    return OperatingState(states[-1]) if states.size else None
