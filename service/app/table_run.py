"""One import being stored: each value once, and what it brings beside readings."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from configs.instant import ns_of
from configs.plant import MachineId
from service.actor import SYSTEM, Actor
from service.app.table_book import TableBook
from service.app.table_folder import StagedReadings, TableFolder
from service.app.table_ports import DeskPorts
from service.app.table_records import add_records
from service.app.table_storing import chunks_of, store_readings, without_known, without_old_minutes
from service.errors import ConflictError
from service.http.table_desk import SheetPreview
from service.state import table_imports
from service.state.table_imports import ImportState, TableImport


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRun:
    """Stores imports until it is told to stop; what is stored by then stays, and is known when it goes on."""

    ports: DeskPorts
    folder: TableFolder
    book: TableBook
    stopping: threading.Event

    def store(self, entry: TableImport, actor: Actor, sheets: Callable[[], tuple[SheetPreview, ...]]) -> None:
        """Store everything of an import."""
        ports = self.ports
        fresh = list(self.folder.staged(entry.id)) if entry.done else self._unknown(entry)
        gained = self._store_readings(entry, fresh)
        contents = [sheet.content for sheet in sheets()]
        added = add_records(ports.database, ports.plants, actor, contents, now=ports.clock())
        new = sum(_count(each) for each in fresh) + len(added.lives) + len(added.events) + len(added.machines)
        with ports.database.transaction() as session:
            table_imports.keep_added(session, entry.id, replace(added, meters=gained))
            table_imports.change(
                session, entry.id, state=ImportState.IMPORTED, done=new, known=max(0, entry.total - new)
            )
        self.book.tell(entry, actor, "table_imported")

    def _unknown(self, entry: TableImport) -> list[StagedReadings]:
        """Return what no import and no old minute holds already; from now on that is what is staged."""
        ports = self.ports
        with ports.database.reading() as session:
            earlier = [
                each.id
                for each in table_imports.list_imports(session, SYSTEM, limit=10_000)
                if each.state is ImportState.IMPORTED and each.id != entry.id
            ]
        before_ns = ns_of(ports.clock() - ports.raw)
        fresh = []
        for staged in self.folder.staged(entry.id):
            known = (other for import_id in earlier for other in self.folder.staged(import_id))
            fresh.append(without_old_minutes(without_known(staged, known), ports.store, before_ns))
        fresh = [each for each in fresh if each.times_ns.size]
        self.folder.stage(entry.id, fresh)
        return fresh

    def _store_readings(self, entry: TableImport, fresh: list[StagedReadings]) -> dict[str, float]:
        gained: dict[str, float] = {}
        seqs: dict[MachineId, int] = {}
        done = 0

        def advance(values: int) -> None:
            nonlocal done
            done += values
            self.book.keep(entry.id, done=done)
            if self.stopping.is_set():
                raise ConflictError(table_imports.INTERRUPTED)

        for staged in fresh:
            first = seqs.get(staged.machine, 0)
            stored = store_readings(staged, self.ports.hand_in, entry.id, first_seq=first, advance=advance)
            seqs[staged.machine] = first + chunks_of(staged)
            for unit, value in stored.meters.items():
                key = f"{staged.machine} {unit}"
                gained[key] = gained.get(key, 0.0) + value
        return gained


def _count(staged: StagedReadings) -> int:
    return int((~np.isnan(staged.values)).sum())
