"""`yeji import` and `yeji export`: a history bundle into the stores and out of them, with progress.

A service that runs on the data folder is asked to do it, so that it need not be stopped; the bundle then passes through
a folder of the data folder. An import that is run again goes on where it stopped.
"""

import hashlib
import json
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from configs.settings import Settings
from ingest.errors import BundleError
from service.app.data_folder import translate_disk_errors
from service.app.foundations import lay_foundations
from service.app.history import adopt_plant, history_ports, take_in_history
from service.app.history_export import write_history
from service.app.transfers import FOLDER
from service.errors import ConflictError
from service.operations.loopback import RunningService, running_service
from service.operations.result import Output
from service.operations.setup import plant_for

LOOK_EVERY_S = 0.3
MANIFEST = "manifest.json"
_Counts = Mapping[str, int]
_Report = Callable[[int, int], None]
"""Is told how many steps are done, of how many."""


def import_history(settings: Settings, folder: Path, *, progress: Console, output: Output) -> None:
    """Import a bundle: through the running service where there is one."""
    with running_service(settings) as service, _shown(progress) as report:
        if service is not None:
            counts = _import_running(settings, service, folder, report)
        else:
            adopt_plant(folder, settings.plant_path)
            counts = _import(settings, folder, report)
    line = f"imported {counts['rows']} rows, {counts['facts']} facts and {counts['meters']} meters from {folder}"
    output.show({**counts, **_told(folder)}, line if any(counts.values()) else f"{folder}: all there already")


def export_history(settings: Settings, folder: Path, *, progress: Console, output: Output) -> None:
    """Export everything that is kept for long: through the running service where there is one."""
    with running_service(settings) as service, _shown(progress) as report:
        if service is not None:
            counts = _export_running(settings, service, folder, report)
        else:
            counts = _export(settings, folder, report)
    told = _told(folder)
    line = f"exported {counts['rows']} rows, {counts['facts']} facts and {counts['meters']} meters to {folder}"
    output.show({**counts, **told}, f"{line}\nchecksum of all {len(told['files'])} files: sha256 {told['checksum']}")


@contextmanager
def _shown(console: Console) -> Iterator[_Report]:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
        task = progress.add_task("readings", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total or None)


class _Steps:
    """Counts steps for a report."""

    def __init__(self, report: _Report) -> None:
        self._report = report
        self._done = self._total = 0

    def announce(self, total: int) -> None:
        self._total = total
        self._report(self._done, total)

    def advance(self) -> None:
        self._done += 1
        self._report(self._done, self._total)


def _import(settings: Settings, folder: Path, report: _Report) -> _Counts:
    steps = _Steps(report)
    with lay_foundations(settings, plant_for(settings)) as base:
        imported = take_in_history(
            history_ports(base),
            folder,
            announce=lambda bundle: steps.announce(sum(map(len, bundle.readings.values()))),
            advance=lambda _: steps.advance(),
        )
    return {"rows": imported.rows, "facts": imported.facts, "meters": imported.meters}


def _export(settings: Settings, folder: Path, report: _Report) -> _Counts:
    steps = _Steps(report)
    with lay_foundations(settings, plant_for(settings)) as base:
        exported = write_history(history_ports(base), folder, announce=steps.announce, advance=steps.advance)
    return {"rows": exported.rows, "facts": exported.facts, "meters": exported.meters}


def _import_running(settings: Settings, service: RunningService, folder: Path, report: _Report) -> _Counts:
    if not (folder / MANIFEST).is_file():
        raise BundleError(f"{folder} is not a history bundle: it has no {MANIFEST}")
    transfer = uuid.uuid4().hex
    passing = _passing(settings, transfer)
    with translate_disk_errors(passing.parent):
        shutil.copytree(folder, passing)
    try:
        return _done(service, "import", transfer, report)
    finally:
        shutil.rmtree(passing, ignore_errors=True)


def _export_running(settings: Settings, service: RunningService, folder: Path, report: _Report) -> _Counts:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConflictError(f"{folder} is there already and is not an empty folder; name another one")
    transfer = uuid.uuid4().hex
    passing = _passing(settings, transfer)
    try:
        counts = _done(service, "export", transfer, report)
        with translate_disk_errors(folder):
            shutil.copytree(passing, folder, dirs_exist_ok=True)
    finally:
        shutil.rmtree(passing, ignore_errors=True)
    return counts


def _done(service: RunningService, kind: str, transfer: str, report: _Report) -> _Counts:
    """Have the service do a transfer, and wait for its end."""
    pause = threading.Event()
    told: dict[str, Any] = service.post("/transfers", {"id": transfer, "kind": kind})
    while told["state"] == "running":
        pause.wait(LOOK_EVERY_S)
        told = service.get(f"/transfers/{transfer}")
        report(told["done"], told["total"])
    if told["state"] == "failed":
        raise ConflictError(told["trouble"])
    return dict(told["counts"])


def _passing(settings: Settings, transfer: str) -> Path:
    return settings.data_dir / FOLDER / transfer


def _told(folder: Path) -> dict[str, Any]:
    """Return what a bundle's manifest says, and one checksum over it all: the same for the same content."""
    said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(said["files"].items()))
    return {
        "simulated": said.get("simulated", False),
        "files": said["files"],
        "checksum": hashlib.sha256(lines.encode()).hexdigest(),
    }
