import numpy as np
import pytest

from models.features.recursion import layout_of
from models.features.windowing import extract
from models.state_detection.attribution import contributions, fitting_slots, sign_weights
from models.state_detection.drift import slot_contributions
from models.state_detection.novelty import blank_memory, score_novelty
from models.training.fit import fit_type
from tests.fakes.windows import PLAN, a_judged_machine, a_judged_type, a_slot, windows

MODEL = fit_type(extract(windows(), PLAN, {})[0], PLAN)


def test_slots_are_named_by_how_well_their_signs_fit() -> None:
    machine = a_judged_machine(a_judged_type())
    vib_up = np.array([5.0, 2.0, 0.0, 0.0, 0.0, 0.0])
    flow_down = np.array([0.0, 0.0, -3.0, 0.0, 0.0, 0.0])
    assert fitting_slots(machine, PLAN.judged, vib_up) == ("bearing",)
    assert fitting_slots(machine, PLAN.judged, flow_down) == ("seal",)
    assert fitting_slots(machine, PLAN.judged, -vib_up) == ()
    assert fitting_slots(machine, PLAN.judged, vib_up + flow_down) == ("bearing", "seal")


def test_a_sign_that_is_missing_speaks_neither_for_nor_against() -> None:
    machine = a_judged_machine(a_judged_type(), slots=(a_slot("valve", ("vib", True), ("gone", True)), a_slot("fan")))
    missing = np.array([np.nan, 1.0, 0.0, 0.0, 0.0, 0.0])
    assert fitting_slots(machine, PLAN.judged, missing) == ()


def test_the_first_sign_says_most() -> None:
    weights = sign_weights(a_slot("bearing", ("vib", True), ("temp", True), ("flow", False)))
    assert weights.sum() == pytest.approx(1.0)
    assert weights[0] > weights[1] > weights[2]


def test_what_does_not_deviate_contributes_nothing() -> None:
    block, _ = extract(windows(first=200, size=2), PLAN, {})
    own = np.zeros(2, dtype=np.int64)
    novelty, _ = score_novelty(MODEL, block, own, layout_of(own, 1), blank_memory(MODEL, 1))
    assert contributions(MODEL, PLAN.judged, novelty, 1) == ()


def test_a_slot_is_driven_by_the_signs_that_moved_its_way() -> None:
    slot = a_slot("bearing", ("vib", True), ("temp", True), ("flow", False), ("gone", True))
    moved = {"vib": 3.0, "temp": -3.0, "flow": -6.0}
    first, second = slot_contributions(MODEL, 0, slot, PLAN.judged, moved)
    assert {first.sensor, second.sensor} == {"vib", "flow"}
    assert first.share + second.share == pytest.approx(1.0)
    vib = first if first.sensor == "vib" else second
    assert vib.expected == pytest.approx(MODEL.baselines.location[0, 0])
    assert vib.expected < vib.value
    assert slot_contributions(MODEL, 0, slot, PLAN.judged, {}) == ()
