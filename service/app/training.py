"""The desk that trains: takes an extract of the plant's history, learns in a child process, and lets the new models predict."""

import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import structlog

from configs.errors import YejiError
from configs.instant import ns_of
from configs.plant import EquipmentTypeId, Plant
from ingest.ports import ConditionSeries, MeterReader
from models.artefact import TypeModel
from models.errors import ArtefactRefusedError
from models.registry import card_of, load, save
from models.training.plant_history import PlantHistory
from service.actor import SYSTEM, Actor
from service.advisory.countdown import counts_down
from service.app.foundations import Foundations
from service.app.monitor import ARTEFACT_FOLDER, KEY_FOLDER
from service.app.training_files import LessonsByType, write_history
from service.app.training_process import evaluate_apart, train_apart
from service.errors import ConflictError, NotFoundError
from service.http.training_desk import Taught, Training, TrainingState, Work
from service.security.rights import Right, require
from service.state import audit, models, part_lives
from service.state.audit import AuditedAct
from service.state.database import StateDatabase

FIRST_LOOK_S = 20.0
LEAST_ENDED = 3
"""From so many ended lives on a first training is worth its while."""

STOP_S = 5.0
REPORT_FILE = "evaluation.html"
_NEVER = Training(
    work=Work.TRAIN, state=TrainingState.NEVER, progress=0.0, started_at=None, finished_at=None, trouble="", taught=()
)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPorts:
    """What the desk works with; `plant` gives the plant as it stands."""

    plant: Callable[[], Plant]
    database: StateDatabase
    condition: ConditionSeries
    meters: MeterReader
    folder: Path
    artefacts: Path
    keys: Path
    clock: Callable[[], datetime]


def training_ports(base: Foundations, *, clock: Callable[[], datetime]) -> TrainingPorts:
    """Return what a desk works with in an opened data folder."""
    return TrainingPorts(
        plant=lambda: base.plants.current,
        database=base.database,
        condition=base.store,
        meters=base.store,
        folder=base.folder,
        artefacts=base.folder / ARTEFACT_FOLDER,
        keys=base.folder / KEY_FOLDER,
        clock=clock,
    )


class ChildTrainingDesk:
    """Implements `service.http.training_desk.TrainingDesk`."""

    def __init__(self, ports: TrainingPorts) -> None:
        self._ports = ports
        self._latest = _NEVER
        self._turn = threading.Lock()
        self._stopping = threading.Event()
        self._child: int | None = None
        self._thread: threading.Thread | None = None

    def start(self, actor: Actor, work: Work = Work.TRAIN) -> Training:
        """Begin in the background; ConflictError where a training or an evaluation runs already."""
        self._begin(actor, work)
        self._thread = threading.Thread(target=self._run, args=(work,), name="training", daemon=True)
        self._thread.start()
        return self._latest

    def run(self, actor: Actor, work: Work = Work.TRAIN) -> Training:
        """Do the work and return when it is done; a YejiError says what went wrong."""
        self._begin(actor, work)
        self._work(work)
        return self._latest

    def report(self) -> str:
        """Return the report of the latest evaluation; NotFoundError where there is none."""
        try:
            return (self._ports.folder / REPORT_FILE).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise NotFoundError("there is no evaluation yet; `yeji evaluate` makes one") from None

    def latest(self) -> Training:
        """Return how the latest training stands."""
        return self._latest

    def stop(self) -> None:
        """End a training that runs; nothing of it is kept. Safe to repeat."""
        self._stopping.set()
        if self._child is not None:
            _end(self._child)
        if self._thread is not None:
            self._thread.join(STOP_S)

    def _begin(self, actor: Actor, work: Work) -> None:
        require(actor, Right.CHANGE_MODEL)
        with self._turn:
            if self._latest.state is TrainingState.RUNNING:
                raise ConflictError(f"a {self._latest.work} runs already; see how far it is with `yeji train --status`")
            now = self._ports.clock()
            self._latest = replace(_NEVER, work=work, state=TrainingState.RUNNING, started_at=now)
        with self._ports.database.transaction() as session:
            audit.append(
                session,
                actor,
                AuditedAct(action=work.value, object_kind="models", object_id="plant", site=None),
                now=now,
            )

    def _run(self, work: Work) -> None:
        try:
            self._work(work)
        except (YejiError, OSError, ValueError) as error:
            _log.warning("training_failed", reason=str(error), exc_info=not isinstance(error, YejiError))

    def _work(self, work: Work) -> None:
        lessons: LessonsByType = {}
        try:
            with tempfile.TemporaryDirectory(prefix="training-", dir=self._ports.folder) as name:
                folder = Path(name)
                write_history(folder, history_of(self._ports))
                if work is Work.EVALUATE:
                    report = evaluate_apart(folder, self._tell, self._note_child)
                    (self._ports.folder / REPORT_FILE).write_text(report, encoding="utf-8")
                else:
                    lessons = train_apart(folder, self._tell, self._note_child)
                    register(self._ports, lessons)
        except Exception as error:
            self._latest = replace(
                self._latest, state=TrainingState.FAILED, trouble=str(error), finished_at=self._ports.clock()
            )
            raise
        finally:
            self._child = None
        self._latest = replace(
            self._latest,
            state=TrainingState.DONE,
            progress=1.0,
            finished_at=self._ports.clock(),
            taught=_taught(lessons),
        )

    def _tell(self, share: float) -> None:
        self._latest = replace(self._latest, progress=min(max(share, 0.0), 1.0))

    def _note_child(self, pid: int) -> None:
        self._child = pid
        if self._stopping.is_set():
            _end(pid)


def _end(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)


def history_of(ports: TrainingPorts) -> PlantHistory:
    """Return the plant's history up to now, without parts that wear out within days."""
    plant, now = ports.plant(), ports.clock()
    short_lived = {part.id for part in plant.part_types if counts_down(part)}
    with ports.database.reading() as session:
        lives = part_lives.all_lives(session)
    return PlantHistory(
        machines=tuple(
            replace(machine, slots=tuple(s for s in machine.slots if s.part_type not in short_lived))
            for machine in plant.machines
        ),
        part_types={part.id: part for part in plant.part_types if part.id not in short_lived},
        lives=tuple(life for life in lives if life.part_type not in short_lived),
        meters=tuple(ports.meters.meters()),
        hours={machine.id: ports.condition.read_condition(machine.id, 0, ns_of(now)) for machine in plant.machines},
        until=now,
    )


def register(ports: TrainingPorts, lessons: LessonsByType) -> None:
    """Let every model that predicts know the lessons of its type: a new, signed artefact takes its place."""
    for kind, own in lessons.items():
        model = _champion(ports, kind)
        if model is None:
            continue
        now = ports.clock()
        taught = replace(model, lessons=own)
        card = card_of(taught, trained_at=now, plant_revision=ports.plant().revision)
        saved = save(taught, card, folder=ports.artefacts, keys=ports.keys)
        version = models.ModelVersion(
            digest=saved.digest,
            equipment_type=kind,
            trained_at=now,
            manifest=saved.manifest,
            role=models.ModelRole.CHAMPION,
        )
        with ports.database.transaction() as session:
            models.add(session, version, now=now)
        _log.info("model_trained", equipment_type=kind, part_types=len(own), digest=saved.digest[:12])


def _champion(ports: TrainingPorts, kind: EquipmentTypeId) -> TypeModel | None:
    with ports.database.reading() as session:
        version = models.champion(session, kind)
    if version is None:
        return None
    try:
        return load(version.digest, folder=ports.artefacts, keys=ports.keys)
    except ArtefactRefusedError as error:
        _log.warning("model_refused", equipment_type=kind, reason=str(error))
        return None


def _taught(lessons: LessonsByType) -> tuple[Taught, ...]:
    return tuple(
        Taught(
            equipment_type=kind,
            part_type=part,
            lives=lesson.wear.lives,
            fails_at=lesson.wear.gain.level,
            inside=lesson.coverage.inside,
            of=lesson.coverage.of,
        )
        for kind, own in sorted(lessons.items())
        for part, lesson in sorted(own.items())
        if lesson.wear.lives or lesson.coverage.of > 0
    )


@contextmanager
def run_training_desk(ports: TrainingPorts, caught_up: Callable[[], bool]) -> Iterator[ChildTrainingDesk]:
    """Open the desk while the context lasts; a plant with a history that was never learnt from is learnt from once."""
    desk = ChildTrainingDesk(ports)
    stopping = threading.Event()

    def look() -> None:
        while not stopping.wait(FIRST_LOOK_S):
            if desk.latest().state is not TrainingState.NEVER:
                return
            if caught_up() and is_worthwhile(ports):
                with suppress(ConflictError):
                    desk.start(SYSTEM)
                return

    watcher = threading.Thread(target=look, name="first training", daemon=True)
    watcher.start()
    try:
        yield desk
    finally:
        stopping.set()
        watcher.join(STOP_S)
        desk.stop()


def is_worthwhile(ports: TrainingPorts) -> bool:
    """Whether parts have ended under the eyes of a model that has not learnt from any yet."""
    with ports.database.reading() as session:
        champions = models.champions(session)
        ended = [life for life in part_lives.all_lives(session) if life.removed_at is not None]
    if not champions or len(ended) < LEAST_ENDED:
        return False
    known = [model for kind in champions if (model := _champion(ports, kind)) is not None]
    return bool(known) and not any(model.lessons for model in known)
