"""Rolling bearings: their geometry from a data sheet, or by the number that is stamped on them."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, PositiveFloat, PositiveInt, model_validator

from configs.catalogue.forms import TYPED_IN, Form, SourceForm
from configs.catalogue.mistakes import suggestion
from configs.plant import Bearing

_SUFFIX = re.compile(r"[-/ ]?(2?RS[1HLR]?|2?Z{1,2}|DDU|VV|LLB|LLU|C[2-5]|CM|JEM)$")
"""Seals, clearance and cage: they follow the number and leave the geometry as it is."""


class BearingForm(Form):
    """The geometry of a rolling bearing, from its data sheet."""

    rolling_elements: PositiveInt
    element_diameter_mm: PositiveFloat
    pitch_diameter_mm: PositiveFloat
    contact_angle_deg: float = Field(default=0.0, ge=0, lt=90)
    source: SourceForm | None = None

    @model_validator(mode="after")
    def _check_diameters(self) -> Self:
        if self.element_diameter_mm >= self.pitch_diameter_mm:
            raise ValueError("element_diameter_mm must be below pitch_diameter_mm")
        return self

    def word(self) -> Bearing:
        """Return the bearing."""
        return Bearing(
            rolling_elements=self.rolling_elements,
            element_diameter_mm=self.element_diameter_mm,
            pitch_diameter_mm=self.pitch_diameter_mm,
            contact_angle_deg=self.contact_angle_deg,
            source=self.source.word() if self.source else TYPED_IN,
        )


def bearing_of(number: str) -> Bearing:
    """Return the bearing of a number such as `6205`, `SKF 6205-2RS/C3` or `UER204`; ValueError where it is unknown."""
    return _form_of(number).word()


def _form_of(number: str) -> BearingForm:
    known = _known()
    bare = number.strip().upper()
    while (shorter := _SUFFIX.sub("", bare)) != bare:
        bare = shorter
    found = known.get(bare) or known.get(bare.split(" ")[-1])
    if found is None:
        raise ValueError(
            f"the inside of this bearing is not known{suggestion(bare, known)}; type in rolling_elements, "
            f"element_diameter_mm and pitch_diameter_mm of its data sheet (known are {', '.join(known)})"
        )
    return found


@cache
def _known() -> dict[str, BearingForm]:
    table = tomllib.loads(files("configs").joinpath("bearings.toml").read_text(encoding="utf-8"))
    return {
        number: BearingForm.model_validate({**row, "source": table["source"][row["source"]]})
        for number, row in table["bearing"].items()
    }


def _by_number(value: object) -> object:
    return _form_of(value) if isinstance(value, str) else value


BearingByNumber = Annotated[BearingForm, BeforeValidator(_by_number)]
"""A table of the geometry, or the bearing's number as a text."""
