"""How measurements, tags and fields are named in InfluxDB, written into line protocol, and quoted in InfluxQL.

A measurement is an equipment type; its tags are the site, the line and the machine; a field is a sensor. What is ours
begins with `_`, which no identifier of a plant does. A sensor whose name is taken (by a tag, by the time, or by the
quality of another sensor) is kept under `_s_<name>`, and its quality under `_q_<name>`.
"""

from collections.abc import Iterable

from configs.plant import SensorId

SEQ, BOOT, STATE, JOB, RECEIVED, ROW = "_seq", "_boot", "_state", "_job", "_received", "_row"

_TAKEN = frozenset({"site", "line", "machine", "time", "key"})
_VALUE, _QUALITY = "_s_", "_q_"


def value_field(sensor: SensorId) -> str:
    """Return the field that holds a sensor's values.

    Examples
    --------
    >>> value_field(SensorId("vib")), value_field(SensorId("machine")), value_field(SensorId("vib_q"))
    ('vib', '_s_machine', '_s_vib_q')
    """
    return _VALUE + sensor if _is_taken(sensor) else sensor


def quality_field(sensor: SensorId) -> str:
    """Return the field that holds the quality of a sensor's values, where it is not good."""
    return _QUALITY + sensor if _is_taken(sensor) else f"{sensor}_q"


def figure_fields(sensor: SensorId) -> tuple[str, ...]:
    """Return a sensor's fields in a rollup: mean, count, reported, minimum, maximum, std, last."""
    field = value_field(sensor)
    return (field, *(f"{field}.{figure}" for figure in ("n", "r", "min", "max", "std", "last")))


def escaped(name: str) -> str:
    r"""Return a measurement, tag or field as line protocol writes it.

    Examples
    --------
    >>> print(escaped("a b,c=d"))
    a\ b\,c\=d
    """
    return name.replace("\\", "\\\\").replace(",", "\\,").replace("=", "\\=").replace(" ", "\\ ")


def text(value: str) -> str:
    """Return a text as line protocol writes the value of a field; a line break, which it cannot hold, is a space."""
    plain = " ".join(value.splitlines()) if "\n" in value or "\r" in value else value
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def identifier(name: str) -> str:
    r"""Return a measurement or field as InfluxQL writes it; no name can end the quotation.

    Examples
    --------
    >>> print(identifier('vib"; drop measurement pump'))
    "vib\"; drop measurement pump"
    """
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def literal(value: str) -> str:
    """Return a text as InfluxQL writes it in a condition."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


def one_of(tag: str, values: Iterable[str]) -> str:
    """Return the condition that a tag has one of these values."""
    return "(" + " or ".join(f"{identifier(tag)} = {literal(value)}" for value in values) + ")"


def _is_taken(sensor: str) -> bool:
    return sensor in _TAKEN or sensor.endswith("_q") or sensor.startswith("_")
