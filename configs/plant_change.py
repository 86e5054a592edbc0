"""The word for what people change of the plant on the pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class ChangedKind(StrEnum):
    """What a change is of."""

    LINE = "line"
    MACHINE = "machine"
    SENSOR = "sensor"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantChange:
    """One thing that was added or changed: `id` is that of a line or machine, or "machine/sensor".

    `table` is as in the file; `{"absent": true}` takes a thing out again.
    """

    kind: ChangedKind
    id: str
    table: Mapping[str, Any]
