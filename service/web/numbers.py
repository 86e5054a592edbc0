"""Numbers as a foreman reads them: no more digits than mean something, one unit."""

import math
from datetime import timedelta

DAY = timedelta(days=1)
_MONTH_DAYS = 30.44
_YEAR_DAYS = 365.25

UNIT_SIGNS = {
    "-": "",
    "1": "",
    "degC": "°C",
    "deg_c": "°C",
    "C": "°C",
    "um": "µm",
    "m/s2": "m/s²",
    "m/s^2": "m/s²",
    "m3/h": "m³/h",
    "l/min": "L/min",
}


def figure(value: float) -> str:
    """Return a measured value with about three significant digits.

    >>> figure(1.4567), figure(41.23), figure(1234.5), figure(0.0)
    ('1.46', '41.2', '1,234', '0')
    """
    size = abs(value)
    if size == 0 or not math.isfinite(value):
        return "0" if size == 0 else "–"
    digits = 0 if size >= 100 else 1 if size >= 10 else 2
    if size < 0.1:
        digits = min(6, 1 - math.floor(math.log10(size)))
    return f"{value:,.{digits}f}"


def unit_sign(unit: str) -> str:
    """Return how a unit is written for people: the unit's first word, in its usual sign."""
    return UNIT_SIGNS.get(unit, unit)


def measured(value: float, unit: str) -> str:
    """Return value and unit, the per cent sign without a space."""
    sign = unit_sign(unit)
    if not sign:
        return figure(value)
    return f"{figure(value)}{sign}" if sign.startswith("%") else f"{figure(value)} {sign}"


def percent(share: float) -> str:
    """Return a probability or share (0–1) in whole per cent; what is neither 0 nor 1 is never shown as such.

    >>> percent(0.614), percent(0.001), percent(0.999), percent(0.0)
    ('61%', '<1%', '>99%', '0%')
    """
    if 0 < share < 0.01:
        return "<1%"
    if 0.99 < share < 1:
        return ">99%"
    return f"{share * 100:.0f}%"


def whole_percent(value: float) -> str:
    """Return a figure that is in per cent already, in whole per cent."""
    return f"{value:,.0f}%"


def length_of(span: timedelta) -> tuple[float, str]:
    """Return a length of time as a number and the name of its largest fitting unit, never less than one minute."""
    days = span / DAY
    if days < 1:
        hours = days * 24
        return (max(1, round(hours * 60)), "minutes") if hours < 1.5 else (round(hours), "hours")
    if days < 90:
        return round(days), "days"
    if days < 1.5 * _YEAR_DAYS:
        months = days / _MONTH_DAYS
        return round(months, 1) if months < 10 else round(months), "months"
    years = days / _YEAR_DAYS
    return round(years, 1) if years < 10 else round(years), "years"
