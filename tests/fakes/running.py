"""Steady running of a machine whose sensors follow its load, block by block."""

import numpy as np

from configs.plant import (
    EquipmentTypeId,
    Machine,
    MachineId,
    PartTypeId,
    Sensor,
    SensorId,
    SensorRole,
    Sign,
    Slot,
    SlotId,
)
from ingest.quality.steady import BLOCK_NS, SteadyBlocks
from ingest.rollup import WindowBlock
from tests.fakes.plants import a_machine, a_sensor, a_text, a_type
from tests.fakes.readings import NOON_NS

SENSORS = (
    a_sensor("cold", measurand="temperature", unit="degC", normal_low=20.0, normal_high=40.0, range_high=200.0),
    a_sensor("hot", measurand="temperature", unit="degC", normal_low=50.0, normal_high=70.0, range_high=200.0),
    a_sensor("amps", measurand="current", unit="A", normal_low=10.0, normal_high=20.0),
    a_sensor(
        "speed", measurand="rotation_speed", unit="rpm", normal_low=900.0, normal_high=1900.0, role=SensorRole.CONTEXT
    ),
)
WORN_BY_WEAR = "hot"


def a_runner(*sensors: Sensor) -> Machine:
    """Return a machine with those sensors, one slot of which warms `hot` when it wears."""
    sign = Sign(sensor=SensorId(WORN_BY_WEAR), rises=True)
    slot = Slot(id=SlotId("bearing"), name=a_text("bearing"), part_type=PartTypeId("pump.seal"), signs=(sign,))
    return a_machine("pump1", a_type(sensors=sensors or SENSORS, slots=(slot,)))


def running(blocks: int, *, seed: int = 1, sensors: tuple[Sensor, ...] = SENSORS) -> SteadyBlocks:
    """Return blocks in which load goes up and down by the hour, all sensors follow it, and each has noise of its own."""
    rng = np.random.default_rng(seed)
    load = np.repeat(rng.uniform(0.3, 0.7, blocks // 6 + 1), 6)[:blocks]
    low = np.array([sensor.normal_low for sensor in sensors])
    span = np.array([sensor.normal_high - sensor.normal_low for sensor in sensors])
    share = load[:, None] + 0.01 * rng.standard_normal((blocks, len(sensors)))
    mean = low + span * share
    noise = span * 0.02 * np.exp(0.1 * rng.standard_normal(mean.shape))
    spread = span * np.abs(rng.normal(0.05, 0.005, (*mean.shape[:1], 1)))
    return SteadyBlocks(
        sensors=tuple(sensor.id for sensor in sensors),
        starts_ns=NOON_NS + BLOCK_NS * np.arange(blocks),
        mean=mean,
        noise=noise,
        highest=np.stack((mean + spread, mean + spread / 2), axis=2),
        lowest=np.stack((mean - spread, mean - spread / 2), axis=2),
    )


def minutes(states: list[str], values: list[float], *, count: float = 60.0, std: float = 0.5) -> WindowBlock:
    """Return minutes that follow each other, of one sensor."""
    mean = np.array(values)[:, None]
    size = len(states)
    return WindowBlock(
        equipment_type=EquipmentTypeId("pump"),
        sensors=(SensorId("vib"),),
        width_s=60.0,
        machines=np.full(size, MachineId("pump1"), dtype=object),
        starts_ns=NOON_NS + 60_000_000_000 * np.arange(size),
        states=np.array(states, dtype=object),
        count=np.where(np.isnan(mean), 0.0, count),
        mean=mean,
        minimum=mean - 1,
        maximum=mean + 1,
        std=np.where(np.isnan(mean), np.nan, std),
        last=mean,
        good_share=np.ones(mean.shape),
    )
