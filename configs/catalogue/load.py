"""The catalogue: equipment types and part types from data files, the site's own over those that come with Yeji."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from pydantic import ValidationError

from configs.catalogue.forms import TYPICAL
from configs.catalogue.mistakes import mistakes_of
from configs.catalogue.type_form import EquipmentTypeForm
from configs.errors import ConfigurationError
from configs.plant import EquipmentType, PartType


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What kinds of machines and parts there are, each in order of id."""

    equipment_types: tuple[EquipmentType, ...]
    part_types: tuple[PartType, ...]


def load_catalogue(extra: Path | None = None) -> Catalogue:
    """Return the catalogue that comes with Yeji, under the types of a folder of the site's own.

    Parameters
    ----------
    extra
        A folder of `*.toml` files, one equipment type each; a type of the same id replaces ours.

    Raises
    ------
    ConfigurationError
        A file cannot be used.
    """
    forms = _read_all(files("configs.catalogue").iterdir())
    if extra is not None:
        forms |= _read_all(extra.iterdir())
    ordered = [forms[name] for name in sorted(forms)]
    return Catalogue(
        equipment_types=tuple(form.word(TYPICAL) for form in ordered),
        part_types=tuple(part for form in ordered for part in form.part_types(TYPICAL)),
    )


def _read_all(entries: Iterable[Traversable]) -> dict[str, EquipmentTypeForm]:
    forms: dict[str, EquipmentTypeForm] = {}
    for entry in sorted((entry for entry in entries if entry.name.endswith(".toml")), key=lambda entry: entry.name):
        form = _read(entry)
        if form.id in forms:
            raise ConfigurationError(entry.name, (f"equipment type {form.id} is in two files; rename or remove one",))
        forms[form.id] = form
    return forms


def _read(entry: Traversable) -> EquipmentTypeForm:
    try:
        return EquipmentTypeForm.model_validate(tomllib.loads(entry.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(entry.name, (f"cannot be read: {error}; correct the file",)) from None
    except ValidationError as error:
        raise ConfigurationError(entry.name, mistakes_of(error, EquipmentTypeForm)) from None
