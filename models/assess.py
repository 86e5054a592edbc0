"""Assessment: one call that turns evidence into conclusions (ISO 13374 SD, HA and PA)."""

from models.prognosis.evidence import SlotEvidence
from models.prognosis.slots import assess_slots

__all__ = ["SlotEvidence", "assess_slots"]
