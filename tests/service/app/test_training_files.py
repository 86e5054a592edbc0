from dataclasses import replace
from pathlib import Path

import numpy as np

from configs.plant import EquipmentTypeId, MachineId, SlotId
from models.lesson import AS_SAID, USUAL_WEAR, Coverage, Experience, Gain, PartLesson, Trees
from models.prognosis.recalibration import learn_recalibration
from service.app.training_files import LessonsByType, read_lessons, write_lessons
from tests.fakes.worn_plants import PART

PUMPS = EquipmentTypeId("pump")


def an_experience() -> Experience:
    nodes = np.array([[0, 1, 2]])
    return Experience(
        trees=Trees(
            start=-0.3,
            depth=1,
            feature=np.array([[4, 0, 0]]),
            threshold=np.array([[1e300, 0.0, 0.0]]),
            left=np.array([[1, 1, 2]]),
            right=np.array([[2, 1, 2]]),
            missing_left=np.array([[True, False, False]]),
            value=0.25 * nodes,
        ),
        weight=0.6,
        lives=41.0,
    )


def lessons(experience: Experience | None) -> LessonsByType:
    wear = replace(USUAL_WEAR, own={(MachineId("p1"), SlotId("seal")): Gain(mean=-1.2, sd=0.2)}, lives=7)
    lesson = PartLesson(
        wear=wear,
        calm=learn_recalibration(np.array([0.3]), np.ones(1), np.ones(1)),
        showing=AS_SAID,
        coverage=Coverage(inside=5.0, of=7.0),
        experience=experience,
    )
    return {PUMPS: {PART.id: lesson}}


def test_lessons_come_back_as_they_were_told(tmp_path: Path) -> None:
    told = an_experience()
    write_lessons(tmp_path, lessons(told))
    back = read_lessons(tmp_path)[PUMPS][PART.id]
    first = lessons(told)[PUMPS][PART.id]
    assert back.wear.own == first.wear.own
    assert (back.wear.gain, back.coverage, back.calm.shape) == (first.wear.gain, first.coverage, first.calm.shape)
    np.testing.assert_allclose(back.calm.happened, first.calm.happened)
    assert back.experience is not None
    assert (back.experience.weight, back.experience.lives) == (0.6, 41.0)
    rows = np.array([[0.0, 1, 2, 3, 4, 5], [0, 1, 2, 3, np.nan, 5]])
    assert back.experience.trees.answers(rows).tolist() == told.trees.answers(rows).tolist()


def test_lessons_without_experience_come_back_without(tmp_path: Path) -> None:
    write_lessons(tmp_path, lessons(None))
    assert read_lessons(tmp_path)[PUMPS][PART.id].experience is None
