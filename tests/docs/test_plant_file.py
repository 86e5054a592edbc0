"""The page of the plant file names every key that a plant file may have."""

from pathlib import Path

import pytest

from configs.catalogue.forms import LimitForm, SensorForm
from configs.catalogue.part_forms import PartTypeForm, SlotForm, StressForm
from configs.catalogue.type_form import EquipmentTypeForm
from configs.plant import LifeUnit
from configs.plant_forms import SECTIONS, LineForm, MachineForm, SiteForm

PAGE = (Path(__file__).parents[2] / "docs" / "plant-file.md").read_text(encoding="utf-8")
FORMS = (SiteForm, LineForm, MachineForm, SensorForm, LimitForm, SlotForm, PartTypeForm, StressForm, EquipmentTypeForm)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_every_key_is_on_the_page(form: type) -> None:
    keys = form.model_fields  # type: ignore[attr-defined]
    assert [key for key in keys if f"`{key}`" not in PAGE and f".{key}" not in PAGE and f"{key} =" not in PAGE] == []


def test_every_section_and_life_unit_is_on_the_page() -> None:
    assert [section for section in SECTIONS if f"[[{section}]]" not in PAGE] == []
    assert [unit.value for unit in LifeUnit if f"`{unit.value}`" not in PAGE] == []
