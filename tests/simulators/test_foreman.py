"""A foreman who answers alerts."""

import json
import urllib.error
from pathlib import Path

import numpy as np
import pytest

from simulators.foreman import WRONG_SHARE, Foreman, Found
from simulators.injection import Injection
from simulators.inspection import look_behind
from simulators.live import LiveFactory
from simulators.sensor_faults import FaultSpan, SensorFault
from tests.simulators.test_live import NOON_S, FastClock, Wire, a_running_simulation, native


class Desk:
    """The API with cases of one finding each, of a bearing that is said to wear."""

    def __init__(self, count: int = 1) -> None:
        finding = {"slot": "bearing", "sensors": [{"sensor": "vib"}]}
        self.cases = {
            f"c{n}": {
                "id": f"c{n}", "machine": "pump-01", "history": False, "state": "raised", "findings": [{"id": f"f{n}", **finding}],
            }
            for n in range(count)
        }  # fmt: skip
        self.verdicts: list[dict] = []
        self.is_away = False

    def call(self, method: str, path: str, body: dict | None = None) -> dict:
        if self.is_away:
            raise urllib.error.URLError("away")
        if "?state=" in path:
            state = path.rsplit("=", 1)[1]
            return {"items": [case for case in self.cases.values() if case["state"] == state]}
        case = self.cases[path.split("/")[4]]
        if path.endswith("/acknowledgement"):
            case["state"] = "acknowledged"
        elif path.endswith("/closing"):
            case["state"] = "closed"
            self.verdicts += body["verdicts"]
        return case


def a_day(desk: Desk, found: Found) -> list:
    foreman = Foreman(desk, np.random.default_rng(3))
    return [answer for at in range(0, 86_400, 30) for answer in foreman.attend(float(at), lambda *_: found)]


def test_case_is_acknowledged_within_minutes_and_closed_within_two_hours() -> None:
    desk = Desk()
    foreman = Foreman(desk, np.random.default_rng(3))
    states = []
    for at in range(0, 7200, 30):
        foreman.attend(float(at), lambda *_: Found.WORN)
        states.append(desk.cases["c0"]["state"])
    assert list(dict.fromkeys(states)) == ["raised", "acknowledged", "closed"]
    assert states[600 // 30 + 1] != "raised"


def test_about_one_answer_in_seven_is_wrong() -> None:
    answers = a_day(Desk(400), Found.WORN)
    assert len(answers) == 400
    wrong = np.mean([answer.said is not answer.true for answer in answers])
    assert wrong == pytest.approx(WRONG_SHARE, abs=0.05)


def test_sound_part_is_now_and_then_called_worn() -> None:
    desk = Desk(400)
    a_day(desk, Found.NOTHING)
    said = {verdict["verdict"] for verdict in desk.verdicts}
    assert said == {"nothing_found", "prevented"}


def test_office_that_is_away_is_tried_again_later() -> None:
    desk = Desk()
    desk.is_away = True
    foreman = Foreman(desk, np.random.default_rng(3))
    assert foreman.attend(0.0, lambda *_: Found.WORN) == []
    desk.is_away = False
    assert [a for at in range(0, 9000, 30) for a in foreman.attend(float(at), lambda *_: Found.WORN)]


def test_opened_machine_shows_wear_a_misled_sensor_or_nothing() -> None:
    simulation = a_running_simulation()
    fleet = simulation.fleet
    k = next(k for k, p in enumerate(fleet.layout.worn) if (p.machine.id, p.slot.id) == ("pump-01", "bearing"))
    fleet.state.damage[k] = 0.0
    assert look_behind(simulation, "pump-01", "bearing", ["vib"]) is Found.NOTHING
    fleet.state.damage[k] = 1.2
    assert look_behind(simulation, "pump-01", "bearing", ["vib"]) is Found.WORN
    shard = next(s for s in simulation.shards if s.equipment_type.id == "centrifugal_pump")
    at_s = simulation.at_s
    shard.add_fault(
        FaultSpan(kind=SensorFault.STUCK, machine="pump-01", sensor="vib", from_s=at_s - 60, to_s=at_s, size=1)
    )
    assert look_behind(simulation, "pump-01", "bearing", ["vib"]) is Found.SENSOR


def test_part_that_he_calls_worn_is_exchanged(tmp_path: Path) -> None:
    desk = Desk()
    simulation = a_running_simulation()
    installed = {(life.machine, life.slot): life.install_no for life in simulation.fleet.open_lives()}
    foreman = Foreman(desk, np.random.default_rng(3))
    factory = LiveFactory(simulation, native(Wire()), None, tmp_path / "live.jsonl", foreman)
    factory.requests.append(Injection(machine="pump-01", fault="bearing", sensor=None, minutes=3000.0))
    factory.run(FastClock(NOON_S, NOON_S + 5400).clock(), tmp_path / "checkpoint")
    told = [json.loads(row) for row in (tmp_path / "live.jsonl").read_text(encoding="utf-8").splitlines()]
    answers = [row for row in told if row.get("case") == "c0"]
    assert len(answers) == 1
    now = {(life.machine, life.slot): life.install_no for life in simulation.fleet.open_lives()}
    exchanged = now["pump-01", "bearing"] - installed["pump-01", "bearing"]
    assert exchanged == (answers[0]["said"] == "prevented")
