"""History going in or out while the service runs: what was asked for, and how far it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class TransferKind(StrEnum):
    """Which way history goes."""

    EXPORT = "export"
    IMPORT = "import"


class TransferState(StrEnum):
    """How a transfer stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One transfer: `done` of `total` steps; when it is over, what it counted, or in one line what went wrong."""

    id: str
    kind: TransferKind
    state: TransferState
    done: int = 0
    total: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    trouble: str = ""


class TransferDesk(Protocol):
    """Does one transfer at a time, in the background. Bundles lie in the data folder, under the transfer's id."""

    def begin(self, kind: TransferKind, transfer: str) -> Transfer:
        """Begin a transfer; ConflictError while another one is under way, or where the id was used before."""

    def status(self, transfer: str) -> Transfer:
        """Return how a transfer stands; NotFoundError where there is none of this id."""
