"""V14: the relations that physics demands of machines, whatever their wear."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Bar
from benchmarks.simulated import definitions as asked
from benchmarks.simulated.definitions import answer
from benchmarks.simulated.recordings import Fleet
from configs.plant import EquipmentType
from simulators.equipment import centrifugal_pump, cnc_machining_centre, cooling_fan_chiller
from simulators.equipment.lag import Lags
from simulators.equipment.physics import Scene, Signal

Array = NDArray[np.float64]

_STEPS = 31
_MINUTES = 600


def physics(fleets: Sequence[Fleet]) -> Iterator[Bar]:
    """V14: power, thermal lag, affinity, throttling, and nothing negative that cannot be."""
    ramp = np.linspace(0.5, 1.0, _STEPS, dtype=np.float32)[:, None]
    load = cnc_machining_centre.cutting_load_percent(_scene(cnc_machining_centre.PHYSICS.slots, load=ramp))
    yield from answer(asked.POWER, [_exponent(ramp, load)])
    yield from answer(asked.THERMAL_LAG, [_thermal_lag_min()])
    speed = np.linspace(0.7, 1.0, _STEPS)
    head = centrifugal_pump.pump_head(speed, 0.9 * speed, np.zeros(_STEPS))
    yield from answer(asked.AFFINITY, [_exponent(speed, head)])
    clogging = _scene(cooling_fan_chiller.PHYSICS.slots, worn={"air_filter": ramp})
    drop = cooling_fan_chiller.observe(clogging)["filter_dp"]
    flow = cooling_fan_chiller.air_flow(clogging)
    yield from answer(asked.THROTTLED, [float(np.corrcoef(drop[:, 0], flow[:, 0])[0, 1])])
    yield from answer(asked.NEGATIVES, [min(_lowest(fleet) for fleet in fleets)])


def _exponent(x: Array | Signal, y: Array | Signal) -> float:
    return float(np.polyfit(np.log(np.ravel(x)), np.log(np.ravel(y)), 1)[0])


def _thermal_lag_min() -> float:
    """Give the minutes after a step of the load at which the spindle has made 63 % of its way."""
    load = np.where(np.arange(_MINUTES) < _MINUTES // 3, 0.4, 1.0).astype(np.float32)[:, None]
    warm = cnc_machining_centre.observe(_scene(cnc_machining_centre.PHYSICS.slots, load=load))["spindle_temp"][:, 0]
    before, after = warm[_MINUTES // 3 - 1], warm[-1]
    return float(np.argmax(warm[_MINUTES // 3 :] >= before + 0.632 * (after - before)))


def _scene(slots: Iterable[str], load: Signal | None = None, worn: dict[str, Signal] | None = None) -> Scene:
    shape = (load if load is not None else next(iter((worn or {}).values()))).shape
    ones = np.ones(shape, dtype=np.float32)
    wear = {slot: np.zeros(shape, dtype=np.float32) for slot in slots} | (worn or {})
    return Scene(
        running=ones > 0, powered=ones > 0, load=ones if load is None else load, speed=ones, contamination=ones,
        ambient_c=21.0 * ones, severity=wear, progress=wear, unit=lambda _name, _spread: ones[0], lags=Lags(), dt_s=60.0,
    )  # fmt: skip


def _lowest(fleet: Fleet) -> float:
    kinds: tuple[EquipmentType, ...] = fleet.simulation.scenario.plant.equipment_types
    unsigned = {kind.id: [n for n, s in enumerate(kind.sensors) if s.range_low >= 0] for kind in kinds}
    return min(float(r.values[:, unsigned[r.equipment_type]].min()) for r in fleet.recordings.values())
