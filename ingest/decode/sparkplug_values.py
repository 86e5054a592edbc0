"""Values of Sparkplug metrics, by data type (ISO/IEC 20237, payloads)."""

import math
from enum import IntEnum
from typing import Any

from ingest.decode.refusal import refuse, shown
from ingest.reading import RejectionReason

_SIGNED = {1: 8, 2: 16, 3: 32, 4: 64}
_UNSIGNED = frozenset({5, 6, 7, 8})
_FRACTIONS = frozenset({9, 10})
GOOD_QUALITY = range(192, 256)
"""The OPC quality codes that mean good."""

UNIT_KEYS = frozenset({"engunit", "engineering units", "unit"})
QUALITY_KEY = "quality"


class DataType(IntEnum):
    """The data types that are told apart here by name."""

    BOOLEAN = 11
    STRING = 12
    DATE_TIME = 13
    TEXT = 14
    DATA_SET = 16
    TEMPLATE = 19


_TEXTS = frozenset({DataType.STRING, DataType.TEXT})
_OTHERS = {
    13: "a time", 15: "a UUID", 16: "a data set", 17: "bytes", 18: "a file", 19: "a template", 20: "a property set",
    21: "a list of property sets",
}  # fmt: skip


def number_of(holder: Any, datatype: int) -> float:
    """Return the number in a metric, or in an element of a data set; raise the refusal.

    Signed whole numbers travel in two's complement; true is 1.
    """
    kind = holder.WhichOneof("value")
    if kind in {"int_value", "long_value"} and (datatype in _SIGNED or datatype in _UNSIGNED or not datatype):
        return _whole(getattr(holder, kind), datatype, kind)
    if kind in {"float_value", "double_value"} and (datatype in _FRACTIONS or not datatype):
        value = float(getattr(holder, kind))
        if not math.isfinite(value):
            raise refuse(RejectionReason.NOT_A_NUMBER, f"the value is {value}; send is_null instead")
        return value
    if kind == "boolean_value" and datatype in {DataType.BOOLEAN, 0}:
        return float(holder.boolean_value)
    raise _no_number(holder, datatype, kind)


def text_of(holder: Any) -> str:
    """Return the text in a metric; raise the refusal."""
    if holder.WhichOneof("value") != "string_value":
        raise refuse(RejectionReason.UNSUPPORTED_TYPE, "is not a text; send a String")
    text: str = holder.string_value
    return text


def is_good(metric: Any) -> bool:
    """Whether a metric's own quality, if it has one, is good."""
    for key, value in zip(metric.properties.keys, metric.properties.values, strict=False):
        if key.lower() == QUALITY_KEY:
            return value.is_null or (value.int_value or value.long_value) in GOOD_QUALITY
    return True


def unit_of_metric(metric: Any) -> str | None:
    """Return the unit that a metric's properties state."""
    for key, value in zip(metric.properties.keys, metric.properties.values, strict=False):
        if key.lower() in UNIT_KEYS and value.string_value:
            return str(value.string_value)
    return None


def _whole(raw: int, datatype: int, kind: str) -> float:
    bits = _SIGNED.get(datatype)
    if bits is None:
        return float(raw)
    width = 64 if kind == "long_value" else 32
    signed = raw - (1 << width) if raw >= 1 << (width - 1) else raw
    if width > bits and signed >= 1 << (bits - 1):
        signed -= 1 << bits
    return float(signed)


def _no_number(holder: Any, datatype: int, kind: str | None) -> Exception:
    if datatype in _TEXTS or kind == "string_value":
        return refuse(RejectionReason.NOT_A_NUMBER, f"is the text {shown(holder.string_value)}; send a number")
    if datatype in _OTHERS:
        return refuse(RejectionReason.UNSUPPORTED_TYPE, f"is {_OTHERS[datatype]}; send a number, one metric a sensor")
    if kind is None:
        return refuse(RejectionReason.NOT_A_NUMBER, "has no value and is not marked is_null; correct the edge node")
    detail = f"has data type {datatype}, which does not go with its {kind.replace('_', ' ')}; correct the edge node"
    return refuse(RejectionReason.UNSUPPORTED_TYPE, detail)
