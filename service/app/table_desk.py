"""The desk where tables that people keep come in: looked at, stored on the road that messages take, and taken back."""

import secrets
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import structlog

from configs.errors import YejiError
from configs.instant import ns_of
from ingest.decode.table_import import Surroundings
from ingest.decode.table_layout import Answers
from service.actor import Actor
from service.app.table_book import TableBook
from service.app.table_folder import TableFolder
from service.app.table_ports import DeskPorts
from service.app.table_reading import Question
from service.app.table_records import remove_records
from service.app.table_run import TableRun
from service.app.table_withdrawal import take_out
from service.errors import ConflictError
from service.http.table_desk import SheetPreview, TablePreview
from service.security.rights import Right, require
from service.state import table_imports
from service.state.table_imports import ImportState, TableImport

PREVIEWS_KEPT = 8
STOP_S = 10.0
_log = structlog.get_logger(__name__)


class StoringTableDesk:
    """Implements `service.http.table_desk.TableDesk`; one import is stored at a time, in a thread of its own."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports
        self._folder = TableFolder(ports.folder)
        self._previews: dict[str, tuple[SheetPreview, ...]] = {}
        self._turn = threading.Lock()
        self._stopping = threading.Event()
        self._book = TableBook(ports)
        self._run = TableRun(ports=ports, folder=self._folder, book=self._book, stopping=self._stopping)
        self._workers: list[threading.Thread] = []
        with ports.database.transaction() as session:
            table_imports.end_interrupted(session)

    def receive(self, file_name: str, file: BinaryIO, actor: Actor) -> TablePreview:
        """Keep a file and return what it holds; TableFileError, and nothing kept, where it is no table."""
        require(actor, Right.IMPORT_TABLE)
        import_id = secrets.token_hex(8)
        digest = self._folder.keep(import_id, file_name, file)
        with ExitStack() as undo:
            undo.callback(self._folder.forget, import_id)
            sheets = self._read(import_id, actor)
            entry = self._book.enter(import_id, (file_name, digest), actor, sheets)
            undo.pop_all()
        return TablePreview(entry=entry, sheets=sheets)

    def receive_path(self, path: Path, actor: Actor) -> TablePreview:
        """Keep a copy of a file of this computer and return what it holds; as `receive`."""
        with path.open("rb") as file:
            return self.receive(path.name, file, actor)

    def preview(self, import_id: str, actor: Actor) -> TablePreview:
        """Return what a file holds that was received; NotFoundError where it is not kept any more."""
        require(actor, Right.IMPORT_TABLE)
        entry = self._book.get(import_id, actor)
        sheets = self._previews.get(import_id)
        if sheets is None:
            sheets = self._read(import_id, actor, stage=entry.state is ImportState.PREVIEWED)
        return TablePreview(entry=entry, sheets=sheets)

    def answer(self, import_id: str, answers: Mapping[str, Answers], actor: Actor) -> TablePreview:
        """Read a file again under what a person said of its sheets, by shape, and remember it for the next file."""
        require(actor, Right.IMPORT_TABLE)
        if self._book.get(import_id, actor).state is not ImportState.PREVIEWED:
            raise ConflictError("this import is stored already; undo it first, or hand the file in again")
        with self._ports.database.transaction() as session:
            for shape, said in answers.items():
                table_imports.keep_answers(session, shape, said, by=actor.name, now=self._ports.clock())
        sheets = self._read(import_id, actor)
        return TablePreview(entry=self._book.correct(import_id, sheets, actor), sheets=sheets)

    def store(self, import_id: str, actor: Actor) -> TableImport:
        """Begin to store what was previewed; ConflictError where it is stored already, or the same file was."""
        require(actor, Right.IMPORT_TABLE)
        entry = self._book.get(import_id, actor)
        if entry.state not in {ImportState.PREVIEWED, ImportState.FAILED}:
            raise ConflictError(f"this import is {entry.state.value} already")
        self._book.keep(import_id, state=ImportState.WORKING, trouble=None)
        worker = threading.Thread(target=self._work, args=(entry, actor), name="table-import", daemon=True)
        self._workers = [*(each for each in self._workers if each.is_alive()), worker]
        worker.start()
        return self._book.get(import_id, actor)

    def undo(self, import_id: str, actor: Actor) -> TableImport:
        """Take everything that an import stored back out; ConflictError where nothing of it is stored."""
        require(actor, Right.IMPORT_TABLE)
        with self._turn:
            entry = self._book.get(import_id, actor)
            if entry.state not in {ImportState.IMPORTED, ImportState.FAILED}:
                raise ConflictError(f"this import is {entry.state.value}; there is nothing to be undone")
            with self._ports.database.reading() as session:
                added = table_imports.added_by(session, import_id)
            take_out(self._ports.store, self._folder, import_id, added)
            remove_records(self._ports.database, self._ports.plants, actor, added, now=self._ports.clock())
            self._book.keep(
                import_id, state=ImportState.UNDONE, undone_at=self._ports.clock(), undone_by=actor.name, trouble=None
            )
            self._book.tell(entry, actor, "table_import_undone")
            self._ports.hand_in.replant(self._ports.plants.current, self._ports.store.load)
            self._folder.forget(import_id)
        return self._book.get(import_id, actor)

    def wait(self) -> None:
        """Return when no import is at work."""
        for worker in self._workers:
            worker.join()

    def stop(self) -> None:
        """End at the next chunk; what is stored stays, and goes on when it is stored again. Safe to repeat."""
        self._stopping.set()
        for worker in self._workers:
            worker.join(STOP_S)

    # Reading

    def _read(self, import_id: str, actor: Actor, *, stage: bool = True) -> tuple[SheetPreview, ...]:
        sheets = self._ports.read(self._question(import_id, actor, stage=stage))
        self._previews[import_id] = sheets
        while len(self._previews) > PREVIEWS_KEPT:
            del self._previews[next(iter(self._previews))]
        return sheets

    def _question(self, import_id: str, actor: Actor, *, stage: bool) -> Question:
        ports, plant = self._ports, self._ports.plants.current
        own = tuple(machine for machine in plant.machines if actor.may_see(machine.site))
        around = Surroundings(
            plant=replace(plant, machines=own),
            types=ports.plants.catalogue.equipment_types,
            meters={(meter.machine, meter.unit): meter.value for meter in ports.store.meters()},
            now_ns=ns_of(ports.clock()),
            file_name=self._folder.file_of(import_id).stem,
        )
        with ports.database.reading() as session:
            answers = table_imports.known_answers(session)
        return Question(data_folder=ports.folder, import_id=import_id, around=around, answers=answers, stage=stage)

    def _work(self, entry: TableImport, actor: Actor) -> None:
        with self._turn:
            try:
                self._run.store(entry, actor, lambda: self.preview(entry.id, actor).sheets)
            except YejiError as error:
                self._book.keep(entry.id, state=ImportState.FAILED, trouble=str(error))
            except Exception as error:  # noqa: BLE001 (the thread's outer loop: whoever waits must learn of it)
                _log.exception("table_import_failed", file=entry.file_name)
                trouble = f"{type(error).__name__}; see the service's log"
                self._book.keep(entry.id, state=ImportState.FAILED, trouble=trouble)
