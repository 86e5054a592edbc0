"""Quality flags on labelled sensor faults: found in time, kind by kind, and false episodes per sensor and month."""

import time
from importlib.metadata import version

from benchmarks.quality_days import FLAG_OF, watch_drifts, watch_faults, watch_healthy
from benchmarks.quality_plant import MACHINES, TYPES, Tally, make_plant
from benchmarks.quality_reports import watch_reports
from benchmarks.report import Bar, Report, Sense
from benchmarks.runner import Wish
from simulators.sensor_faults import SensorFault

SEED = 81
MUST_RECALL, MUST_FALSE = 0.9, 0.1
PARTS = {
    "reports": (watch_reports, (SensorFault.STUCK, SensorFault.SPIKE)),
    "faults": (watch_faults, tuple(kind for kind in FLAG_OF if kind is not SensorFault.DRIFT)),
    "drifts": (watch_drifts, ("drift", "drift, as wear moves it")),
    "healthy": (watch_healthy, ()),
}
"""The parts of the benchmark, and the kinds of fault that each is about."""

_DELAYS = (
    "delays, in hours of running: stuck the sensor's own patience, spike none, swapped and wrong unit 3, saturation 8,"
    " gain 16, noise 27; a drift by the end of 16 days"
)
_SIZES = (
    "gains of 0.8 to 1.25 that move a sensor by a fifth of its usual span, drifts by a seventh, bounds that cut off three"
    " blocks in ten"
)


def run(wish: Wish) -> Report:
    """Judge days of a simulated factory, with and without sensor faults."""
    started = time.perf_counter()
    wish.work.mkdir(parents=True, exist_ok=True)
    plant = make_plant(wish.work)
    bars: list[Bar] = []
    false: dict[str, int] = {}
    for number, (part, (watch, kinds)) in enumerate(PARTS.items()):
        if wish.wants(part):
            tally = Tally()
            watch(plant, (*wish.seeds, SEED)[0] + 10 * number, tally)
            bars += [_recall(tally, kind) for kind in kinds]
            bars += _false_bars(part, tally)
            false |= {f"{part}: {flag}": count for flag, count in tally.false.items()}
    return Report(
        benchmark="quality",
        version=version("yeji"),
        bars=tuple(bars),
        seconds=time.perf_counter() - started,
        notes=(
            f"seed {(*wish.seeds, SEED)[0]}; rules were tuned on seeds 101 to 105; {MACHINES} machines of each of {len(TYPES)} types",
            _DELAYS,
            _SIZES,
            f"false episodes: {false}",
        ),
    )


def _recall(tally: Tally, kind: SensorFault | str) -> Bar:
    episodes = tally.episodes[str(kind)]
    return Bar(
        name=f"{kind}: found in time, of {episodes}",
        value=tally.hits[str(kind)] / episodes if episodes else None,
        unit="",
        must=MUST_RECALL,
        sense=Sense.AT_LEAST,
    )


def _false_bars(part: str, tally: Tally) -> list[Bar]:
    if not tally.sensor_months:
        return []
    name = f"false episodes, {part}, in {tally.sensor_months:.0f} sensor-months"
    return [Bar(name=name, value=tally.false_rate(), unit="per sensor-month", must=MUST_FALSE)]
