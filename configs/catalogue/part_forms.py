"""Part types and slots as they are written in TOML.

A part of an equipment type is written once, and becomes a `PartType` and the `Slot` where it sits.
"""

from typing import Annotated

from pydantic import AfterValidator, Field, NonNegativeFloat, PositiveFloat, PositiveInt

from configs.catalogue.forms import Form, Identifier, SourceForm, Words, check_identifier
from configs.plant import LifeUnit, PartType, PartTypeId, SensorId, Sign, Slot, SlotId, Source, StressLaw


def _check_part_type_id(value: str) -> str:
    for word in value.split("."):
        check_identifier(word)
    return value


PartTypeIdentifier = Annotated[str, AfterValidator(_check_part_type_id)]


class StressForm(Form):
    """How life shortens under stress."""

    stress: str
    reference: PositiveFloat
    exponent: NonNegativeFloat
    exponent_sd: NonNegativeFloat
    source: SourceForm | None = None

    def word(self, default: Source) -> StressLaw:
        """Return the stress law."""
        return StressLaw(
            stress=self.stress,
            reference=self.reference,
            exponent=self.exponent,
            exponent_sd=self.exponent_sd,
            source=self.source.word() if self.source else default,
        )


class PartTypeForm(Form):
    """What is known of a replaceable part before any of it has failed here."""

    id: PartTypeIdentifier
    name: Words
    life_unit: LifeUnit
    beta: Annotated[float, Field(gt=0, le=20, allow_inf_nan=False)]
    eta: PositiveFloat
    ln_sd_beta: PositiveFloat = 0.25
    ln_sd_eta: PositiveFloat = 0.6
    life_source: SourceForm | None = None
    failure_modes: tuple[str, ...] = ()
    remedy: Words
    check: Words
    lead_time_days: NonNegativeFloat
    price_krw: NonNegativeFloat
    quantity: PositiveInt = 1
    cost_ratio: PositiveFloat
    stress_law: StressForm | None = None
    trade_source: SourceForm | None = None

    def word(self, default: Source) -> PartType:
        """Return the part type; `default` is the source of what states none."""
        return PartType(
            id=PartTypeId(self.id),
            name=self.name.word(),
            life_unit=self.life_unit,
            beta=self.beta,
            eta=self.eta,
            ln_sd_beta=self.ln_sd_beta,
            ln_sd_eta=self.ln_sd_eta,
            life_source=self.life_source.word() if self.life_source else default,
            failure_modes=self.failure_modes,
            remedy=self.remedy.word(),
            check=self.check.word(),
            lead_time_days=self.lead_time_days,
            price_krw=self.price_krw,
            quantity=self.quantity,
            cost_ratio=self.cost_ratio,
            stress_law=self.stress_law.word(default) if self.stress_law else None,
            trade_source=self.trade_source.word() if self.trade_source else default,
        )


class SignForm(Form):
    """A sensor by which wear shows, and which way it goes."""

    sensor: Identifier
    rises: bool = True

    def word(self) -> Sign:
        """Return the sign."""
        return Sign(sensor=SensorId(self.sensor), rises=self.rises)


class SlotForm(Form):
    """A place for a part."""

    id: Identifier
    name: Words
    part_type: PartTypeIdentifier
    signs: tuple[SignForm, ...] = ()

    def word(self) -> Slot:
        """Return the slot."""
        return Slot(
            id=SlotId(self.id),
            name=self.name.word(),
            part_type=PartTypeId(self.part_type),
            signs=tuple(sign.word() for sign in self.signs),
        )


class PartForm(PartTypeForm):
    """A part of an equipment type: a part type, and the slot of the same name where it sits."""

    id: Identifier
    signs: tuple[SignForm, ...] = ()

    def part_type(self, equipment_type: str, default: Source) -> PartType:
        """Return the part type `<equipment type>.<part>`."""
        named = self.model_dump(mode="json", exclude={"signs"}) | {"id": f"{equipment_type}.{self.id}"}
        return PartTypeForm.model_validate(named).word(default)

    def slot(self, equipment_type: str) -> Slot:
        """Return the slot where the part sits."""
        return Slot(
            id=SlotId(self.id),
            name=self.name.word(),
            part_type=PartTypeId(f"{equipment_type}.{self.id}"),
            signs=tuple(sign.word() for sign in self.signs),
        )
