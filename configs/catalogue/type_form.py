"""An equipment type as it is written in TOML."""

from typing import Self

from pydantic import Field, FiniteFloat, PositiveFloat, model_validator

from configs.catalogue.forms import Form, Identifier, SensorForm, SourceForm, Words
from configs.catalogue.part_forms import PartForm, SlotForm
from configs.plant import EquipmentType, EquipmentTypeId, OperatingRule, PartType, SensorId, Source


class OperatingRuleForm(Form):
    """From which sensor it is told that a machine runs."""

    sensor: Identifier
    above: FiniteFloat

    def word(self) -> OperatingRule:
        """Return the rule."""
        return OperatingRule(sensor=SensorId(self.sensor), above=self.above)


class EquipmentTypeForm(Form):
    """A kind of machine, in a file of its own or in a plant file."""

    id: Identifier
    name: Words
    window_s: PositiveFloat = 60.0
    learning_span_s: PositiveFloat = 14 * 86_400.0
    operating_rule: OperatingRuleForm | None = None
    source: SourceForm | None = None
    sensor: tuple[SensorForm, ...] = Field(min_length=1)
    part: tuple[PartForm, ...] = ()
    slot: tuple[SlotForm, ...] = ()

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        sensors = [sensor.id for sensor in self.sensor]
        slots = [part.id for part in self.part] + [slot.id for slot in self.slot]
        for kind, names in (("sensor", sensors), ("slot", slots)):
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"{kind} {', '.join(twice)} is there twice; rename or remove one")
        signs = [part.signs for part in self.part] + [slot.signs for slot in self.slot]
        named = [sign.sensor for shown in signs for sign in shown]
        named += [self.operating_rule.sensor] if self.operating_rule else []
        if strangers := sorted(set(named) - set(sensors)):
            raise ValueError(f"no sensor {', '.join(strangers)}; it has {', '.join(sensors)}")
        return self

    def part_types(self, default: Source) -> tuple[PartType, ...]:
        """Return the part types that come with the equipment type."""
        own = self.source.word() if self.source else default
        return tuple(part.part_type(self.id, own) for part in self.part)

    def word(self, default: Source) -> EquipmentType:
        """Return the equipment type; `default` is the source of what states none."""
        own = self.source.word() if self.source else default
        return EquipmentType(
            id=EquipmentTypeId(self.id),
            name=self.name.word(),
            sensors=tuple(sensor.word(own) for sensor in self.sensor),
            slots=tuple(part.slot(self.id) for part in self.part) + tuple(slot.word() for slot in self.slot),
            window_s=self.window_s,
            learning_span_s=self.learning_span_s,
            operating_rule=self.operating_rule.word() if self.operating_rule else None,
            source=own,
        )
