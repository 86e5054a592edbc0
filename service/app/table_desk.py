"""The desk where tables that people keep come in: looked at, stored on the road that messages take, and taken back."""

import secrets
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np
import structlog

from configs.errors import YejiError
from configs.instant import ns_of
from configs.plant import LifeUnit, MachineId
from ingest.decode.table_import import Surroundings
from ingest.decode.table_layout import Answers
from ingest.intake.hand_in import HandIn
from ingest.meter import MeterState
from ingest.ports import IntakeState, MeterReader, TelemetryStore, Withdrawal, Withdrawing
from service.actions.plant import PlantBook
from service.actor import Actor
from service.app.table_folder import StagedReadings, TableFolder
from service.app.table_reading import Question, Reader
from service.app.table_records import add_records, remove_records
from service.app.table_storing import MINUTE_NS, chunks_of, store_readings, without_known, without_old_minutes
from service.errors import ConflictError, NotFoundError
from service.http.table_desk import SheetPreview, TablePreview
from service.security.rights import Right, require
from service.state import audit, table_imports
from service.state.audit import AuditedAct
from service.state.database import StateDatabase
from service.state.table_imports import Added, ImportState, TableImport

PREVIEWS_KEPT = 8
STOP_S = 10.0
_log = structlog.get_logger(__name__)


class TableStore(TelemetryStore, MeterReader, Protocol):
    """What the desk needs of the store."""

    def load(self) -> IntakeState:
        """Return where everything stood at the last commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPorts:
    """What the desk works with; raw readings are kept for `raw`."""

    folder: Path
    plants: PlantBook
    database: StateDatabase
    store: TableStore
    hand_in: HandIn
    read: Reader
    clock: Callable[[], datetime]
    raw: timedelta


class StoringTableDesk:
    """Implements `service.http.table_desk.TableDesk`; one import is stored at a time, in a thread of its own."""

    def __init__(self, ports: DeskPorts) -> None:
        self._ports = ports
        self._folder = TableFolder(ports.folder)
        self._previews: dict[str, tuple[SheetPreview, ...]] = {}
        self._turn = threading.Lock()
        self._stopping = threading.Event()
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
            entry = self._entry(import_id, file_name, digest, actor, sheets=sheets)
            undo.pop_all()
        return TablePreview(entry=entry, sheets=sheets)

    def receive_path(self, path: Path, actor: Actor) -> TablePreview:
        """Keep a copy of a file of this computer and return what it holds; as `receive`."""
        with path.open("rb") as file:
            return self.receive(path.name, file, actor)

    def preview(self, import_id: str, actor: Actor) -> TablePreview:
        """Return what a file holds that was received; NotFoundError where it is not kept any more."""
        require(actor, Right.IMPORT_TABLE)
        entry = self._own(import_id, actor)
        sheets = self._previews.get(import_id)
        if sheets is None:
            sheets = self._read(import_id, actor, stage=entry.state is ImportState.PREVIEWED)
        return TablePreview(entry=entry, sheets=sheets)

    def answer(self, import_id: str, answers: Mapping[str, Answers], actor: Actor) -> TablePreview:
        """Read a file again under what a person said of its sheets, by shape, and remember it for the next file."""
        require(actor, Right.IMPORT_TABLE)
        if self._own(import_id, actor).state is not ImportState.PREVIEWED:
            raise ConflictError("this import is stored already; undo it first, or hand the file in again")
        with self._ports.database.transaction() as session:
            for shape, said in answers.items():
                table_imports.keep_answers(session, shape, said, by=actor.name, now=self._ports.clock())
        sheets = self._read(import_id, actor)
        self._keep(import_id, total=_accepted(sheets), rejected=_rejected(sheets))
        return TablePreview(entry=self._get(import_id), sheets=sheets)

    def store(self, import_id: str, actor: Actor) -> TableImport:
        """Begin to store what was previewed; ConflictError where it is stored already, or the same file was."""
        require(actor, Right.IMPORT_TABLE)
        entry = self._own(import_id, actor)
        if entry.state not in {ImportState.PREVIEWED, ImportState.FAILED}:
            raise ConflictError(f"this import is {entry.state.value} already")
        self._keep(import_id, state=ImportState.WORKING, trouble=None)
        worker = threading.Thread(target=self._work, args=(entry, actor), name="table-import", daemon=True)
        self._workers = [*(each for each in self._workers if each.is_alive()), worker]
        worker.start()
        return self._get(import_id)

    def undo(self, import_id: str, actor: Actor) -> TableImport:
        """Take everything that an import stored back out; ConflictError where nothing of it is stored."""
        require(actor, Right.IMPORT_TABLE)
        with self._turn:
            entry = self._own(import_id, actor)
            if entry.state not in {ImportState.IMPORTED, ImportState.FAILED}:
                raise ConflictError(f"this import is {entry.state.value}; there is nothing to be undone")
            with self._ports.database.reading() as session:
                added = table_imports.added_by(session, import_id)
            self._withdraw(import_id, added)
            remove_records(self._ports.database, self._ports.plants, actor, added, now=self._ports.clock())
            self._keep(
                import_id, state=ImportState.UNDONE, undone_at=self._ports.clock(), undone_by=actor.name, trouble=None
            )
            self._tell(entry, actor, "table_import_undone")
            self._ports.hand_in.replant(self._ports.plants.current, self._ports.store.load)
            self._folder.forget(import_id)
        return self._get(import_id)

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

    # Storing

    def _work(self, entry: TableImport, actor: Actor) -> None:
        with self._turn:
            try:
                self._store_all(entry, actor)
            except YejiError as error:
                self._keep(entry.id, state=ImportState.FAILED, trouble=str(error))
            except Exception as error:  # noqa: BLE001 (the thread's outer loop: whoever waits must learn of it)
                _log.exception("table_import_failed", file=entry.file_name)
                self._keep(entry.id, state=ImportState.FAILED, trouble=f"{type(error).__name__}; see the service's log")

    def _store_all(self, entry: TableImport, actor: Actor) -> None:
        ports = self._ports
        fresh = list(self._folder.staged(entry.id)) if entry.done else self._unknown(entry)
        gained = self._store_readings(entry, fresh)
        contents = [sheet.content for sheet in self.preview(entry.id, actor).sheets]
        added = add_records(ports.database, ports.plants, actor, contents, now=ports.clock())
        new = sum(_count(each) for each in fresh) + len(added.lives) + len(added.events) + len(added.machines)
        with ports.database.transaction() as session:
            table_imports.keep_added(session, entry.id, replace(added, meters=gained))
            table_imports.change(
                session, entry.id, state=ImportState.IMPORTED, done=new, known=max(0, entry.total - new)
            )
        self._tell(entry, actor, "table_imported")

    def _unknown(self, entry: TableImport) -> list[StagedReadings]:
        """Return what no import and no old minute holds already; from now on that is what is staged."""
        ports = self._ports
        with ports.database.reading() as session:
            earlier = [
                each.id
                for each in table_imports.list_imports(session, limit=10_000)
                if each.state is ImportState.IMPORTED and each.id != entry.id
            ]
        before_ns = ns_of(ports.clock() - ports.raw)
        fresh = []
        for staged in self._folder.staged(entry.id):
            known = (other for import_id in earlier for other in self._folder.staged(import_id))
            fresh.append(without_old_minutes(without_known(staged, known), ports.store, before_ns))
        fresh = [each for each in fresh if each.times_ns.size]
        self._folder.stage(entry.id, fresh)
        return fresh

    def _store_readings(self, entry: TableImport, fresh: list[StagedReadings]) -> dict[str, float]:
        gained: dict[str, float] = {}
        seqs: dict[MachineId, int] = {}
        done = 0

        def advance(values: int) -> None:
            nonlocal done
            done += values
            self._keep(entry.id, done=done)
            if self._stopping.is_set():
                raise ConflictError(table_imports.INTERRUPTED)

        for staged in fresh:
            first = seqs.get(staged.machine, 0)
            stored = store_readings(staged, self._ports.hand_in, entry.id, first_seq=first, advance=advance)
            seqs[staged.machine] = first + chunks_of(staged)
            for unit, value in stored.meters.items():
                key = f"{staged.machine} {unit}"
                gained[key] = gained.get(key, 0.0) + value
        return gained

    # Undoing

    def _withdraw(self, import_id: str, added: Added) -> None:
        minutes: dict[MachineId, list[StagedReadings]] = {}
        for staged in self._folder.staged(import_id):
            minutes.setdefault(staged.machine, []).append(staged)
        if not minutes:
            return
        store = self._ports.store
        if not isinstance(store, Withdrawing):
            raise ConflictError("readings cannot be taken back out of this store; only the embedded one can do that")
        for machine, own in minutes.items():
            times = np.concatenate([each.times_ns for each in own])
            store.withdraw(
                Withdrawal(
                    equipment_type=own[0].equipment_type,
                    machine=machine,
                    boot=import_id,
                    minutes_ns=np.unique(times // MINUTE_NS * MINUTE_NS),
                    meters=_gained_by(machine, added),
                )
            )

    # State

    def _entry(
        self, import_id: str, file_name: str, digest: str, actor: Actor, *, sheets: tuple[SheetPreview, ...]
    ) -> TableImport:
        entry = TableImport(
            id=import_id,
            file_name=file_name[:200],
            digest=digest,
            at=self._ports.clock(),
            by=actor.name,
            state=ImportState.PREVIEWED,
            total=_accepted(sheets),
            done=0,
            known=0,
            rejected=_rejected(sheets),
            trouble=None,
            undone_at=None,
            undone_by=None,
        )
        with self._ports.database.transaction() as session:
            table_imports.add(session, entry)
        return entry

    def _get(self, import_id: str) -> TableImport:
        with self._ports.database.reading() as session:
            return table_imports.get(session, import_id)

    def _own(self, import_id: str, actor: Actor) -> TableImport:
        """Return an import; NotFoundError where it holds machines of a site that is not the actor's."""
        sites = {machine.id: machine.site for machine in self._ports.plants.current.machines}
        staged = {each.machine for each in self._folder.staged(import_id)} if actor.sites is not None else set()
        if not all(machine in sites and actor.may_see(sites[machine]) for machine in staged):
            raise NotFoundError(f"there is no import {import_id}")
        return self._get(import_id)

    def _keep(self, import_id: str, **values: object) -> None:
        with self._ports.database.transaction() as session:
            table_imports.change(session, import_id, **values)

    def _tell(self, entry: TableImport, actor: Actor, action: str) -> None:
        after = f"{entry.file_name}, sha256 {entry.digest[:12]}"
        act = AuditedAct(action=action, object_kind="table_import", object_id=entry.id, site=None, after=after)
        with self._ports.database.transaction() as session:
            audit.append(session, actor, act, now=self._ports.clock())


def _gained_by(machine: MachineId, added: Added) -> tuple[MeterState, ...]:
    own = ((name.split(" ")[1], value) for name, value in added.meters.items() if name.split(" ")[0] == machine)
    return tuple(MeterState(machine=machine, unit=LifeUnit(unit), value=value, at_ns=0) for unit, value in own)


def _count(staged: StagedReadings) -> int:
    return int((~np.isnan(staged.values)).sum())


def _accepted(sheets: tuple[SheetPreview, ...]) -> int:
    return sum(sheet.accepted for sheet in sheets)


def _rejected(sheets: tuple[SheetPreview, ...]) -> int:
    return sum(sheet.content.rejected for sheet in sheets)
