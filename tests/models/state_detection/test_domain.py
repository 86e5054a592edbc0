from dataclasses import replace

import numpy as np

from configs.plant import Machine, SensorId
from models.artefact import TypeModel
from models.features.windowing import FeatureMemory, extract
from models.state_detection.domain import unseen_context
from models.training.fit import fit_type
from tests.fakes.windows import PLAN, a_judged_machine, windows

LEARNT, MEMORIES = extract(windows(), PLAN, {})
MODEL: TypeModel = fit_type(LEARNT, PLAN)
MACHINE: Machine = a_judged_machine(PLAN.equipment_type, MODEL.baselines.machines[0])
MEMORY: FeatureMemory = MEMORIES[MACHINE.id]


def with_load(value: float) -> FeatureMemory:
    totals = list(MEMORY.totals)
    totals[1] = value * MEMORY.weights[1]
    return replace(MEMORY, totals=tuple(totals))


def test_a_load_that_was_learnt_is_known() -> None:
    assert unseen_context(MODEL, PLAN, MACHINE, MEMORY) is None


def test_a_load_far_beyond_what_was_learnt_and_is_normal_is_named() -> None:
    found = unseen_context(MODEL, PLAN, MACHINE, with_load(900.0))
    assert found is not None
    assert found[0] == SensorId("load")
    assert abs(found[1] - 900.0) < 1e-6


def test_what_is_within_the_normal_band_is_no_new_regime() -> None:
    assert unseen_context(MODEL, PLAN, MACHINE, with_load(101.0)) is None


def test_nothing_is_said_of_what_is_not_known() -> None:
    assert unseen_context(MODEL, PLAN, MACHINE, FeatureMemory()) is None
    assert unseen_context(MODEL, PLAN, MACHINE, with_load(np.nan)) is None
    assert unseen_context(MODEL, PLAN, replace(MACHINE, sensors=()), with_load(900.0)) is None
    stranger = a_judged_machine(PLAN.equipment_type, "stranger")
    assert unseen_context(MODEL, PLAN, stranger, with_load(900.0)) is None
