"""Transfers of history in the running service: one at a time, in a thread of its own."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import structlog

from configs.errors import YejiError
from service.app.history import HistoryPorts, take_in_history
from service.app.history_export import write_history
from service.errors import ConflictError, NotFoundError
from service.http.transfer_desk import Transfer, TransferKind, TransferState

FOLDER = "transfers"
STOP_S = 5.0
_log = structlog.get_logger(__name__)


class Transfers:
    """The transfers since the start; their bundles lie in `transfers/<id>` of the data folder until they are fetched."""

    def __init__(self, base: HistoryPorts) -> None:
        self._base = base
        self._turn = threading.Lock()
        self._known: dict[str, Transfer] = {}
        self._thread: threading.Thread | None = None

    def begin(self, kind: TransferKind, transfer: str) -> Transfer:
        """Begin a transfer; ConflictError while another one is under way, or where the id was used before."""
        with self._turn:
            busy = next((each for each in self._known.values() if each.state is TransferState.RUNNING), None)
            if busy is not None:
                raise ConflictError(
                    f"an {busy.kind.value} is under way ({busy.done} of {busy.total}); wait until it is over"
                )
            if transfer in self._known:
                raise ConflictError(f"transfer {transfer} has been begun before; choose another id")
            begun = Transfer(id=transfer, kind=kind, state=TransferState.RUNNING)
            self._known[transfer] = begun
        self._thread = threading.Thread(target=self._run, args=(begun,), name="transfer", daemon=True)
        self._thread.start()
        return begun

    def status(self, transfer: str) -> Transfer:
        """Return how a transfer stands; NotFoundError where there is none of this id."""
        if transfer not in self._known:
            raise NotFoundError(f"there is no transfer {transfer} since the service was started")
        return self._known[transfer]

    def stop(self, within_s: float) -> None:
        """Wait for the transfer at hand, but not for long: a history that was cut short goes on when it is repeated."""
        if self._thread is not None:
            self._thread.join(within_s)

    def _run(self, begun: Transfer) -> None:
        try:
            counts = self._export(begun.id) if begun.kind is TransferKind.EXPORT else self._import(begun.id)
        except YejiError as error:
            self._change(begun.id, state=TransferState.FAILED, trouble=str(error))
        except Exception as error:  # noqa: BLE001 - nobody else would tell whoever asked
            _log.exception("transfer_failed", kind=begun.kind.value)
            trouble = f"the {begun.kind.value} has failed ({type(error).__name__}: {error}); the log says where"
            self._change(begun.id, state=TransferState.FAILED, trouble=trouble)
        else:
            self._change(begun.id, state=TransferState.DONE, counts=counts)

    def _export(self, transfer: str) -> dict[str, int]:
        exported = write_history(
            self._base,
            self._folder(transfer),
            announce=lambda total: self._change(transfer, total=total),
            advance=lambda: self._step(transfer),
        )
        return {"rows": exported.rows, "facts": exported.facts, "meters": exported.meters}

    def _import(self, transfer: str) -> dict[str, int]:
        folder = self._folder(transfer)
        imported = take_in_history(
            self._base,
            folder,
            announce=lambda bundle: self._change(transfer, total=sum(map(len, bundle.readings.values()))),
            advance=lambda _: self._step(transfer),
        )
        shutil.rmtree(folder)
        return {"rows": imported.rows, "facts": imported.facts, "meters": imported.meters}

    def _folder(self, transfer: str) -> Path:
        return self._base.folder / FOLDER / transfer

    def _step(self, transfer: str) -> None:
        self._change(transfer, done=self._known[transfer].done + 1)

    def _change(self, transfer: str, **changes: object) -> None:
        with self._turn:
            self._known[transfer] = replace(self._known[transfer], **changes)  # type: ignore[arg-type]


@contextmanager
def run_transfers(base: HistoryPorts) -> Iterator[Transfers]:
    """Do transfers while the context lasts; what earlier runs left behind is removed."""
    shutil.rmtree(base.folder / FOLDER, ignore_errors=True)
    transfers = Transfers(base)
    try:
        yield transfers
    finally:
        transfers.stop(STOP_S)
