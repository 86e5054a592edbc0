"""What of a table is not taken in, and what else is worth saying of it."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from ingest.decode.table_cells import CellError, CellProblem, CellRejection

KEPT = 1_000
"""How many rejections of a sheet are kept one by one; the rest is counted."""


class NoteKind(StrEnum):
    """Something that a person should know of a sheet, though nothing is lost by it."""

    HIDDEN_ROWS = "hidden_rows"
    HIDDEN_SHEET = "hidden_sheet"
    SUMMARY_ROWS = "summary_rows"
    HEADING_AGAIN = "heading_again"
    DAY_CARRIED = "day_carried"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableNote:
    """One such thing: how often, and where or what."""

    kind: NoteKind
    count: int
    detail: str


@dataclass(slots=True)
class Complaints:
    """Collects rejections in the order in which they are found; `first_seen` has the first place of each note."""

    kept: list[CellRejection] = field(default_factory=list)
    counts: Counter[tuple[str, CellProblem]] = field(default_factory=Counter)
    noted: Counter[NoteKind] = field(default_factory=Counter)
    first_seen: dict[NoteKind, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many cells and rows were rejected."""
        return sum(self.counts.values())

    def reject(self, row: int, column: str, error: CellError) -> None:
        """Take down a cell, or with the column of its time a whole row, that is not taken in."""
        self.counts[column, error.problem] += 1
        if len(self.kept) < KEPT:
            self.kept.append(CellRejection(row=row, column=column, problem=error.problem, shown=error.shown))

    def note(self, kind: NoteKind, detail: str, count: int = 1) -> None:
        """Take down something worth saying."""
        self.noted[kind] += count
        self.first_seen.setdefault(kind, detail)

    def notes(self) -> tuple[TableNote, ...]:
        """Return what was noted, each kind once."""
        return tuple(
            TableNote(kind=kind, count=count, detail=self.first_seen[kind]) for kind, count in self.noted.items()
        )
