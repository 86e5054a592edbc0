"""Windows of a small pump whose sensors follow its load, and what can go wrong with it."""

import numpy as np
from numpy.typing import NDArray

from configs.plant import (
    Bound,
    EquipmentType,
    EquipmentTypeId,
    Limit,
    LimitLevel,
    Machine,
    MachineId,
    PartTypeId,
    SensorId,
    SensorRole,
    Sign,
    Slot,
    SlotId,
)
from ingest.rollup import WindowBlock
from models.features.windowing import plan_features
from tests.fakes.plants import JUDGED, a_machine, a_sensor, a_text, a_type
from tests.fakes.readings import NOON_NS

MINUTE_NS = 60_000_000_000
LEARNING_WINDOWS = 200
SENSORS = ("vib", "temp", "flow", "load")


def a_limit(**changes: object) -> Limit:
    own: dict[str, object] = {
        "level": LimitLevel.WARNING,
        "bound": Bound.UPPER,
        "value": 4.0,
        "on_delay_s": 120.0,
        "off_delay_s": 180.0,
        "deadband": 0.5,
        "source": JUDGED,
    }
    return Limit(**(own | changes))  # type: ignore[arg-type]


def a_slot(name: str = "bearing", *signs: tuple[str, bool], part_type: str = "pump.seal") -> Slot:
    shown = tuple(Sign(sensor=SensorId(sensor), rises=rises) for sensor, rises in signs or (("vib", True),))
    return Slot(id=SlotId(name), name=a_text(name), part_type=PartTypeId(part_type), signs=shown)


def a_judged_type(**changes: object) -> EquipmentType:
    sensors = (
        a_sensor("vib"),
        a_sensor("temp", normal_low=20.0, normal_high=60.0),
        a_sensor("flow", normal_low=5.0, normal_high=15.0),
        a_sensor("load", role=SensorRole.CONTEXT, normal_high=100.0),
    )
    slots = (a_slot("bearing", ("vib", True), ("temp", True)), a_slot("seal", ("flow", False)))
    own: dict[str, object] = {
        "sensors": sensors,
        "slots": slots,
        "window_s": 60.0,
        "learning_span_s": 60.0 * LEARNING_WINDOWS,
    }
    return a_type(**(own | changes))


def a_judged_machine(kind: EquipmentType, name: str = "pump1", **changes: object) -> Machine:
    own: dict[str, object] = {"equipment_type": kind.id, "sensors": kind.sensors, "slots": kind.slots}
    return a_machine(name, **(own | changes))


def windows(
    machine: str = "pump1",
    *,
    size: int = LEARNING_WINDOWS,
    first: int = 0,
    seed: int = 7,
    shift: dict[str, float] | None = None,
) -> WindowBlock:
    """Return minutes `first` to `first + size` of a pump; `shift` is added to its sensors' means."""
    rng = np.random.default_rng([seed, first])
    load = 50.0 + 20.0 * np.sin(2 * np.pi * np.arange(first, first + size) / 37.0) + rng.normal(0, 1, size)
    vib = 1.0 + 0.01 * load + rng.normal(0, 0.05, size)
    temp = 30.0 + 0.2 * load + rng.normal(0, 0.3, size)
    flow = 10.0 + 0.05 * load + rng.normal(0, 0.1, size)
    mean = np.column_stack([vib, temp, flow, load])
    for name, by in (shift or {}).items():
        mean[:, SENSORS.index(name)] += by
    return block_of(mean, machine=machine, first=first)


def block_of(
    mean: NDArray[np.float64],
    *,
    machine: str = "pump1",
    first: int = 0,
    sensors: tuple[str, ...] = SENSORS,
    state: str = "executing",
    std: float = 0.0,
    count: float = 1.0,
) -> WindowBlock:
    size = mean.shape[0]
    there = ~np.isnan(mean)
    return WindowBlock(
        equipment_type=EquipmentTypeId("pump"),
        sensors=tuple(SensorId(name) for name in sensors),
        width_s=60.0,
        machines=np.full(size, MachineId(machine), dtype=object),
        starts_ns=NOON_NS + MINUTE_NS * np.arange(first, first + size, dtype=np.int64),
        states=np.full(size, state, dtype=object),
        count=np.where(there, count, 0.0),
        mean=mean,
        minimum=mean,
        maximum=mean,
        std=np.where(there, std, np.nan),
        last=mean,
        good_share=np.where(there, 1.0, np.nan),
    )


def together(*blocks: WindowBlock) -> WindowBlock:
    """Return blocks as one, sorted by machine, then time."""
    names = np.concatenate([block.machines for block in blocks])
    starts = np.concatenate([block.starts_ns for block in blocks])
    order = np.lexsort((starts, names.astype(str)))
    joined = {
        field: np.concatenate([getattr(block, field) for block in blocks])[order]
        for field in ("states", "count", "mean", "minimum", "maximum", "std", "last", "good_share")
    }
    return WindowBlock(
        equipment_type=blocks[0].equipment_type,
        sensors=blocks[0].sensors,
        width_s=blocks[0].width_s,
        machines=names[order],
        starts_ns=starts[order],
        **joined,
    )


PLAN = plan_features(a_judged_type())
