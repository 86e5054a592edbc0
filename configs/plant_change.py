"""The word for what people change of the plant on the pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class ChangedKind(StrEnum):
    """What a change is of."""

    SITE = "site"
    LINE = "line"
    MACHINE = "machine"
    SENSOR = "sensor"
    PART_TYPE = "part_type"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantChange:
    """One thing that was added or changed: `id` is that of a site, line, machine or part type, or "machine/sensor".

    `table` is as in the file; None takes a key out again, `{"absent": true}` the whole thing.
    """

    kind: ChangedKind
    id: str
    table: Mapping[str, Any]
