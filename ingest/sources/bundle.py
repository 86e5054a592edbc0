"""Reading a history bundle: the open folder format by which the past comes in and goes out (`docs/wire-format.md`).

Everything is checked before anything is handed out, and all mistakes are listed at once.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from configs.plant import EquipmentTypeId, Plant
from ingest.errors import BundleError
from ingest.label import Label
from ingest.maintenance_event import MaintenanceEvent
from ingest.meter import MeterState
from ingest.part_life import PartLife
from ingest.sources.bundle_columns import check_readings
from ingest.sources.bundle_tables import read_events, read_labels, read_lives, read_meters

FORMAT = "yeji-bundle"
VERSION = 1
MANIFEST = "manifest.json"
PLANT_FILE = "plant.toml"
MISTAKES_SHOWN = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryBundle:
    """A checked bundle: its facts, and its files of readings by equipment type, which are read by the store."""

    folder: Path
    simulated: bool
    rows: int
    readings: Mapping[EquipmentTypeId, tuple[Path, ...]]
    lives: tuple[PartLife, ...]
    events: tuple[MaintenanceEvent, ...]
    labels: tuple[Label, ...]
    meters: tuple[MeterState, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Manifest:
    files: Mapping[str, str]
    rows: int
    simulated: bool


def read_bundle(folder: Path, plant: Plant) -> HistoryBundle:
    """Return a bundle's content, checked against its manifest and against the plant that it is for.

    Raises
    ------
    BundleError
        The folder is not a bundle, is damaged or incomplete, or does not match the plant; lists all mistakes.
    """
    manifest = _read_manifest(folder)
    mistakes = _check_files(folder, manifest)
    _refuse(folder, mistakes)
    readings = _readings_by_type(folder, manifest, plant, mistakes)
    for equipment_type, paths in readings.items():
        for path in paths:
            mistakes += check_readings(path, equipment_type, plant)
    bundle = HistoryBundle(
        folder=folder,
        simulated=manifest.simulated,
        rows=manifest.rows,
        readings=readings,
        lives=read_lives(folder / "part_lives.csv", plant, mistakes),
        events=read_events(folder / "maintenance_events.csv", plant, mistakes),
        labels=read_labels(folder / "labels.csv", plant, mistakes),
        meters=read_meters(folder / "meters.csv", plant, mistakes),
    )
    _refuse(folder, mistakes)
    return bundle


def _refuse(folder: Path, mistakes: list[str]) -> None:
    if mistakes:
        more = len(mistakes) - MISTAKES_SHOWN
        tail = [f"and {more} more"] if more > 0 else []
        raise BundleError(f"{folder} cannot be imported: " + "; ".join([*mistakes[:MISTAKES_SHOWN], *tail]))


def _read_manifest(folder: Path) -> _Manifest:
    path = folder / MANIFEST
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BundleError(f"{folder} is not a history bundle: {MANIFEST} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise BundleError(f"{path} is not JSON ({error}); export the bundle again") from error
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise BundleError(f'{path} does not say "format": "{FORMAT}"; it is not a history bundle')
    if said.get("version") != VERSION:
        raise BundleError(f"{path} is of version {said.get('version')}; this program reads version {VERSION}")
    return _manifest(path, said)


def _manifest(path: Path, said: dict[str, Any]) -> _Manifest:
    files, rows, simulated = said.get("files"), said.get("rows"), said.get("simulated", False)
    if not isinstance(files, dict) or not all(isinstance(part, str) for entry in files.items() for part in entry):
        raise BundleError(f'{path} lacks "files" (name: sha256); export the bundle again')
    if type(rows) is not int or type(simulated) is not bool:
        raise BundleError(f'{path} lacks "rows" or "simulated"; export the bundle again')
    return _Manifest(files=files, rows=rows, simulated=simulated)


def _check_files(folder: Path, manifest: _Manifest) -> list[str]:
    mistakes = [f"{PLANT_FILE} is not listed in {MANIFEST}"] if PLANT_FILE not in manifest.files else []
    for name, digest in sorted(manifest.files.items()):
        inside = PurePosixPath(name)
        if inside.is_absolute() or ".." in inside.parts:
            mistakes.append(f"{MANIFEST} names {name}, which is outside the folder")
        elif not (folder / name).is_file():
            mistakes.append(f"{name} is missing; copy the whole folder again")
        elif _sha256(folder / name) != digest:
            mistakes.append(f"{name} is not what {MANIFEST} says it was; copy or export it again")
    return mistakes


def _readings_by_type(
    folder: Path, manifest: _Manifest, plant: Plant, mistakes: list[str]
) -> dict[EquipmentTypeId, tuple[Path, ...]]:
    """Sort the files of readings by the equipment type that begins their names, the longest that fits."""
    types = sorted((kind.id for kind in plant.equipment_types), key=len, reverse=True)
    found: dict[EquipmentTypeId, tuple[Path, ...]] = {}
    for name in sorted(manifest.files):
        if PurePosixPath(name).parent != PurePosixPath("readings"):
            continue
        own = next((kind for kind in types if PurePosixPath(name).stem.startswith(f"{kind}-")), None)
        if own is None:
            mistakes.append(
                f"{name} does not begin with an equipment type of the plant; add the type, or rename the file"
            )
        else:
            found[own] = (*found.get(own, ()), folder / name)
    return found


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
