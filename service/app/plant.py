"""The plant as it stands: the plant file, under what people changed on the pages."""

from pathlib import Path

from configs.catalogue.load import load_catalogue
from configs.plant import Plant
from configs.plant_file import CATALOGUE_FOLDER
from service.actions.plant import PlantBook, book_of


def open_plant_book(path: Path, plant: Plant) -> PlantBook:
    """Return the book of a plant file that has been read as `plant`; of the plant alone where there is no file."""
    if not path.is_file():
        return book_of(plant)
    extra = path.parent / CATALOGUE_FOLDER
    catalogue = load_catalogue(extra if extra.is_dir() else None)
    return PlantBook(path.read_text(encoding="utf-8-sig"), catalogue, str(path), plant)
