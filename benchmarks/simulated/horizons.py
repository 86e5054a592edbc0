"""V8 and V9: how far ahead a model sees on machines that it has not met, and whether anything else gives the answer away."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Bar
from benchmarks.simulated import definitions as asked
from benchmarks.simulated import statistics
from benchmarks.simulated.definitions import answer
from benchmarks.simulated.recordings import DAY_S, START_S, Fleet, Recording
from simulators.degradation import draw_page, severity
from simulators.layout import Place

Array = NDArray[np.float64]

DAYS, SPACING_S = 1460.0, 1800.0
"""Long enough that most parts near their end were seen when they were well; half an hour apart."""
INSIDE = (0.125, 0.25, 0.5)
EDGE, AHEAD = 1.0, 2.0
SHOWS = 0.1
"""Share of the change at failure from which wear counts as detectable: the P of the P-F interval."""

_SAMPLES_A_DAY = 33
_BASELINE_DAYS, _LONG_DAYS, _SENSORS = 14, 14, 3
_FEATURES = 3 * _SENSORS + 1
_THINNING = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Days of operation of every slot with what a model may know of it, and the truth.

    `features` (n, 10): how far the three of the slot's sensors that moved most in the expected direction have gone since the
    part was first seen, over three days and over two weeks, how that grew in a month, and the use as a share of the
    catalogue's scale. `left` is the use that truly remains in P-F intervals of the slot,
    `left_h` in hours of use. Rows of one slot follow each other; `group` numbers machines, `part` slots.
    """

    features: Array
    left: Array
    left_h: Array
    times_s: Array
    group: NDArray[np.int64]
    part: NDArray[np.int64]


def horizons(rows: Sequence[Rows]) -> Iterator[Bar]:
    """V8: the AUC of a failure within a share of the P-F interval, by machines that were not trained on."""
    told = [[_left_out(of, of.left <= share) for share in (*INSIDE, EDGE, AHEAD)] for of in rows]
    curves = np.array([[auc for auc, _ in of] for of in told])
    for column, share in enumerate(INSIDE):
        yield from answer(asked.INSIDE, curves[:, column].tolist(), f"(fails within {share:g})")
    yield from answer(asked.EDGE, curves[:, -2].tolist())
    yield from answer(asked.AHEAD, curves[:, -1].tolist())
    yield from answer(asked.RISE, [max(_steps(a, b) for a, b in pairwise(of)) for of in told])
    yield from answer(asked.FALL, [-_steps(of[0], of[-1]) for of in told])
    rise = max(float(np.diff(curve).max()) for curve in curves)
    yield Bar(name="V8 largest rise of the AUC itself", value=rise, unit="", must=None)
    yield from answer(asked.SAME_ROW, [_one_step_ahead(of) for of in rows])


def leaks(rows: Sequence[Rows]) -> Iterator[Bar]:
    """V9: what must not tell a failure: the machine's number, the row's, the calendar, and labels that were shuffled."""
    for name in ("machine number", "row number", "calendar", "shuffled labels"):
        yield from answer(asked.LEAK, [_probe(name, of) for of in rows], name)
    age = [_auc(of, of.left <= INSIDE[2], of.features[:, -1:]) for of in rows]
    yield Bar(name="V9 AUC of age only (physics, not a leak), mean", value=float(np.mean(age)), unit="", must=None)


def rows_of(fleet: Fleet) -> Rows:
    """Give the days of all slots that show wear in sensors, outside parts that are renewed in use."""
    layout = fleet.simulation.fleet.layout
    blocks = []
    groups = {machine: n for n, machine in enumerate(sorted(fleet.recordings))}
    for k, place in enumerate(layout.worn):
        recording = fleet.recordings[place.machine.id]
        signed = [(recording.sensors.index(s.sensor), 1.0 if s.rises else -1.0) for s in place.slot.signs]
        days = _slot_days(fleet, k, recording, signed) if signed else None
        if days is not None:
            blocks.append(np.column_stack([days, np.full((len(days), 2), (groups[place.machine.id], k))]))
    whole = np.concatenate(blocks)
    return Rows(
        features=whole[:, :_FEATURES], left=whole[:, _FEATURES], left_h=whole[:, _FEATURES + 1],
        times_s=whole[:, _FEATURES + 2], group=whole[:, -2].astype(np.int64), part=whole[:, -1].astype(np.int64),
    )  # fmt: skip


def warning_use(place: Place) -> float:
    """Give a slot's P-F interval in its life unit: the median use from a tenth of the final change to the failure."""
    page = draw_page(place.law, 0, place.machine.id, place.slot.id, 0)
    level = np.linspace(0.0, 1.0, 1001)
    shows = np.array([level[np.argmax(severity(place.law.signature, level, c) >= SHOWS)] for c in page.curvature])
    return float(np.median(page.life * page.threshold * (1.0 - page.onset) * (1.0 - shows)))


def _slot_days(fleet: Fleet, k: int, recording: Recording, signed: list[tuple[int, float]]) -> Array | None:
    place = fleet.simulation.fleet.layout.worn[k]
    lives = [life for life in fleet.lives() if (life.machine, life.slot) == (place.machine.id, place.slot.id)]
    found = []
    for life in lives:
        until_s = life.removed_s or START_S + fleet.days * DAY_S
        first, last = np.searchsorted(recording.times_s, (life.installed_s, until_s))
        n = int(last - first) // _SAMPLES_A_DAY
        if n <= _BASELINE_DAYS + 6:
            continue
        z = np.stack([side * recording.z[first:last, column] for column, side in signed], axis=1)
        times = recording.times_s[first + _SAMPLES_A_DAY - 1 : first + n * _SAMPLES_A_DAY : _SAMPLES_A_DAY]
        days = statistics.block_means(z[: n * _SAMPLES_A_DAY], n)
        tick = np.clip(np.searchsorted(fleet.trace.edges_s, times) - 1, 0, len(fleet.trace.remaining) - 1)
        left = fleet.trace.remaining[tick, k].astype(float)
        used = fleet.use_at(life, times)
        found.append(np.column_stack([_known(days), used[_BASELINE_DAYS:] / place.part.eta,
            left[_BASELINE_DAYS:] / warning_use(place), left[_BASELINE_DAYS:], times[_BASELINE_DAYS:]]))  # fmt: skip
    return np.concatenate(found) if found else None


def _known(days: Array) -> Array:
    """Give the features that a run of daily means (n, sensors) has from the end of its baseline on."""
    change = days - np.median(days[:_BASELINE_DAYS], axis=0)
    total = np.vstack([np.zeros((1, change.shape[1])), np.cumsum(change, axis=0)])
    at = np.arange(_BASELINE_DAYS, len(days))

    def mean(until: NDArray[np.int64], width: int) -> Array:
        start = np.maximum(until - width, 0)
        return np.asarray((total[until] - total[start]) / np.maximum(until - start, 1)[:, None])

    short, long = mean(at + 1, 3), mean(at + 1, _LONG_DAYS)
    grown = long - mean(at + 1 - _LONG_DAYS, 2 * _LONG_DAYS)
    return np.hstack([_largest(short), _largest(long), _largest(grown)])


def _largest(change: Array) -> Array:
    """Give the three largest of each row, NaN where there are fewer sensors."""
    ordered = np.sort(change, axis=1)[:, ::-1][:, :_SENSORS]
    return np.pad(ordered, ((0, 0), (0, _SENSORS - ordered.shape[1])), constant_values=np.nan)


def _auc(rows: Rows, labels: NDArray[np.bool_], features: Array | None = None) -> float:
    """Give the AUC on machines apart; what the rows know of wear may only speak for a failure."""
    known = rows.features if features is None else features
    return statistics.grouped_auc(
        known[::_THINNING], labels[::_THINNING], rows.group[::_THINNING], rising=features is None
    )


def _left_out(rows: Rows, labels: NDArray[np.bool_]) -> tuple[float, Array]:
    """Give the AUC on machines apart, and it again without each machine."""
    thin = slice(None, None, _THINNING)
    return statistics.leave_one_out(rows.features[thin], labels[thin], rows.group[thin], rising=True)


def _steps(shorter: tuple[float, Array], longer: tuple[float, Array]) -> float:
    """Give by how many standard errors the AUC is higher at the longer of two horizons."""
    return (longer[0] - shorter[0]) / statistics.jackknife_error(longer[1] - shorter[1])


def _one_step_ahead(rows: Rows) -> float:
    """Compare a label that only the same row could know with the row before it: AI4I's labels fail here."""
    last_day = rows.left_h <= 24.0
    follows = np.append(rows.part[1:] == rows.part[:-1], False)
    ahead = np.append(last_day[1:], False)
    same = statistics.grouped_auc(rows.features[follows], last_day[follows], rows.group[follows], rising=True)
    step = statistics.grouped_auc(rows.features[follows], ahead[follows], rows.group[follows], rising=True)
    return (step - 0.5) / (same - 0.5)


def _probe(name: str, rows: Rows) -> float:
    labels = rows.left <= INSIDE[2]
    if name == "shuffled labels":
        return _auc(rows, np.random.default_rng(1).permutation(labels))
    local = (rows.times_s - START_S) / DAY_S
    features = {
        "machine number": rows.group[:, None].astype(float),
        "row number": np.argsort(np.argsort(rows.times_s, kind="stable"), kind="stable")[:, None].astype(float),
        "calendar": np.stack([local % 7, local % 365], axis=1),
    }
    return _auc(rows, labels, features[name])
