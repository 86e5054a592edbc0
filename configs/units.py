"""What can be measured, in which units, and how one unit becomes another.

A plant may use any unit; one that is not in the table simply converts into nothing but itself.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import pi


class Dimension(StrEnum):
    """What units of one kind measure; only units of the same dimension convert into each other."""

    TEMPERATURE = "temperature"
    PRESSURE = "pressure"
    PRESSURE_RATE = "pressure_rate"
    SPEED = "speed"
    ACCELERATION = "acceleration"
    RATE = "rate"
    LENGTH = "length"
    DURATION = "duration"
    ANGLE = "angle"
    CURRENT = "current"
    VOLTAGE = "voltage"
    POWER = "power"
    ENERGY = "energy"
    FLOW = "flow"
    MASS = "mass"
    LINE_LOAD = "line_load"
    FORCE = "force"
    TORQUE = "torque"
    LEVEL = "level"
    NUMBER = "number"


class Measurand(StrEnum):
    """What a sensor measures, where the catalogue has a word for it."""

    TEMPERATURE = "temperature"
    TEMPERATURE_DIFFERENCE = "temperature_difference"
    PRESSURE = "pressure"
    PRESSURE_RATE = "pressure_rate"
    VIBRATION_VELOCITY = "vibration_velocity"
    SPEED = "speed"
    ACCELERATION = "acceleration"
    ROTATION_SPEED = "rotation_speed"
    LENGTH = "length"
    DURATION = "duration"
    ANGLE = "angle"
    CURRENT = "current"
    VOLTAGE = "voltage"
    POWER = "power"
    ENERGY = "energy"
    FLOW = "flow"
    MASS = "mass"
    LINE_LOAD = "line_load"
    FORCE = "force"
    TORQUE = "torque"
    LEVEL = "level"
    SHARE = "share"
    KURTOSIS = "kurtosis"

    @property
    def dimension(self) -> Dimension:
        """The dimension of the units that it is given in."""
        return _DIMENSIONS.get(self) or Dimension(self.value)


_DIMENSIONS = {
    Measurand.TEMPERATURE_DIFFERENCE: Dimension.TEMPERATURE,
    Measurand.VIBRATION_VELOCITY: Dimension.SPEED,
    Measurand.ROTATION_SPEED: Dimension.RATE,
    Measurand.SHARE: Dimension.NUMBER,
    Measurand.KURTOSIS: Dimension.NUMBER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit: a value in it times `scale` plus `offset` is the value in the unit that its dimension is built on."""

    symbol: str
    dimension: Dimension
    scale: float
    offset: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """How values of one unit become values of another: `value * factor + offset`."""

    factor: float
    offset: float

    def __call__(self, value: float) -> float:
        """Return the value in the other unit."""
        return value * self.factor + self.offset


def unit_of(symbol: str) -> Unit | None:
    """Return the unit of a symbol, in any of its usual spellings; None where the table lacks it."""
    return _UNITS.get(_SPELLINGS.get(symbol, symbol))


def units_like(symbol: str) -> tuple[str, ...]:
    """Return the other units that a value in unit `symbol` might have been given in.

    Examples
    --------
    >>> "psi" in units_like("bar")
    True
    """
    own = unit_of(symbol)
    return (
        () if own is None else tuple(u.symbol for u in _UNITS.values() if u.dimension is own.dimension and u is not own)
    )


def conversion(stated: str, own: str, measurand: str = "") -> Conversion | None:
    """Return how values in unit `stated` become values in unit `own`; None where they cannot.

    `measurand` tells a difference of temperatures, which has no zero point, from a temperature.

    Examples
    --------
    >>> round(conversion("degF", "degC")(212.0), 9)
    100.0
    >>> round(conversion("degF", "K", "temperature_difference")(18.0), 9)
    10.0
    >>> conversion("bar", "degC") is None
    True
    """
    if stated == own:
        return Conversion(factor=1.0, offset=0.0)
    source, target = unit_of(stated), unit_of(own)
    if source is None or target is None or source.dimension is not target.dimension:
        return None
    offset = 0.0 if measurand == Measurand.TEMPERATURE_DIFFERENCE else source.offset - target.offset
    return Conversion(factor=source.scale / target.scale, offset=offset / target.scale)


def fits(measurand: str, symbol: str) -> bool:
    """Whether a unit can be one of a measurand's; what the tables do not know, fits."""
    unit = unit_of(symbol)
    if unit is None or measurand not in set(Measurand):
        return True
    return unit.dimension is Measurand(measurand).dimension


_KELVIN = 273.15
_STANDARD_GRAVITY_M_S2 = 9.80665
_PSI_PA = 6894.757293168361
_INCH_M = 0.0254

_SCALES: dict[Dimension, dict[str, float]] = {
    Dimension.PRESSURE: {
        "Pa": 1, "hPa": 1e2, "kPa": 1e3, "MPa": 1e6, "mbar": 1e2, "bar": 1e5, "psi": _PSI_PA,
        "kgf/cm2": _STANDARD_GRAVITY_M_S2 * 1e4, "mmH2O": _STANDARD_GRAVITY_M_S2, "atm": 101_325, "mmHg": 133.322387415,
    },
    Dimension.PRESSURE_RATE: {"bar/min": 1e5 / 60, "bar/s": 1e5, "kPa/min": 1e3 / 60, "MPa/min": 1e6 / 60, "psi/min": _PSI_PA / 60},
    Dimension.SPEED: {"m/s": 1, "mm/s": 1e-3, "cm/s": 1e-2, "in/s": _INCH_M, "m/min": 1 / 60, "km/h": 1 / 3.6, "ft/min": 0.3048 / 60},
    Dimension.ACCELERATION: {"m/s2": 1, "mm/s2": 1e-3, "g": _STANDARD_GRAVITY_M_S2, "mg": _STANDARD_GRAVITY_M_S2 * 1e-3},
    Dimension.RATE: {"Hz": 1, "kHz": 1e3, "rpm": 1 / 60, "rad/s": 1 / (2 * pi), "1/min": 1 / 60},
    Dimension.LENGTH: {"m": 1, "cm": 1e-2, "mm": 1e-3, "um": 1e-6, "in": _INCH_M, "mil": _INCH_M * 1e-3, "ft": 0.3048, "km": 1e3},
    Dimension.DURATION: {"s": 1, "ms": 1e-3, "us": 1e-6, "min": 60, "h": 3600, "d": 86_400},
    Dimension.ANGLE: {"deg": 1, "mdeg": 1e-3, "arcmin": 1 / 60, "arcsec": 1 / 3600, "rad": 180 / pi, "mrad": 0.18 / pi},
    Dimension.CURRENT: {"A": 1, "mA": 1e-3, "kA": 1e3},
    Dimension.VOLTAGE: {"V": 1, "mV": 1e-3, "kV": 1e3},
    Dimension.POWER: {"W": 1, "kW": 1e3, "MW": 1e6, "hp": 745.6998715822702, "PS": 735.49875},
    Dimension.ENERGY: {"J": 1, "kJ": 1e3, "Wh": 3600, "kWh": 3.6e6},
    Dimension.FLOW: {
        "m3/s": 1, "m3/h": 1 / 3600, "m3/min": 1 / 60, "L/min": 1e-3 / 60, "L/s": 1e-3, "L/h": 1e-3 / 3600, "mL/min": 1e-6 / 60,
        "mL/h": 1e-6 / 3600, "gpm": 3.785411784e-3 / 60, "cfm": 0.028316846592 / 60,
    },
    Dimension.MASS: {"kg": 1, "g_mass": 1e-3, "t": 1e3, "lb": 0.45359237},
    Dimension.LINE_LOAD: {"kg/m": 1, "lb/ft": 0.45359237 / 0.3048},
    Dimension.FORCE: {"N": 1, "kN": 1e3, "kgf": _STANDARD_GRAVITY_M_S2, "lbf": 4.4482216152605},
    Dimension.TORQUE: {"N.m": 1, "kN.m": 1e3, "kgf.m": _STANDARD_GRAVITY_M_S2, "lbf.ft": 1.3558179483314004},
    Dimension.LEVEL: {"dB": 1},
    Dimension.NUMBER: {"": 1, "%": 1e-2, "ppm": 1e-6},
}  # fmt: skip

_TEMPERATURES = (
    Unit(symbol="degC", dimension=Dimension.TEMPERATURE, scale=1.0, offset=_KELVIN),
    Unit(symbol="degF", dimension=Dimension.TEMPERATURE, scale=5 / 9, offset=_KELVIN - 32 * 5 / 9),
    Unit(symbol="degR", dimension=Dimension.TEMPERATURE, scale=5 / 9),
    Unit(symbol="K", dimension=Dimension.TEMPERATURE, scale=1.0),
)

_UNITS = {unit.symbol: unit for unit in _TEMPERATURES} | {
    symbol: Unit(symbol=symbol, dimension=dimension, scale=scale)
    for dimension, scales in _SCALES.items()
    for symbol, scale in scales.items()
}

_SPELLINGS = {
    "°C": "degC", "℃": "degC", "C": "degC", "°F": "degF", "℉": "degF", "F": "degF", "m/s²": "m/s2", "m/s^2": "m/s2",
    "µm": "um", "μm": "um", "㎛": "um", "㎜": "mm", "r/min": "rpm", "RPM": "rpm", "m³/h": "m3/h", "㎥/h": "m3/h", "l/min": "L/min",
    "LPM": "L/min", "ℓ/min": "L/min", "N·m": "N.m", "Nm": "N.m", "kgf/㎠": "kgf/cm2", "kgf/cm²": "kgf/cm2", "ips": "in/s", "G": "g", "1": "",
}  # fmt: skip
