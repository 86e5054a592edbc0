"""The plant as it stands: the plant file, under what people changed on the pages."""

from functools import partial
from pathlib import Path

from configs.catalogue.load import load_catalogue
from configs.errors import ConfigurationError
from configs.plant import Plant
from configs.plant_file import CATALOGUE_FOLDER
from service.actions.plant import PlantBook, PlantText, book_of


def open_plant_book(path: Path, plant: Plant) -> PlantBook:
    """Return the book of a plant file that has been read as `plant`; of the plant alone where there is no file."""
    if not path.is_file():
        return book_of(plant)
    text, catalogue = _read(path)
    return PlantBook(text, catalogue, str(path), plant, read=partial(_read, path))


def _read(path: Path) -> PlantText:
    extra = path.parent / CATALOGUE_FOLDER
    try:
        return path.read_text(encoding="utf-8-sig"), load_catalogue(extra if extra.is_dir() else None)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(str(path), (f"cannot be read: {error}; correct the file",)) from None
