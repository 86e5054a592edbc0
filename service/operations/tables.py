"""`yeji import FILE`: a table that people keep, looked at first, then stored; by the running service where there is one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from types import MappingProxyType
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from configs.settings import Settings
from ingest.decode.table_layout import TableKind
from service.actor import SYSTEM
from service.api.table_schemas import AnswersRequest, TableImportSchema, TablePreviewSchema
from service.app.clock import utc_now
from service.app.foundations import lay_foundations
from service.app.intake import hand_in_alone
from service.app.table_desk import StoringTableDesk
from service.app.tables import run_table_desk
from service.errors import InvalidRequestError, ServiceError
from service.operations.loopback import RunningService, running_service
from service.operations.result import Output
from service.operations.setup import plant_for

LOOK_EVERY_S = 0.3
REJECTIONS_SHOWN = 12
_PATH = "/table-imports"
_NO_HEADINGS = (
    "no row names columns that are known here, such as a time and a sensor; give the first row the names that the plant"
    " has (docs/tables.md), or name the machine with --machine"
)
_KINDS: Mapping[str, str] = MappingProxyType(
    {
        TableKind.READINGS: "readings",
        TableKind.READINGS_LONG: "readings, one value a row",
        TableKind.READINGS_ACROSS: "readings, times to the right",
        TableKind.MAINTENANCE: "maintenance",
        TableKind.PARTS: "part lives",
        TableKind.MACHINES: "machines",
    }
)

Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableWish:
    """How a table is imported: whose it is and in which year, where the file does not say so; only looked at; without asking."""

    machine: str | None = None
    year: int | None = None
    dry_run: bool = False
    confirm: Callable[[str], bool] | None = None


class _Desk(Protocol):
    def receive(self, path: Path) -> Document: ...
    def answer(self, import_id: str, answers: Sequence[Document]) -> Document: ...
    def store(self, import_id: str) -> None: ...
    def look(self, import_id: str) -> Document: ...
    def undo(self, import_id: str) -> Document: ...


def import_table(settings: Settings, path: Path, wish: TableWish, *, progress: Console, output: Output) -> None:
    """Show what a file holds and store it, unless nothing of it can be, or the wish is to look alone.

    Raises
    ------
    InvalidRequestError
        Nothing of the file can be stored; says why.
    ServiceError
        Storing failed; says why.
    """
    if not path.is_file():
        raise InvalidRequestError(f"{path}: there is no such file; correct the path")
    with _desk(settings) as desk:
        found = desk.receive(path)
        if wish.machine is not None or wish.year is not None:
            found = desk.answer(found["id"], _answers(found, wish))
        for line in preview_lines(found):
            progress.out(line, highlight=False)
        if not found["total"]:
            raise InvalidRequestError(f"{path.name}: nothing of it can be stored; the lines above say why")
        if wish.dry_run or (wish.confirm is not None and not wish.confirm(f"store {found['total']} values?")):
            output.show(found, f"looked at {path.name}; nothing is stored")
            return
        kept = _stored(desk, found, progress)
    line = f"stored {kept['done']} of {path.name}, {kept['known']} were there already, {kept['rejected']} not taken"
    output.show(kept, f"{line}; undo with `yeji import --undo {kept['id']}`")


def undo_import(settings: Settings, import_id: str, output: Output) -> None:
    """Take everything that an import stored back out."""
    with _desk(settings) as desk:
        kept = desk.undo(import_id)
    output.show(kept, f"{kept['file_name']}: everything that it stored is taken out again")


def preview_lines(found: Document) -> Iterator[str]:
    """Give what a preview says to a person, line by line."""
    for sheet in found["sheets"]:
        kind = _KINDS.get(sheet["kind"])
        counted = f"{kind}: {sheet['accepted']} to be stored, {sheet['rejected']} not"
        yield f"{sheet['name']}: {counted if kind else _NO_HEADINGS}"
        for column in sheet["columns"]:
            if column["sensor"] is not None:
                mark = " (guessed)" if column["guessed"] else ""
                yield f"  {column['heading']} → {column['machine']}/{column['sensor']} {column['unit']}".rstrip() + mark
        for note in sheet["notes"]:
            yield f"  note: {note['kind'].replace('_', ' ')}, {note['count']} ({note['detail']})"
        for each in sheet["rejections"][:REJECTIONS_SHOWN]:
            yield f"  row {each['row']}, {each['column'] or 'whole row'}: {each['problem'].replace('_', ' ')}: {each['shown']}"
        if (more := sheet["rejected"] - REJECTIONS_SHOWN) > 0:
            yield f"  and {more} more"


def _stored(desk: _Desk, found: Document, console: Console) -> Document:
    desk.store(found["id"])
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("values", total=found["total"])
        while (kept := desk.look(found["id"]))["state"] == "working":
            progress.update(task, completed=kept["done"])
            sleep(LOOK_EVERY_S)
    if kept["state"] != "imported":
        raise ServiceError(f"{kept['file_name']}: {kept['trouble']}")
    return kept


def _answers(found: Document, wish: TableWish) -> list[Document]:
    shapes = dict.fromkeys(sheet["shape"] for sheet in found["sheets"] if sheet["shape"])
    said = {"machine": wish.machine or "", "year": wish.year}
    return [{"shape": shape, **said} for shape in shapes]


@contextmanager
def _desk(settings: Settings) -> Iterator[_Desk]:
    with running_service(settings) as running:
        if running is not None:
            yield _AskedDesk(running)
            return
    with lay_foundations(settings, plant_for(settings)) as base:
        hand_in = hand_in_alone(
            base.settings, base.plant, base.store, clock_ns=lambda: int(utc_now().timestamp() * 1e9)
        )
        with run_table_desk(base, hand_in, clock=utc_now) as desk:
            yield _OwnDesk(desk)


@dataclass(frozen=True, slots=True)
class _AskedDesk:
    service: RunningService

    def receive(self, path: Path) -> Document:
        return _document(self.service.upload(_PATH, path))

    def answer(self, import_id: str, answers: Sequence[Document]) -> Document:
        return _document(self.service.put(f"{_PATH}/{import_id}/answers", list(answers)))

    def store(self, import_id: str) -> None:
        self.service.post(f"{_PATH}/{import_id}/storing", {})

    def look(self, import_id: str) -> Document:
        return _document(self.service.get(f"{_PATH}/{import_id}"))

    def undo(self, import_id: str) -> Document:
        return _document(self.service.post(f"{_PATH}/{import_id}/undoing", {}))


@dataclass(frozen=True, slots=True)
class _OwnDesk:
    desk: StoringTableDesk

    def receive(self, path: Path) -> Document:
        return TablePreviewSchema.of_preview(self.desk.receive_path(path, SYSTEM)).model_dump(mode="json")

    def answer(self, import_id: str, answers: Sequence[Document]) -> Document:
        said = [AnswersRequest.model_validate(each) for each in answers]
        preview = self.desk.answer(import_id, {each.shape: each.word() for each in said}, SYSTEM)
        return TablePreviewSchema.of_preview(preview).model_dump(mode="json")

    def store(self, import_id: str) -> None:
        self.desk.store(import_id, SYSTEM)

    def look(self, import_id: str) -> Document:
        return TableImportSchema.of(self.desk.preview(import_id, SYSTEM).entry).model_dump(mode="json")

    def undo(self, import_id: str) -> Document:
        return TableImportSchema.of(self.desk.undo(import_id, SYSTEM)).model_dump(mode="json")


def _document(answer: Mapping[str, Any]) -> Document:
    return dict(answer)
