"""How other programs name what the plant has, as it is written in a plant file: `[[sparkplug]]` and `[[mapping]]`."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from configs.catalogue.forms import Form, Identifier
from configs.catalogue.mistakes import mistakes_of, suggestion
from configs.catalogue.overrides import Table
from configs.inputs import MetricRole, SparkplugDevice, TopicMapping, ValueRule
from configs.json_path import parse_path, parts_of_path
from configs.plant import Machine
from configs.time_zone import check_time_zone
from configs.topic_pattern import check_topic, parts_of_topic, template_parts

Named = Annotated[str, Field(min_length=1, max_length=200)]

_WIRE_ID = re.compile(r"[^+/#]{1,200}")
STATES = ("executing", "idle", "off", "maintenance", "unknown")


def _check_wire_id(value: str) -> str:
    if not _WIRE_ID.fullmatch(value):
        raise ValueError("may not hold +, / or #: it is one level of a topic")
    return value


def _check_path(value: str) -> str:
    parse_path(value)
    return value


def _check_states(value: dict[str, str]) -> dict[str, str]:
    for state in value.values():
        if state not in STATES:
            raise ValueError(f"{state!r} is no operating state; they are {', '.join(STATES)}")
    return value


WireId = Annotated[str, AfterValidator(_check_wire_id)]
Path = Annotated[str, AfterValidator(_check_path)]


class SparkplugForm(Form):
    """`[[sparkplug]]`: which machine a device is, and what its metrics are where the names differ."""

    group: WireId | None = None
    edge_node: WireId
    device: WireId | None = None
    machine: Identifier
    metrics: dict[Named, Identifier] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check_metrics(self) -> Self:
        twice = _first_repeated(self.metrics.values())
        if twice is not None:
            raise ValueError(f"two metrics are called {twice}; a sensor has one source")
        return self

    def word(self) -> SparkplugDevice:
        """Return the device."""
        return SparkplugDevice(
            group=self.group,
            edge_node=self.edge_node,
            device=self.device,
            machine=self.machine,
            metrics=self.metrics,
        )


class ValueForm(Form):
    """`[[mapping.value]]`: where values are, and which sensor they are of."""

    path: Path
    sensor: Named | None = None
    unit: Named | None = None

    def word(self) -> ValueRule:
        """Return the rule."""
        return ValueRule(path=self.path, sensor=self.sensor, unit=self.unit)


class MappingForm(Form):
    """`[[mapping]]`, with what a ready-made one gives already laid under it."""

    id: Identifier
    topic: Annotated[str, AfterValidator(check_topic)]
    machine: Named = "{machine}"
    value: tuple[ValueForm, ...] = Field(min_length=1)
    time: Path | None = None
    time_zone: Annotated[str, AfterValidator(check_time_zone)] | None = None
    state: Path | None = None
    states: Annotated[dict[str, str], AfterValidator(_check_states)] = Field(default_factory=dict)
    machines: dict[Named, Identifier] = Field(default_factory=dict)
    sensors: dict[Named, Identifier] = Field(default_factory=dict)
    words: dict[str, float] = Field(default_factory=dict)
    ignore: tuple[Named, ...] = ()

    @model_validator(mode="after")
    def _check_parts(self) -> Self:
        named = set(parts_of_topic(self.topic))
        for value in self.value:
            known = named | set(parts_of_path(value.path))
            for what, template in (("machine", self.machine), ("sensor", value.sensor or "{sensor}")):
                lacking = [part for part in template_parts(template) if part not in known]
                if lacking:
                    raise ValueError(
                        f"{what} needs {{{lacking[0]}}}, which neither the topic nor the path {value.path} names; "
                        f'write {what} = "..." or name a level {{{lacking[0]}}}'
                    )
        return self

    def word(self) -> TopicMapping:
        """Return the mapping."""
        return TopicMapping(
            id=self.id,
            topic=self.topic,
            machine=self.machine,
            values=tuple(value.word() for value in self.value),
            time=self.time,
            time_zone=self.time_zone,
            state=self.state,
            states=self.states,
            machines=self.machines,
            sensors=self.sensors,
            words=self.words,
            ignore=self.ignore,
        )


def ready_made() -> dict[str, Table]:
    """Return the tables of the mappings that come with Yeji, by the name that `like` gives them."""
    entries = sorted(files("configs.mappings").iterdir(), key=lambda entry: entry.name)
    return {
        entry.name.removesuffix(".toml"): tomllib.loads(entry.read_text(encoding="utf-8"))
        for entry in entries
        if entry.name.endswith(".toml")
    }


def read_devices(
    tables: Iterable[Table], machines: Mapping[str, Machine]
) -> tuple[tuple[SparkplugDevice, ...], tuple[str, ...]]:
    """Return the Sparkplug devices of a plant file, and the mistakes in them."""
    devices: dict[tuple[str | None, ...], SparkplugDevice] = {}
    mistakes: list[str] = []
    for position, table in enumerate(tables, start=1):
        place = f"[[sparkplug]] {table.get('edge_node', f'number {position}')}/{table.get('device', '')}".rstrip("/")
        try:
            device = SparkplugForm.model_validate(table).word()
        except ValidationError as error:
            mistakes += mistakes_of(error, SparkplugForm, f"{place}:")
            continue
        key = (device.group, device.edge_node, device.device)
        if key in devices:
            mistakes.append(f"{place}: is there twice; one device is one machine, remove one")
        devices[key] = device
        mistakes += _strangers(place, device, machines)
    return tuple(devices.values()), tuple(mistakes)


def read_mappings(
    tables: Iterable[Table], machines: Mapping[str, Machine]
) -> tuple[tuple[TopicMapping, ...], tuple[str, ...]]:
    """Return the mappings of a plant file, each over the ready-made one that it is like, and the mistakes in them."""
    known = ready_made()
    mappings: dict[str, TopicMapping] = {}
    mistakes: list[str] = []
    for position, table in enumerate(tables, start=1):
        place = f"mapping {table.get('id', f'number {position}')}"
        like = table.get("like")
        if like is not None and like not in known:
            mistakes.append(f"{place}: there is no ready-made mapping {like!r}{suggestion(str(like), sorted(known))}")
            continue
        written: dict[str, Any] = known.get(str(like), {}) | {key: v for key, v in table.items() if key != "like"}
        try:
            mapping = MappingForm.model_validate(written).word()
        except ValidationError as error:
            mistakes += mistakes_of(error, MappingForm, f"{place}:")
            continue
        if mapping.id in mappings:
            mistakes.append(f"{place}: is there twice; rename or remove one")
        mappings[mapping.id] = mapping
        mistakes += _unknown_names(place, mapping, machines)
    return tuple(mappings.values()), tuple(mistakes)


def written_device(device: SparkplugDevice) -> Table:
    """Return the table that is read back as `device`."""
    return {key: value for key in device.__dataclass_fields__ if (value := getattr(device, key))}


def written_mapping(mapping: TopicMapping) -> Table:
    """Return the table that is read back as `mapping`."""
    table = {key: value for key in mapping.__dataclass_fields__ if key != "values" and (value := getattr(mapping, key))}
    rules = [
        {key: value for key in ValueRule.__dataclass_fields__ if (value := getattr(r, key))} for r in mapping.values
    ]
    return table | {"value": rules} | ({"ignore": list(mapping.ignore)} if mapping.ignore else {})


def _unknown_names(place: str, mapping: TopicMapping, machines: Mapping[str, Machine]) -> list[str]:
    sensors = {sensor.id for machine in machines.values() for sensor in machine.sensors}
    return [
        f"{place}: there is no machine {name!r}{suggestion(name, sorted(machines))}"
        for name in mapping.machines.values()
        if name not in machines
    ] + [
        f"{place}: no machine has a sensor {name!r}{suggestion(name, sorted(sensors))}"
        for name in mapping.sensors.values()
        if name not in sensors
    ]


def _strangers(place: str, device: SparkplugDevice, machines: Mapping[str, Machine]) -> list[str]:
    machine = machines.get(device.machine)
    if machine is None:
        return [f"{place}: there is no machine {device.machine!r}{suggestion(device.machine, sorted(machines))}"]
    names = [sensor.id for sensor in machine.sensors]
    return [
        f"{place}: machine {machine.id} has no sensor {name}{suggestion(name, names)}"
        for name in device.metrics.values()
        if name not in names and name not in set(MetricRole)
    ]


def _first_repeated(names: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None
