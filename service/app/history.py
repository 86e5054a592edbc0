"""Taking in a history bundle: the files of readings into the store, the facts into the state database."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ingest.meter import MeterState
from ingest.ports import MeterReader
from ingest.sources.bundle import PLANT_FILE, HistoryBundle, read_bundle
from service.actions.plant import PlantBook
from service.app.clock import utc_now
from service.app.data_folder import translate_disk_errors
from service.app.foundations import Foundations
from service.app.telemetry import PlantStore
from service.errors import ConflictError
from service.state.database import StateDatabase
from service.state.history import StateHistoryStore


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPorts:
    """What history comes into and goes out of."""

    folder: Path
    plants: PlantBook
    database: StateDatabase
    store: PlantStore
    simulated: bool


def history_ports(base: Foundations) -> HistoryPorts:
    """Return the ports over the foundations."""
    return HistoryPorts(
        folder=base.folder,
        plants=base.plants,
        database=base.database,
        store=base.store,
        simulated=base.settings.simulated,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import added; zeros where all of it was there already."""

    rows: int
    facts: int
    meters: int
    simulated: bool


def take_in_history(
    base: HistoryPorts, folder: Path, *, announce: Callable[[HistoryBundle], None], advance: Callable[[Path], None]
) -> Imported:
    """Take in a bundle; each file counts once, so that an import that was cut short goes on when it is repeated.

    Raises
    ------
    BundleError
        The folder is not a bundle, is damaged, or does not match the plant.
    """
    bundle = read_bundle(folder, base.plants.current)
    announce(bundle)
    rows = 0
    for equipment_type, files in bundle.readings.items():
        for file in files:
            rows += base.store.import_parquet(equipment_type, [file])
            advance(file)
    history = StateHistoryStore(base.database, base.plants.current, utc_now)
    facts = history.add_history(bundle.lives, bundle.events, bundle.labels)
    newer = newer_meters(base.store, bundle.meters)
    base.store.set_meters(newer)
    return Imported(rows=rows, facts=facts, meters=len(newer), simulated=bundle.simulated)


def newer_meters(store: MeterReader, meters: tuple[MeterState, ...]) -> tuple[MeterState, ...]:
    """Return the meters that say more than the store knows: a bundle that is read again never turns one back."""
    known = {(meter.machine, meter.unit): meter.at_ns for meter in store.meters()}
    return tuple(meter for meter in meters if meter.at_ns > known.get((meter.machine, meter.unit), -1))


def adopt_plant(bundle: Path, plant_path: Path) -> None:
    """Copy the bundle's plant file to where the plant file belongs.

    Raises
    ------
    ConflictError
        Another one is there.
    ConfigurationError
        It cannot be written there.
    """
    source = bundle / PLANT_FILE
    if not source.is_file() or plant_path.resolve() == source.resolve():
        return
    if plant_path.exists():
        if _digest(plant_path) != _digest(source):
            raise ConflictError(
                f"{source} differs from {plant_path}; make them alike, or import into another folder with --data"
            )
        return
    with translate_disk_errors(plant_path.parent):
        plant_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        plant_path.write_bytes(source.read_bytes())


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
