"""Shapes of imports of tables."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from configs.instant import utc_of_ns
from ingest.decode.table_layout import Answers, Column
from service.http.table_desk import MachineExtent, SheetPreview, TablePreview
from service.state.table_imports import TableImport

Said = Annotated[str, Field(max_length=200)]


class TableImportSchema(BaseModel):
    """One file that was handed in: `total` values and records of it are to be stored, `done` are, `known` were before."""

    id: str
    file_name: str
    sha256: str
    at: datetime
    by: str
    state: str
    total: int
    done: int
    known: int
    rejected: int
    trouble: str | None
    undone_at: datetime | None
    undone_by: str | None

    @classmethod
    def of(cls, entry: TableImport) -> Self:
        """Return the shape of an import."""
        return cls(
            id=entry.id,
            file_name=entry.file_name,
            sha256=entry.digest,
            at=entry.at,
            by=entry.by,
            state=entry.state.value,
            total=entry.total,
            done=entry.done,
            known=entry.known,
            rejected=entry.rejected,
            trouble=entry.trouble,
            undone_at=entry.undone_at,
            undone_by=entry.undone_by,
        )


class ColumnSchema(BaseModel):
    """What a column was taken for; `guessed` where only a part of its heading says so."""

    heading: str
    role: str | None
    machine: str | None
    sensor: str | None
    unit: str
    guessed: bool
    problem: str | None

    @classmethod
    def of(cls, column: Column) -> Self:
        """Return the shape of a column."""
        return cls(
            heading=column.heading.name,
            role=None if column.role is None else column.role.value,
            machine=None if column.machine is None else column.machine.id,
            sensor=None if column.sensor is None else column.sensor.id,
            unit=column.unit,
            guessed=not column.sure,
            problem=None if column.problem is None else column.problem.value,
        )


class ExtentSchema(BaseModel):
    """What a sheet holds of one machine."""

    machine: str
    sensors: int
    rows: int
    first: datetime
    last: datetime

    @classmethod
    def of(cls, extent: MachineExtent) -> Self:
        """Return the shape of an extent."""
        return cls(
            machine=extent.machine.id,
            sensors=extent.sensors,
            rows=extent.rows,
            first=utc_of_ns(extent.first_ns),
            last=utc_of_ns(extent.last_ns),
        )


class CellRejectionSchema(BaseModel):
    """A cell or row that is not taken in, and why."""

    row: int
    column: str
    problem: str
    shown: str


class TableNoteSchema(BaseModel):
    """Something worth knowing of a sheet."""

    kind: str
    count: int
    detail: str


class SheetSchema(BaseModel):
    """A sheet as it will be imported; `shape` names what tables that look alike have in common, for answers."""

    name: str
    kind: str
    shape: str
    machine: str | None
    accepted: int
    rejected: int
    columns: list[ColumnSchema]
    extents: list[ExtentSchema]
    events: int
    part_lives: int
    machines: list[str]
    rejections: list[CellRejectionSchema]
    notes: list[TableNoteSchema]

    @classmethod
    def of(cls, sheet: SheetPreview) -> Self:
        """Return the shape of a sheet."""
        content = sheet.content
        machine = content.layout.machine if content.layout is not None else None
        return cls(
            name=content.name,
            kind=content.kind.value,
            shape=content.shape,
            machine=None if machine is None else machine.id,
            accepted=sheet.accepted,
            rejected=content.rejected,
            columns=[ColumnSchema.of(column) for column in content.columns],
            extents=[ExtentSchema.of(extent) for extent in sheet.extents],
            events=len(content.events),
            part_lives=len(content.lives),
            machines=[row.id for row in content.machines],
            rejections=[
                CellRejectionSchema(row=each.row, column=each.column, problem=each.problem.value, shown=each.shown)
                for each in content.rejections
            ],
            notes=[
                TableNoteSchema(kind=each.kind.value, count=each.count, detail=each.detail) for each in content.notes
            ],
        )


class TablePreviewSchema(TableImportSchema):
    """A file as it will be imported."""

    sheets: list[SheetSchema]

    @classmethod
    def of_preview(cls, preview: TablePreview) -> Self:
        """Return the shape of a preview."""
        own = TableImportSchema.of(preview.entry)
        return cls(**own.model_dump(), sheets=[SheetSchema.of(sheet) for sheet in preview.sheets])


class AnswersRequest(BaseModel):
    """What a person says of tables of one shape: see `docs/tables.md`."""

    model_config = ConfigDict(extra="forbid")

    shape: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    machine: Said = ""
    year: Annotated[int | None, Field(ge=2000, le=2100)] = None
    hours_per_day: Annotated[float | None, Field(gt=0, le=24)] = None
    columns: Annotated[dict[Said, Said], Field(max_length=2_000)] = {}
    units: Annotated[dict[Said, Said], Field(max_length=2_000)] = {}
    names: Annotated[dict[Said, Said], Field(max_length=2_000)] = {}

    def word(self) -> Answers:
        """Return the answers."""
        return Answers(**self.model_dump(exclude={"shape"}))
