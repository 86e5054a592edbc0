"""The simulated factory that quality flags are judged on, and what is counted."""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from configs.catalogue.load import load_catalogue
from configs.plant import EquipmentType, Machine, MachineId, Plant
from configs.plant_file import load_plant
from ingest.reading import ReadingBatch
from simulators.sensor_faults import SensorFault
from simulators.signals import Report as Said

START_S = 1_795_564_800.0
DAY_S = 86_400.0
MACHINES = 3
TYPES = (
    "air_compressor", "centrifugal_pump", "cnc_machining_centre", "conveyor_gear_motor",
    "cooling_fan_chiller", "hydraulic_press", "injection_moulding_machine", "robot_arm_6axis",
)  # fmt: skip

Key = tuple[str, str]


@dataclass(slots=True)
class Tally:
    """What was found: episodes and hits by kind, false episodes by flag, and how many sensor-months were watched."""

    episodes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    hits: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    false: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    sensor_months: float = 0.0

    def note(self, kind: SensorFault | str, *, found: bool) -> None:
        """Count an episode."""
        self.episodes[str(kind)] += 1
        self.hits[str(kind)] += found

    def false_rate(self) -> float:
        """Return false episodes per sensor-month."""
        return sum(self.false.values()) / self.sensor_months


def make_plant(work: Path) -> Plant:
    """Return a plant of some machines of every type."""
    known = {kind.id for kind in load_catalogue().equipment_types}
    parts = [
        '[[site]]\nid = "s"\nname = "S"\ntime_zone = "Asia/Seoul"\n',
        '[[line]]\nid = "l"\nname = "L"\nsite = "s"\n',
    ]
    parts += [
        f'[[machine]]\nid = "{kind.replace("_", "-")}-{n}"\nname = "M"\nline = "l"\ntype = "{kind}"\n'
        for kind in TYPES
        if kind in known
        for n in range(MACHINES)
    ]
    path = work / "plant.toml"
    path.write_text("\n".join(parts), encoding="utf-8")
    return load_plant(path)


def hand_out(
    kind: EquipmentType, machine: Machine, said: Said, column: int, states: NDArray[np.object_]
) -> ReadingBatch:
    """Return what one machine said as a batch; `states` names the simulator's."""
    size = said.times_s.size
    times = (said.times_s * 1e9).astype(np.int64)
    names = tuple(sensor.id for sensor in machine.sensors if sensor.id in said.values)
    values = np.stack([said.values[name][:, column] for name in names], axis=1).astype(np.float64)
    blank = np.full(size, None, dtype=object)
    return ReadingBatch(
        equipment_type=kind.id,
        sensors=names,
        machines=np.full(size, MachineId(machine.id), dtype=object),
        event_times_ns=times,
        received_times_ns=times,
        boots=blank,
        seqs=np.full(size, -1, np.int64),
        rows=np.zeros(size, np.int32),
        states=states[said.state[:, column]],
        jobs=blank,
        values=values,
        quality=np.zeros(values.shape, np.uint16),
    )
