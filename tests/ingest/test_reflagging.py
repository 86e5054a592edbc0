"""Stored readings judged again."""

from dataclasses import replace

import numpy as np

from configs.plant import SensorId
from ingest.quality import Doubt, QualityRules, blank_memory, judge, profile_type
from ingest.reading import QualityFlag
from ingest.reflagging import anew, doubting, reflagged
from tests.fakes.plants import a_machine, a_sensor, a_type
from tests.fakes.readings import NOON_NS, SECOND_NS, a_batch

KIND = a_type(sensors=(a_sensor("vib"), a_sensor("temp")))
PROFILE = profile_type(KIND, [a_machine("pump1", KIND)], QualityRules(stuck_after_s=10.0, stuck_reports=5.0))
F = QualityFlag


def seconds(values: list[float]) -> list[tuple[str, int, dict]]:
    return [
        ("pump1", NOON_NS + at * SECOND_NS, {"vib": value, "temp": 20.0 + at % 3}) for at, value in enumerate(values)
    ]


def test_readings_that_came_out_of_order_are_judged_as_if_they_had_not() -> None:
    """Late readings lie between values that seemed stuck without them, and stay late."""
    batch = a_batch(*seconds([2.0] * 8 + [2.4] + [2.0] * 12))
    live = batch.quality.copy()
    live[10:, 0] = F.STUCK
    live[8, 0] = F.LATE
    flags = anew(PROFILE, (), 0)(replace(batch, quality=live))
    in_order, _ = judge(PROFILE, blank_memory(PROFILE), batch)
    assert flags[:, 0].tolist() == [*in_order[:8, 0].tolist(), F.LATE, *in_order[9:, 0].tolist()]


def test_only_what_is_asked_for_is_judged_and_what_leads_up_to_it_stays() -> None:
    batch = a_batch(*seconds([2.0] * 20))
    known = replace(batch, quality=np.full((20, 2), F.SPIKE, np.uint16))
    flags = anew(PROFILE, (), NOON_NS + 15 * SECOND_NS)(known)
    assert set(flags[:15].ravel().tolist()) == {int(F.SPIKE)}
    assert flags[15:, 0].tolist() == [F.STUCK] * 5


def test_sensors_in_doubt_keep_their_flags_while_they_are_in_doubt() -> None:
    batch = a_batch(*seconds([1.0, 2.0, 3.0, 4.0, float("nan")]))
    doubts = [
        Doubt(sensor=SensorId("vib"), flag=F.NOISE, since_ns=NOON_NS + SECOND_NS, until_ns=NOON_NS + 3 * SECOND_NS),
        Doubt(sensor=SensorId("vib"), flag=F.SHIFTED, since_ns=NOON_NS + 2 * SECOND_NS, until_ns=None),
        Doubt(sensor=SensorId("gone"), flag=F.NOISE, since_ns=0, until_ns=None),
    ]
    expected = [0, F.NOISE, F.NOISE | F.SHIFTED, F.SHIFTED, 0]
    assert doubting(doubts)(batch)[:, 0].tolist() == expected
    assert anew(PROFILE, doubts, 0)(batch)[:, 0].tolist() == expected


def test_a_sensor_that_the_plant_no_longer_has_keeps_its_flags() -> None:
    batch = a_batch(("pump1", NOON_NS, {"vib": 1.0, "old": 3.0}))
    known = replace(batch, quality=np.array([[0, 4]], np.uint16))
    assert anew(PROFILE, (), 0)(known).tolist() == [[0, 4]]
    assert anew(PROFILE, (), 0)(replace(known, sensors=("a", "b"))).tolist() == [[0, 4]]
    assert reflagged(a_batch(), a_batch().quality)[0].cells == 0
