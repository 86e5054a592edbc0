"""What truly happened to a part: the fact, before anyone has written it down."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a part truly came off."""

    FAILED = "failed"
    PLANNED = "planned"
    OPPORTUNISTIC = "opportunistic"
    INSPECTION = "inspection"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueLife:
    """One installation in one slot; times in epoch seconds, meters in the part's life unit.

    `true_life` is the use that its threshold would have been reached at under reference stress, `onset_s` when wear began to show
    (None: not yet or never), `sudden` marks a failure without a sign. An open life has no `removed_s`.
    `restored` is the damage (failure = 1) with which a part began: what an imperfect job left behind or brought in.
    """

    machine: str
    slot: str
    install_no: int
    installed_s: float
    meter_at_install: float
    removed_s: float | None
    meter_at_removal: float | None
    reason: Reason | None
    true_life: float
    damage: float
    onset_s: float | None
    sudden: bool
    restored: float
    chance: tuple[float, ...]
