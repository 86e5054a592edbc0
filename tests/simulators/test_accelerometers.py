"""Accelerometers of a factory in real time: what is published, and what the truth says of it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from configs.bearings import bearing_of
from configs.plant import MachineId
from ingest.decode.native import NativeDecoder
from ingest.decode.time_window import TimeWindow
from ingest.parcel import Parcel
from ingest.waveform_features import beats, standing_out
from simulators.bearing_waveform import LENGTH_S, Defect
from simulators.factory import PUMPS, with_accelerometers
from simulators.injection import Injection
from simulators.live import LiveFactory
from simulators.simulation import Simulation, start_simulation
from tests.simulators.scenarios import START_S, a_scenario
from tests.simulators.test_live import NOON_S, FastClock, Wire, native

FOUND = {Defect.OUTER: "bpfo", Defect.INNER: "bpfi", Defect.ELEMENT: "bsf", Defect.CAGE: "ftf"}
PERIOD_S = 300


def a_listening_simulation(**changes: object) -> Simulation:
    scenario = a_scenario(2, (PUMPS,))
    simulation = start_simulation(replace(scenario, plant=with_accelerometers(scenario.plant), **changes), START_S)
    simulation.advance_to(NOON_S)
    return simulation


def heard(simulation: Simulation, seconds: float, root: Path, *requests: Injection, batched: bool = False) -> Wire:
    wire = Wire()
    factory = LiveFactory(simulation, native(wire, batched=batched), None, root / "live.jsonl")
    factory.requests += requests
    factory.run(FastClock(NOON_S, NOON_S + seconds).clock(), root / "checkpoint")
    return wire


def waveforms(wire: Wire, machine: str = "pump-01") -> list[tuple[str, bytes]]:
    return [(topic, payload) for topic, payload in wire.messages if topic.endswith(f"/{machine}/waveform")]


def truth(root: Path) -> list[dict]:
    rows = [json.loads(line) for line in (root / "live.jsonl").read_text().splitlines()]
    return [row for row in rows if "rotation_hz" in row]


@pytest.mark.parametrize("batched", [False, True])
def test_running_pump_is_heard_once_a_period_after_the_capture_is_over(tmp_path: Path, batched: bool) -> None:
    wire = heard(a_listening_simulation(), 2.2 * PERIOD_S, tmp_path, batched=batched)
    for machine in ("pump-01", "pump-02"):
        told = [json.loads(payload) for _, payload in waveforms(wire, machine)]
        assert len(told) in {2, 3}
        assert told[1]["ts"] - told[0]["ts"] == PERIOD_S * 1000
        of_machine = wire.of(machine)
        assert [message["seq"] for message in of_machine] == list(range(1, len(of_machine) + 1))
        before = of_machine[of_machine.index(told[0]) - 1]
        assert before.get("ts", before.get("t0")) >= told[0]["ts"] + (LENGTH_S - 1) * 1000 or batched
    assert len(truth(tmp_path)) == sum(len(waveforms(wire, machine)) for machine in ("pump-01", "pump-02"))


def test_bearing_that_is_asked_to_fail_is_heard_as_what_the_truth_says(tmp_path: Path) -> None:
    simulation = a_listening_simulation()
    asked = Injection(machine="pump-01", fault="bearing", sensor=None, minutes=20.0)
    wire = heard(simulation, 1200, tmp_path, asked)
    told = [row for row in truth(tmp_path) if row["machine"] == "pump-01" and row["install_no"] == 1][-1]
    assert told["snr_db"] is not None, [row["snr_db"] for row in truth(tmp_path)]
    assert told["snr_db"] > -5
    topic, payload = next(each for each in waveforms(wire) if json.loads(each[1])["ts"] == told["at_s"] * 1000)
    always = TimeWindow(past_ns=10**18, future_ns=10**18)
    parcel = NativeDecoder(simulation.scenario.plant, always).decode(topic, payload, int(NOON_S * 1e9))
    assert isinstance(parcel, Parcel)
    found = standing_out(beats(parcel.waveforms[0], bearing_of("6308")))
    assert found is not None
    assert found.quantity.endswith(FOUND[Defect(told["defect"])])
    assert found.frequency_hz == pytest.approx(told["struck_hz"], rel=0.01)


def test_machine_that_is_off_is_not_heard(tmp_path: Path) -> None:
    simulation = a_listening_simulation()
    for n in range(2):
        simulation.fleet.state.down_until_s[n] = NOON_S + 3600.0
    assert waveforms(heard(simulation, 2 * PERIOD_S, tmp_path)) == []
    assert truth(tmp_path) == [] if (tmp_path / "live.jsonl").exists() else True


def test_point_at_a_slot_that_does_not_wear_hears_the_shaft_alone(tmp_path: Path) -> None:
    simulation = a_listening_simulation()
    plant = simulation.scenario.plant
    deaf = tuple(
        replace(machine, points=tuple(replace(point, slot=None, rpm=None) for point in machine.points))
        for machine in plant.machines
    )
    scenario = replace(simulation.scenario, plant=replace(plant, machines=deaf))
    fresh = start_simulation(scenario, START_S)
    fresh.advance_to(NOON_S)
    wire = heard(fresh, 1.2 * PERIOD_S, tmp_path, Injection(machine="pump-01", fault="bearing", sensor=None, minutes=5))
    assert waveforms(wire)
    assert {row["defect"] for row in truth(tmp_path)} == {None}


def test_plant_with_accelerometers_has_them_where_a_bearing_is() -> None:
    plant = with_accelerometers(a_scenario(4).plant)
    heard_at = {machine.id for machine in plant.machines if machine.points}
    assert heard_at == {MachineId("pump-01"), MachineId("pump-02")}
