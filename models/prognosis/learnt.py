"""What the plant's own history has taught about the prognosis of each part type, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from configs.plant import EquipmentTypeId, PartTypeId
from models.prognosis.recalibration import AS_SAID, Recalibration
from models.prognosis.wear import USUAL_WEAR, WearLaw


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Of `of` past predictions (each life counted once) whose end is known, `inside` ended between P10 and P90."""

    inside: float
    of: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PartLesson:
    """How parts of one type show their wear, and what predictions of them were worth: before wear shows, and while it does."""

    wear: WearLaw = USUAL_WEAR
    calm: Recalibration = AS_SAID
    showing: Recalibration = AS_SAID
    coverage: Coverage = field(default_factory=lambda: Coverage(inside=0.0, of=0.0))


NOTHING_LEARNT = PartLesson()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """The lessons of one equipment type."""

    equipment_type: EquipmentTypeId
    parts: Mapping[PartTypeId, PartLesson]
