"""The plant file: TOML to `Plant` with every mistake listed at once, and back."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import tomlkit

from configs.calendar_form import written_calendar
from configs.catalogue.forms import TYPED_IN, as_written
from configs.catalogue.load import Catalogue, load_catalogue
from configs.catalogue.overrides import Table, differences, part_types_with, sensors_with, slots_with
from configs.errors import ConfigurationError
from configs.input_forms import read_devices, read_mappings, written_device, written_mapping
from configs.measuring_points import read_points, slots_missed, with_points, written_points
from configs.plant import (
    EquipmentType,
    EquipmentTypeId,
    LineId,
    Machine,
    MachineId,
    PartType,
    PartTypeId,
    Plant,
    Site,
    SiteId,
)
from configs.plant_forms import MachineForm, Mistakes, PlantForms, read_forms, risk_words

CATALOGUE_FOLDER = "catalogue"
"""A folder of this name beside the plant file holds equipment types of the site's own."""

_UNFOLDED = frozenset({"sensors", "slots", "sensor", "slot", "waveforms", "value"})
"""The keys of a table that are written as tables of their own."""

_MACHINE_KEYS = ("id", "name", "line", "serial", "installed_at")
_COST_KEYS = ("cost_planned_krw", "cost_unplanned_krw", "downtime_krw_per_hour", "planned_stop_h", "unplanned_stop_h")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Types:
    """The catalogue under the plant file's own types, by id."""

    equipment: dict[EquipmentTypeId, EquipmentType]
    parts: dict[PartTypeId, PartType]


def load_plant(path: Path) -> Plant:
    """Return the plant of a file: what it says, over the catalogue. Its revision is 1.

    Raises
    ------
    ConfigurationError
        The file cannot be used; it holds every mistake with its place and how to mend it.
    """
    extra = path.parent / CATALOGUE_FOLDER
    return parse_plant(_read(path), load_catalogue(extra if extra.is_dir() else None), str(path))


def parse_plant(text: str, catalogue: Catalogue, source: str) -> Plant:
    """Return the plant of a TOML text over a catalogue; `source` names the text in the error."""
    mistakes = Mistakes()
    forms = read_forms(text, source, mistakes)
    types = _types(catalogue, forms, mistakes)
    _check_names(forms, types, mistakes)
    machines = [_machine(form, forms, types, mistakes) for form in forms.machines.values()]
    built = tuple(machine for machine in machines if machine is not None)
    _check_part_types(built, types, mistakes)
    named: dict[str, Machine] = {machine.id: machine for machine in built}
    devices = mistakes.told(read_devices(forms.tables["sparkplug"], named))
    mappings = mistakes.told(read_mappings(forms.tables["mapping"], named))
    if mistakes.lines:
        raise ConfigurationError(source, tuple(mistakes.lines))
    used = sorted({machine.equipment_type for machine in built})
    kinds = tuple(types.equipment[name] for name in used)
    slots = [slot for machine in built for slot in machine.slots] + [slot for kind in kinds for slot in kind.slots]
    parts = sorted({slot.part_type for slot in slots})
    return Plant(
        sites=tuple(site.word() for site in forms.sites.values()),
        lines=tuple(line.word() for line in forms.lines.values()),
        machines=built,
        equipment_types=kinds,
        part_types=tuple(types.parts[name] for name in parts),
        revision=1,
        devices=devices,
        mappings=mappings,
    )


def dump_plant(plant: Plant, catalogue: Catalogue | None = None) -> str:
    """Return the TOML text that `parse_plant` reads back as the same plant.

    Types that differ from those of `catalogue`, without one from ours, are written into it.
    """
    ours = catalogue or load_catalogue()
    types = {kind.id: kind for kind in plant.equipment_types}
    document: dict[str, list[Table]] = {
        "site": [_site_table(site) for site in plant.sites],
        "line": [as_written(line) for line in plant.lines],
        "machine": [_machine_table(machine, types[machine.equipment_type]) for machine in plant.machines],
        "equipment_type": [_type_table(kind) for kind in plant.equipment_types if kind not in ours.equipment_types],
        "part_type": [as_written(part) for part in plant.part_types if part not in ours.part_types],
        "sparkplug": [written_device(device) for device in plant.devices],
        "mapping": [written_mapping(mapping) for mapping in plant.mappings],
    }
    return tomlkit.dumps(
        {section: [_laid_out(table) for table in tables] for section, tables in document.items() if tables}
    )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        told = f"cannot be read: {error.strerror}; correct the path or its rights"
        raise ConfigurationError(str(path), (told,)) from None
    except UnicodeDecodeError:
        raise ConfigurationError(str(path), ("is not UTF-8; save it as UTF-8",)) from None


def _types(catalogue: Catalogue, forms: PlantForms, mistakes: Mistakes) -> _Types:
    equipment = {kind.id: kind for kind in catalogue.equipment_types}
    parts = {part.id: part for part in catalogue.part_types}
    for form in forms.equipment_types.values():
        kind = form.word(TYPED_IN)
        equipment[kind.id] = kind
        parts |= {part.id: part for part in form.part_types(TYPED_IN)}
    merged, told = part_types_with(parts.values(), forms.tables["part_type"], "part_type")
    mistakes.lines += told
    return _Types(equipment=equipment, parts=merged)


def _check_names(forms: PlantForms, types: _Types, mistakes: Mistakes) -> None:
    """Check what lines and machines refer to, of those too that have other mistakes."""
    sites, lines = set(forms.named("site")), set(forms.named("line"))
    for table in forms.tables["line"]:
        mistakes.check_known(f"line {table.get('id')}", "site", table.get("site"), sites)
    kinds = types.equipment.keys() | forms.named("equipment_type")
    for table in forms.tables["machine"]:
        place = f"machine {table.get('id')}"
        mistakes.check_known(place, "line", table.get("line"), lines)
        mistakes.check_known(place, "equipment_type", table.get("type"), kinds)
    if not forms.tables["machine"]:
        mistakes.lines.append("there is no machine; add one as [[machine]]")


def _machine(form: MachineForm, forms: PlantForms, types: _Types, mistakes: Mistakes) -> Machine | None:
    """Return the machine; None where its type, line or site could not be read, which is told elsewhere."""
    kind = types.equipment.get(EquipmentTypeId(form.type))
    if kind is None:
        return None
    place = f"machine {form.id}"
    points = mistakes.told(read_points(form.waveforms, kind, place))
    sensors, told = sensors_with(with_points(kind, points), form.sensors, place)
    mistakes.lines += told
    slots, told = slots_with(kind, form.slots, [sensor.id for sensor in sensors], place)
    mistakes.lines += (*told, *slots_missed(points, slots, place))
    line = forms.lines.get(form.line)
    site = forms.sites.get(line.site) if line else None
    if line is None or site is None:
        return None
    return Machine(
        id=MachineId(form.id),
        name=form.name.word(),
        site=SiteId(site.id),
        line=LineId(line.id),
        equipment_type=kind.id,
        serial=form.serial,
        installed_at=form.installed_in(ZoneInfo(site.time_zone)),
        sensors=sensors,
        slots=slots,
        points=points,
        **form.costs(),
    )


def _check_part_types(machines: Iterable[Machine], types: _Types, mistakes: Mistakes) -> None:
    for machine in machines:
        usual = types.equipment[machine.equipment_type].slots
        for slot in machine.slots:
            if slot not in usual:
                mistakes.check_known(f"machine {machine.id}, slot {slot.id}", "part_type", slot.part_type, types.parts)
    for kind in types.equipment.values():
        for slot in kind.slots:
            mistakes.check_known(f"equipment_type {kind.id}, slot {slot.id}", "part_type", slot.part_type, types.parts)


def _laid_out(table: Table) -> Table:
    """Return a table as people like to read it: texts and sources in one line, in one language where both are the same."""
    return {key: _cell(key, value) for key, value in table.items()}


def _cell(key: str, value: object) -> object:
    if key in _UNFOLDED and isinstance(value, dict) and all(isinstance(inner, dict) for inner in value.values()):
        return {name: _laid_out(inner) for name, inner in value.items()}
    if key in _UNFOLDED and isinstance(value, list):
        return [_laid_out(inner) for inner in value]
    if isinstance(value, dict) and value.keys() == {"ko", "en"} and value["ko"] == value["en"]:
        return value["ko"]
    return _in_line(value)


def _in_line(value: object) -> object:
    if isinstance(value, dict):
        line = tomlkit.inline_table()
        line.update({key: _in_line(inner) for key, inner in value.items()})
        return line
    if isinstance(value, list):
        array = tomlkit.array()
        array.extend(_in_line(inner) for inner in value)
        return array.multiline(len(value) > 1)
    return value


def _machine_table(machine: Machine, kind: EquipmentType) -> Table:
    written: dict[str, Any] = as_written(machine)
    own = {key: tables for key, tables in differences(machine, with_points(kind, machine.points)).items() if tables}
    named = {key: written[key] for key in _MACHINE_KEYS if key in written}
    costs = _costs(machine)
    waveforms = {"waveforms": written_points(machine.points)} if machine.points else {}
    return (
        {"id": named.pop("id"), "name": named.pop("name"), "line": named.pop("line"), "type": kind.id}
        | named
        | costs
        | waveforms
        | own
    )


def _site_table(site: Site) -> Table:
    calendar = {} if site.calendar is None else {"calendar": written_calendar(site.calendar)}
    return {"id": site.id, "name": as_written(site.name), "time_zone": site.time_zone} | _costs(site) | calendar


def _costs(place: Site | Machine) -> Table:
    risk = {} if place.risk is None else {"risk": risk_words(place.risk)}
    return {key: getattr(place, key) for key in _COST_KEYS if getattr(place, key) is not None} | risk


def _type_table(kind: EquipmentType) -> Table:
    """Return an equipment type as a table whose slots name their part types, which are written on their own."""
    table = as_written(kind)
    return table | {"sensor": table.pop("sensors"), "slot": table.pop("slots")}
