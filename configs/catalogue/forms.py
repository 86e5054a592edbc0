"""The catalogue and plant overrides as they are written in TOML, checked, and turned into the words of `configs.plant`.

A form has the fields of its word under the same names. `part` is the one exception: a part of an equipment type is
written once and becomes a `PartType` and the `Slot` where it sits.
"""

from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FiniteFloat,
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from configs.plant import (
    IDENTIFIER,
    Bound,
    EquipmentType,
    EquipmentTypeId,
    LifeUnit,
    Limit,
    LimitLevel,
    OperatingRule,
    PartType,
    PartTypeId,
    Sensor,
    SensorId,
    SensorRole,
    Sign,
    Slot,
    SlotId,
    Source,
    SourceKind,
    StressLaw,
    Text,
)
from configs.units import fits

TYPICAL = Source(kind=SourceKind.JUDGEMENT, note="대표값이니 우리 공장 값을 넣으세요 / typical, type in yours")
TYPED_IN = Source(kind=SourceKind.SITE, note="plant.toml")


def check_identifier(value: str) -> str:
    """Return `value` where it may be a name on the wire; ValueError otherwise."""
    if not IDENTIFIER.fullmatch(value):
        raise ValueError("may hold only letters, digits, - and _ (64 at most), and begins with a letter or digit")
    return value


def _check_part_type_id(value: str) -> str:
    for word in value.split("."):
        check_identifier(word)
    return value


def _in_both_languages(value: object) -> object:
    return {"ko": value, "en": value} if isinstance(value, str) else value


Identifier = Annotated[str, AfterValidator(check_identifier)]
PartTypeIdentifier = Annotated[str, AfterValidator(_check_part_type_id)]


class Form(BaseModel):
    """A table of TOML: closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class TextForm(Form):
    """`{ ko = "…", en = "…" }`, or one text for both."""

    ko: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def word(self) -> Text:
        """Return the text."""
        return Text(ko=self.ko, en=self.en)


Words = Annotated[TextForm, BeforeValidator(_in_both_languages)]


class SourceForm(Form):
    """Where a figure comes from."""

    kind: SourceKind
    note: str

    def word(self) -> Source:
        """Return the source."""
        return Source(kind=self.kind, note=self.note)


class LimitForm(Form):
    """A limit of a sensor; the delays keep a moment's spike from counting, the deadband a flutter."""

    level: LimitLevel
    bound: Bound = Bound.UPPER
    value: FiniteFloat
    on_delay_s: NonNegativeFloat = 60.0
    off_delay_s: NonNegativeFloat = 120.0
    deadband: NonNegativeFloat = 0.0
    source: SourceForm | None = None

    def word(self, default: Source) -> Limit:
        """Return the limit."""
        return Limit(
            level=self.level,
            bound=self.bound,
            value=self.value,
            on_delay_s=self.on_delay_s,
            off_delay_s=self.off_delay_s,
            deadband=self.deadband,
            source=self.source.word() if self.source else default,
        )


class SensorForm(Form):
    """A sensor of an equipment type or of one machine."""

    id: Identifier
    name: Words
    measurand: str = "other"
    unit: str
    role: SensorRole = SensorRole.CONDITION
    range_low: FiniteFloat
    range_high: FiniteFloat
    normal_low: FiniteFloat
    normal_high: FiniteFloat
    resolution: NonNegativeFloat = 0.0
    period_s: PositiveFloat = 1.0
    limits: tuple[LimitForm, ...] = ()
    source: SourceForm | None = None

    @model_validator(mode="after")
    def _check_ranges(self) -> Self:
        if not self.range_low < self.range_high:
            raise ValueError("range_low must be below range_high")
        if not self.range_low <= self.normal_low <= self.normal_high <= self.range_high:
            raise ValueError("normal_low to normal_high must lie inside range_low to range_high")
        if not fits(self.measurand, self.unit):
            raise ValueError(f"{self.unit} is no unit of {self.measurand}; correct unit or measurand")
        for limit in self.limits:
            if not self.range_low <= limit.value <= self.range_high:
                raise ValueError(
                    f"the {limit.level} limit {limit.value:g} lies outside the sensor's range "
                    f"{self.range_low:g} to {self.range_high:g}; correct the limit or the range"
                )
        return self

    def word(self, default: Source) -> Sensor:
        """Return the sensor; `default` is the source of what states none."""
        return Sensor(
            id=SensorId(self.id),
            name=self.name.word(),
            measurand=self.measurand,
            unit=self.unit,
            role=self.role,
            range_low=self.range_low,
            range_high=self.range_high,
            normal_low=self.normal_low,
            normal_high=self.normal_high,
            resolution=self.resolution,
            period_s=self.period_s,
            limits=tuple(limit.word(default) for limit in self.limits),
            source=self.source.word() if self.source else default,
        )


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


def as_written(word: Any) -> dict[str, Any]:
    """Return the table that a form reads back as `word`, with nothing left out but what is None."""
    return {name: _value(getattr(word, name)) for name in word.__dataclass_fields__ if getattr(word, name) is not None}


def _value(value: object) -> object:
    if isinstance(value, tuple):
        return [_value(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return as_written(value)
    return value
