"""A plant with a history is learnt from in a child process, and what was learnt predicts from then on."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from configs.plant import EquipmentTypeId, LifeUnit, MachineId
from ingest.meter import MeterState
from ingest.ports import ConditionBlock
from models.features.windowing import extract
from models.registry import card_of, create_keys, load, save
from models.training.fit import fit_type
from models.training.plant_history import PlantHistory
from service.actor import SYSTEM
from service.app.training import (
    ChildTrainingDesk,
    TrainingPorts,
    is_worthwhile,
    run_training_desk,
)
from service.app.training_files import read_history, read_lessons, write_history, write_lessons
from service.errors import ConflictError, NotFoundError, ServiceError
from service.http.training_desk import TrainingState, Work
from service.state import models
from service.state.database import StateDatabase
from service.state.history import StateHistoryStore
from tests.fakes.parts import NOW
from tests.fakes.plants import a_plant
from tests.fakes.waiting import wait_until
from tests.fakes.windows import PLAN, windows
from tests.fakes.worn_plants import PART, a_worn_plant

KIND = EquipmentTypeId("pump")


@dataclass(frozen=True)
class Stored:
    """Conditions and meters of a history, as stores hand them out."""

    history: PlantHistory

    def read_condition(self, machine: MachineId, start_ns: int, end_ns: int) -> ConditionBlock:
        return self.history.hours[machine]

    def write_condition(self, block: ConditionBlock) -> None:
        raise NotImplementedError

    def meters(self, machine: MachineId | None = None) -> list[MeterState]:
        return list(self.history.meters)

    def set_meter(self, machine: MachineId, unit: LifeUnit, value: float, at_ns: int) -> None:
        raise NotImplementedError


@pytest.fixture(scope="module")
def history() -> PlantHistory:
    return a_worn_plant(3, np.random.default_rng(5))


@pytest.fixture
def ports(sqlite_database: StateDatabase, tmp_path: Path, history: PlantHistory) -> TrainingPorts:
    plant = replace(a_plant(*history.machines), part_types=(PART,))
    create_keys(tmp_path / "keys")
    StateHistoryStore(sqlite_database, plant, lambda: NOW).add_history(history.lives, (), ())
    return TrainingPorts(
        plant=lambda: plant,
        database=sqlite_database,
        condition=Stored(history),
        meters=Stored(history),
        folder=tmp_path,
        artefacts=tmp_path / "artefacts",
        keys=tmp_path / "keys",
        clock=lambda: NOW,
    )


def with_model(ports: TrainingPorts) -> TrainingPorts:
    """Let the pumps of the plant have a model that predicts."""
    model = replace(fit_type(extract(windows(), PLAN, {})[0], PLAN), equipment_type=KIND)
    card = card_of(model, trained_at=NOW, plant_revision=1)
    saved = save(model, card, folder=ports.artefacts, keys=ports.keys)
    version = models.ModelVersion(
        digest=saved.digest,
        equipment_type=KIND,
        trained_at=NOW,
        manifest=saved.manifest,
        role=models.ModelRole.CHAMPION,
    )
    with ports.database.transaction() as session:
        models.add(session, version, now=NOW)
    return ports


def champion_of(ports: TrainingPorts) -> str:
    with ports.database.reading() as session:
        version = models.champion(session, KIND)
    assert version is not None
    return version.digest


def test_what_history_taught_predicts_from_then_on(ports: TrainingPorts, history: PlantHistory) -> None:
    before = champion_of(with_model(ports))
    assert is_worthwhile(ports)
    done = ChildTrainingDesk(ports).run(SYSTEM)
    assert (done.state, done.progress, done.trouble) == (TrainingState.DONE, 1.0, "")
    ended = len([life for life in history.lives if life.removed_at is not None])
    assert [(each.part_type, each.lives) for each in done.taught] == [(PART.id, ended)]
    after = champion_of(ports)
    assert after != before
    lesson = load(after, folder=ports.artefacts, keys=ports.keys).lessons[PART.id]
    assert lesson.wear.lives == ended
    assert not is_worthwhile(ports)
    assert not list(ports.folder.glob("training-*"))


def test_without_a_model_there_is_nothing_to_teach(ports: TrainingPorts) -> None:
    assert not is_worthwhile(ports)
    assert ChildTrainingDesk(ports).latest().state is TrainingState.NEVER


def test_a_training_that_fails_says_why_in_one_line(ports: TrainingPorts, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = ChildTrainingDesk(ports)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ServiceError, match="the work ended early with code 1: no message"):
        desk.run(SYSTEM)
    assert desk.latest().state is TrainingState.FAILED
    assert "\n" not in desk.latest().trouble


def test_there_is_one_training_at_a_time(ports: TrainingPorts) -> None:
    desk = ChildTrainingDesk(with_model(ports))
    assert desk.start(SYSTEM).state is TrainingState.RUNNING
    with pytest.raises(ConflictError, match="a training runs already"):
        desk.start(SYSTEM)
    desk.stop()
    assert desk.latest().state in {TrainingState.FAILED, TrainingState.DONE}


def test_a_plant_with_a_past_is_learnt_from_once_by_itself(
    ports: TrainingPorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.app.training.FIRST_LOOK_S", 0.01)
    with run_training_desk(with_model(ports), lambda: True) as desk:
        wait_until(lambda: desk.latest().state is TrainingState.DONE)


def test_history_and_lessons_survive_their_files(tmp_path: Path, history: PlantHistory) -> None:
    write_history(tmp_path, history)
    again = read_history(tmp_path)
    assert (again.machines, again.lives, again.meters) == (history.machines, history.lives, history.meters)
    name = history.machines[0].id
    np.testing.assert_array_equal(again.hours[name].values, history.hours[name].values)
    write_history(tmp_path, replace(history, hours={}))
    assert read_history(tmp_path).hours == {}


def test_no_lessons_are_lessons_too(tmp_path: Path) -> None:
    write_lessons(tmp_path, {KIND: {}})
    assert read_lessons(tmp_path) == {KIND: {}}


def test_an_evaluation_leaves_a_report_that_needs_nothing_beside_it(ports: TrainingPorts) -> None:
    desk = ChildTrainingDesk(ports)
    with pytest.raises(NotFoundError, match="yeji evaluate"):
        desk.report()
    done = desk.run(SYSTEM, Work.EVALUATE)
    assert (done.work, done.state) == (Work.EVALUATE, TrainingState.DONE)
    report = desk.report()
    assert "Coverage by part type" in report
    assert PART.id in report
    assert "http://" not in report
    assert "<script" not in report


def test_an_evaluation_without_enough_history_says_how_much_it_needs(
    ports: TrainingPorts, history: PlantHistory
) -> None:
    empty = {name: a_short_block(block) for name, block in history.hours.items()}
    short = replace(ports, condition=Stored(replace(history, hours=empty)))
    with pytest.raises(ServiceError, match="an evaluation needs 60"):
        ChildTrainingDesk(short).run(SYSTEM, Work.EVALUATE)


def a_short_block(block: ConditionBlock) -> ConditionBlock:
    return ConditionBlock(
        machines=block.machines[-24:],
        keys=block.keys[-24:],
        hours_ns=block.hours_ns[-24:],
        values=block.values[-24:],
        weights=block.weights[-24:],
    )
