"""Reading a table that was handed in: its readings are staged beside it, and what is left is small enough to be looked at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.decode.table_import import SheetContent, Surroundings, read_sheet
from ingest.decode.table_layout import Answers
from ingest.decode.table_rows import MachineReadings
from ingest.sources.table_file import open_table
from service.app.table_folder import StagedReadings, TableFolder
from service.http.table_desk import MachineExtent, SheetPreview

_SPLIT = "split it by year or by machine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which import is read, against what, under what people said of tables of its shapes; staged anew where wanted."""

    data_folder: Path
    import_id: str
    around: Surroundings
    answers: Mapping[str, Answers]
    stage: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What reading one table may take: address space in bytes, and seconds."""

    memory: int = 3_000_000_000
    seconds: int = 300

    @property
    def too_large(self) -> str:
        """What is said of a table that needs more memory."""
        return f"reading this table takes more than {self.memory / 1e9:.1f} GB; {_SPLIT}"

    @property
    def too_slow(self) -> str:
        """What is said of a table that needs more time."""
        return f"reading this table takes more than {self.seconds} s; {_SPLIT}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What was read, or the line that says why nothing was."""

    sheets: tuple[SheetPreview, ...] = ()
    trouble: str | None = None


Reader = Callable[[Question], tuple[SheetPreview, ...]]


def read_table(question: Question) -> tuple[SheetPreview, ...]:
    """Return what the file of an import holds; TableFileError where it is no table."""
    folder = TableFolder(question.data_folder)
    with open_table(folder.file_of(question.import_id)) as sheets:
        contents = [
            read_sheet(sheet, question.around, lambda shape: question.answers.get(shape) or Answers())
            for sheet in sheets
        ]
    if question.stage:
        folder.stage(question.import_id, (_staged(own) for content in contents for own in content.readings))
    return tuple(_preview(content) for content in contents)


def _staged(own: MachineReadings) -> StagedReadings:
    return StagedReadings(
        machine=own.machine.id,
        equipment_type=own.machine.equipment_type,
        sensors=own.sensors,
        times_ns=own.times_ns,
        states=tuple(own.states.tolist()),
        values=own.values,
    )


def _preview(content: SheetContent) -> SheetPreview:
    extents = tuple(
        MachineExtent(
            machine=own.machine,
            sensors=len(own.sensors),
            rows=own.times_ns.size,
            first_ns=int(own.times_ns[0]),
            last_ns=int(own.times_ns[-1]),
        )
        for own in content.readings
    )
    return SheetPreview(content=replace(content, readings=()), accepted=content.accepted, extents=extents)
