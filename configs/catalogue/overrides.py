"""What a site types in, laid over the catalogue: a machine's sensors and slots, and part types; and the way back.

Every function that reads tables returns what it made of them and the mistakes that it found, so that all of a file's
mistakes can be told at once.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from configs.catalogue.forms import TYPED_IN, SensorForm, as_written
from configs.catalogue.mistakes import mistakes_of, suggestion
from configs.catalogue.part_forms import PartTypeForm, SlotForm
from configs.plant import EquipmentType, Machine, PartType, PartTypeId, Sensor, Slot

Table = dict[str, Any]
Tables = Mapping[str, Table]

ABSENT = "absent"
"""The key that takes a sensor or slot of the type away from one machine."""

_SENSOR_FIGURES = frozenset({"range_low", "range_high", "normal_low", "normal_high"})
_LIFE_FIGURES = frozenset({"life_unit", "beta", "eta", "ln_sd_beta", "ln_sd_eta"})
_TRADE_FIGURES = frozenset({"lead_time_days", "price_krw", "quantity", "cost_ratio"})


def sensors_with(
    equipment_type: EquipmentType, tables: Tables, place: str
) -> tuple[tuple[Sensor, ...], tuple[str, ...]]:
    """Return the sensors of a machine: those of its type, changed, left out and added to."""
    if not tables:
        return equipment_type.sensors, ()
    sensors: list[Sensor] = []
    mistakes: list[str] = []
    for name, table in _over(equipment_type.sensors, tables):
        where = f"{place}, sensor {name}:"
        if ABSENT in table:
            mistakes += _absence_mistakes(table, where)
            continue
        if stranger := _unlike(name, equipment_type.sensors, table, SensorForm):
            mistakes.append(f"{where} is not a sensor of {equipment_type.id}{stranger}")
            continue
        try:
            sensors.append(SensorForm.model_validate(table).word(TYPED_IN))
        except ValidationError as error:
            mistakes += mistakes_of(error, SensorForm, where)
    return tuple(sensors), tuple(mistakes)


def slots_with(
    equipment_type: EquipmentType, tables: Tables, sensors: Iterable[str], place: str
) -> tuple[tuple[Slot, ...], tuple[str, ...]]:
    """Return the slots of a machine: those of its type, changed, left out and added to.

    A sign of the type's own slots by a sensor that the machine lacks is left out.
    """
    known = set(sensors)
    if not tables and known.issuperset(sign.sensor for slot in equipment_type.slots for sign in slot.signs):
        return equipment_type.slots, ()
    slots: list[Slot] = []
    mistakes: list[str] = []
    for name, table in _over(equipment_type.slots, tables):
        where = f"{place}, slot {name}:"
        if ABSENT in table:
            mistakes += _absence_mistakes(table, where)
            continue
        if "signs" not in tables.get(name, {}):
            table["signs"] = [sign for sign in table.get("signs", ()) if sign["sensor"] in known]
        try:
            slot = SlotForm.model_validate(table).word()
        except ValidationError as error:
            mistakes += mistakes_of(error, SlotForm, where)
            continue
        strangers = [sign.sensor for sign in slot.signs if sign.sensor not in known]
        mistakes += [f"{where} the machine has no sensor {name}{suggestion(name, known)}" for name in strangers]
        slots.append(slot)
    return tuple(slots), tuple(mistakes)


def part_types_with(
    part_types: Iterable[PartType], tables: Iterable[Table], place: str
) -> tuple[dict[PartTypeId, PartType], tuple[str, ...]]:
    """Return part types by id: those given, changed and added to by tables that each hold an `id`."""
    merged = {part.id: part for part in part_types}
    mistakes: list[str] = []
    seen: set[object] = set()
    for position, table in enumerate(tables, start=1):
        name = table.get("id")
        where = f"{place} {name if isinstance(name, str) else position}:"
        if name in seen:
            mistakes.append(f"{where} is there twice; rename or remove one")
            continue
        seen.add(name)
        base = merged.get(PartTypeId(str(name)))
        if base is None and (stranger := _unlike(str(name), merged.values(), table, PartTypeForm)):
            mistakes.append(f"{where} is not in the catalogue{stranger}")
            continue
        try:
            part = PartTypeForm.model_validate(_typed_in(as_written(base) if base else {}, table)).word(TYPED_IN)
        except ValidationError as error:
            mistakes += mistakes_of(error, PartTypeForm, where)
            continue
        merged[part.id] = part
    return merged, tuple(mistakes)


def differences(machine: Machine, equipment_type: EquipmentType) -> dict[str, dict[str, Table]]:
    """Return the `sensors` and `slots` tables that lead from an equipment type to a machine of it."""
    known = {sensor.id for sensor in machine.sensors}
    own_slots, _ = slots_with(equipment_type, {}, known, machine.id)
    return {
        "sensors": _changes(equipment_type.sensors, machine.sensors),
        "slots": _changes(own_slots, machine.slots),
    }


def _changes(before: Iterable[Sensor] | Iterable[Slot], after: Iterable[Sensor] | Iterable[Slot]) -> dict[str, Table]:
    was = {item.id: as_written(item) for item in before}
    is_now = {item.id: as_written(item) for item in after}
    tables: dict[str, Table] = {str(name): {ABSENT: True} for name in was if name not in is_now}
    for name, table in is_now.items():
        changed = {key: value for key, value in table.items() if was.get(name, {}).get(key) != value and key != "id"}
        if changed or name not in was:
            tables[str(name)] = changed | ({"source": table["source"]} if "source" in table else {})
    return tables


def _over(items: Iterable[Sensor] | Iterable[Slot], tables: Tables) -> list[tuple[str, Table]]:
    """Return the tables of the items, each under what was typed in for it, then those of new ones."""
    written: dict[str, Table] = {str(item.id): as_written(item) for item in items}
    added = [name for name in tables if name not in written]
    return [
        (name, _typed_in(written.get(name, {}), tables.get(name, {})) | {"id": name}) for name in (*written, *added)
    ]


def _typed_in(base: Table, table: Table) -> Table:
    """Return `table` over `base`; figures that were typed in without a source are the site's own."""
    merged = base | table
    for source, figures in (
        ("source", _SENSOR_FIGURES),
        ("life_source", _LIFE_FIGURES),
        ("trade_source", _TRADE_FIGURES),
    ):
        if figures & table.keys() and source not in table:
            merged[source] = as_written(TYPED_IN)
    return merged


def _unlike(
    name: str, items: Iterable[Sensor] | Iterable[PartType], table: Table, form: type[SensorForm] | type[PartTypeForm]
) -> str:
    """Return why a table can be neither a change of an item nor one of its own, as the end of a line."""
    known = [str(item.id) for item in items]
    needed = [key for key, field in form.model_fields.items() if field.is_required() and key not in table]
    if name in known or not needed:
        return ""
    return f"{suggestion(name, known)}; one of its own needs {', '.join(needed)} too"


def _absence_mistakes(table: Table, where: str) -> list[str]:
    if table[ABSENT] is not True:
        return [f"{where} {ABSENT} may only be true; remove the key instead"]
    if "name" not in table:
        return [f"{where} is not in the machine's type; remove the table"]
    return []
