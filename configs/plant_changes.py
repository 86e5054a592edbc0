"""What people change of the plant on the pages, laid over the plant file, which itself is never rewritten."""

import tomllib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import tomlkit

from configs.catalogue.load import Catalogue
from configs.catalogue.overrides import ABSENT
from configs.plant import Plant
from configs.plant_change import ChangedKind, PlantChange
from configs.plant_file import parse_plant


def plant_with(text: str, catalogue: Catalogue, source: str, changes: Iterable[PlantChange], *, revision: int) -> Plant:
    """Return the plant of a plant file's text under the changes.

    Raises
    ------
    ConfigurationError
        The result is no possible plant; it holds every mistake.
    """
    listed = tuple(changes)
    merged = text_with(text, listed) if listed else text
    return replace(parse_plant(merged, catalogue, source), revision=revision)


def text_with(text: str, changes: Iterable[PlantChange]) -> str:
    """Return a plant file's text with the changes in it.

    Examples
    --------
    >>> change = PlantChange(kind=ChangedKind.LINE, id="b", table={"name": "B", "site": "busan"})
    >>> print(text_with("", [change]).strip())
    [[line]]
    id = "b"
    name = "B"
    site = "busan"
    """
    document: dict[str, Any] = tomllib.loads(text)
    written = {part.get("id"): part for part in tomllib.loads(text).get(ChangedKind.PART_TYPE.value, [])}
    for change in changes:
        if change.kind is ChangedKind.SENSOR:
            _change_sensor(document, change)
        elif change.kind is ChangedKind.PART_TYPE:
            _change_entry(document.setdefault(change.kind.value, []), _as_written(change, written.get(change.id, {})))
        else:
            _change_entry(document.setdefault(change.kind.value, []), change)
    return tomlkit.dumps(document)


def _change_entry(entries: list[dict[str, Any]], change: PlantChange) -> None:
    known = next((entry for entry in entries if entry.get("id") == change.id), None)
    if change.table.get(ABSENT):
        entries[:] = [entry for entry in entries if entry is not known]
    elif known is None:
        entries.append(_without_none({"id": change.id, **change.table}))
    else:
        entries[entries.index(known)] = _without_none({**known, **change.table})


def _as_written(change: PlantChange, written: dict[str, Any]) -> PlantChange:
    """Return a change of a part type that puts what it takes out back to what the file says: a part of its own needs that."""
    table = {key: written.get(key) if value is None else value for key, value in change.table.items()}
    return replace(change, table=table)


def _without_none(table: dict[str, Any]) -> dict[str, Any]:
    """Return a table without the keys that were taken out of it."""
    kept = {key: _without_none(value) if isinstance(value, dict) else value for key, value in table.items()}
    return {key: value for key, value in kept.items() if value is not None}


def _change_sensor(document: dict[str, Any], change: PlantChange) -> None:
    machine, _, sensor = change.id.partition("/")
    for entry in document.get("machine", []):
        if entry.get("id") == machine:
            sensors = entry.setdefault("sensors", {})
            sensors[sensor] = _without_none({**sensors.get(sensor, {}), **change.table})
