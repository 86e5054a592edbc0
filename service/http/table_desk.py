"""What pages and API may ask of whoever imports the tables that people keep."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from configs.plant import Machine
from ingest.decode.table_import import SheetContent
from ingest.decode.table_layout import Answers
from service.actor import Actor
from service.state.table_imports import TableImport


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineExtent:
    """What a sheet holds of one machine: how many rows, of how many sensors, from when to when (nanoseconds UTC)."""

    machine: Machine
    sensors: int
    rows: int
    first_ns: int
    last_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPreview:
    """A sheet as it will be imported; its readings themselves are left out of `content`, and summed up in `extents`."""

    content: SheetContent
    accepted: int
    extents: tuple[MachineExtent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePreview:
    """A file as it will be imported."""

    entry: TableImport
    sheets: tuple[SheetPreview, ...]


class TableDesk(Protocol):
    """Takes tables in: first to be looked at, then to be stored, and back out."""

    def receive(self, file_name: str, file: BinaryIO, actor: Actor) -> TablePreview:
        """Keep a file and return what it holds; TableFileError where it is no table."""

    def receive_path(self, path: Path, actor: Actor) -> TablePreview:
        """Keep a copy of a file of this computer and return what it holds; as `receive`."""

    def preview(self, import_id: str, actor: Actor) -> TablePreview:
        """Return what a file holds that was received; NotFoundError where it is not kept any more."""

    def answer(self, import_id: str, answers: Mapping[str, Answers], actor: Actor) -> TablePreview:
        """Read a file again under what a person said of its sheets, by shape, and remember it for the next file."""

    def store(self, import_id: str, actor: Actor) -> TableImport:
        """Begin to store what was previewed; `preview` tells how far it is. ConflictError where it is stored already."""

    def undo(self, import_id: str, actor: Actor) -> TableImport:
        """Take everything that an import stored back out; ConflictError where it was not imported."""
