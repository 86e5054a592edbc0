"""Which machine a Sparkplug device is, and which of its sensors a metric."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from configs.inputs import MetricRole, SparkplugDevice
from configs.plant import Machine, MachineId, Plant, Sensor
from ingest.decode.sparkplug_topic import EdgeNode

_NO_NAMES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a metric is to the plant: a machine's sensor, or its state or job."""

    machine: MachineId
    sensor: Sensor | None
    role: MetricRole | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceNames:
    """A device's machine, None where the plant has none, and what its metrics are called."""

    machine: Machine | None
    metrics: Mapping[str, str]


class SparkplugNames:
    """The names of one plant: those typed in, and else a device is the machine of its name, a metric the sensor."""

    def __init__(self, plant: Plant) -> None:
        self._machines: dict[str, Machine] = {machine.id: machine for machine in plant.machines}
        self._sensors: dict[str, dict[str, Sensor]] = {
            machine.id: {sensor.id: sensor for sensor in machine.sensors} for machine in plant.machines
        }
        self._devices = {(device.group, device.edge_node, device.device): device for device in plant.devices}

    def device(self, node: EdgeNode, device: str | None) -> DeviceNames:
        """Return what a device of an edge node, or the node itself, is called."""
        typed: SparkplugDevice | None = self._devices.get((node.group, node.name, device)) or self._devices.get(
            (None, node.name, device)
        )
        if typed is not None:
            return DeviceNames(machine=self._machines.get(typed.machine), metrics=typed.metrics)
        return DeviceNames(machine=self._machines.get(node.name if device is None else device), metrics=_NO_NAMES)

    def target(self, names: DeviceNames, metric: str) -> Target | None:
        """Return what a metric is; a name that ends in `<machine>/<sensor>` is that machine's. None for a stranger."""
        name = names.metrics.get(metric, metric)
        if names.machine is not None:
            sensor = self._sensors[names.machine.id].get(name)
            if sensor is not None:
                return Target(machine=names.machine.id, sensor=sensor, role=None)
            if name in MetricRole.__members__.values():
                return Target(machine=names.machine.id, sensor=None, role=MetricRole(name))
        folders = name.split("/")
        machine = self._machines.get(folders[-2]) if len(folders) > 1 else None
        if machine is None:
            return None
        sensor = self._sensors[machine.id].get(folders[-1])
        if sensor is not None:
            return Target(machine=machine.id, sensor=sensor, role=None)
        if folders[-1] in MetricRole.__members__.values():
            return Target(machine=machine.id, sensor=None, role=MetricRole(folders[-1]))
        return None
