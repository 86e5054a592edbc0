"""The catalogue and plant overrides as they are written in TOML, checked, and turned into the words of `configs.plant`.

A form has the fields of its word under the same names. Here are the sensors and what every form is made of; parts are in
`part_forms`, equipment types in `type_form`.
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
    model_validator,
)

from configs.plant import (
    IDENTIFIER,
    Bound,
    Limit,
    LimitLevel,
    Sensor,
    SensorId,
    SensorRole,
    Source,
    SourceKind,
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


def _in_both_languages(value: object) -> object:
    return {"ko": value, "en": value} if isinstance(value, str) else value


Identifier = Annotated[str, AfterValidator(check_identifier)]


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


def as_written(word: Any) -> dict[str, Any]:
    """Return the table that a form reads back as `word`, with nothing left out but what is None."""
    return {name: _value(getattr(word, name)) for name in word.__dataclass_fields__ if getattr(word, name) is not None}


def _value(value: object) -> object:
    if isinstance(value, tuple):
        return [_value(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return as_written(value)
    return value
