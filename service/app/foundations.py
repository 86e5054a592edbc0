"""What every later stage stands on: the settings, the plant, the data folder, and the two stores."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from configs.plant import Plant
from configs.settings import Settings
from ingest.intake.found import FoundBook
from ingest.intake.presence_book import PresenceBook
from ingest.ports import WaveformStore
from ingest.stores.waveform_files import WaveformFiles, WaveformPolicy
from service.actions.plant import PlantBook
from service.app.data_folder import open_data_folder
from service.app.plant import open_plant_book
from service.app.state import open_state
from service.app.telemetry import PlantStore, open_store
from service.live import LiveFeed
from service.observability.metrics import Metrics
from service.state.database import StateDatabase

WAVEFORM_FOLDER = "waveforms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundations:
    """The opened stores of a locked data folder, and what the stages tell pages and supervisors through."""

    settings: Settings
    plant: Plant
    plants: PlantBook
    folder: Path
    database: StateDatabase
    store: PlantStore
    live: LiveFeed
    metrics: Metrics
    found: FoundBook
    presences: PresenceBook
    waveforms: WaveformStore


@contextmanager
def lay_foundations(settings: Settings, plant: Plant) -> Iterator[Foundations]:
    """Lock the data folder, open and migrate the state database, open the store; close them in reverse."""
    with ExitStack() as stack:
        folder = stack.enter_context(open_data_folder(settings.data_dir))
        database = stack.enter_context(open_state(settings.state, folder))
        plants = open_plant_book(settings.plant_path, plant)
        yield Foundations(
            settings=settings,
            plant=plants.recall(database),
            plants=plants,
            folder=folder,
            database=database,
            store=stack.enter_context(open_store(settings.store, folder, lambda: plants.current)),
            live=LiveFeed(),
            metrics=Metrics(),
            found=FoundBook(),
            presences=PresenceBook(),
            waveforms=WaveformFiles(
                folder / WAVEFORM_FOLDER,
                WaveformPolicy(per_day=settings.waveforms.per_day, days=settings.waveforms.days),
            ),
        )
