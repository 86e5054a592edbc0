"""The running program takes in Sparkplug, mapped JSON and waveforms by the same road as native telemetry."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import orjson
import pytest

from configs.sparkplug_schema import payload_type
from tests.acceptance.running_yeji import PLANT, Program, a_plant_file, running, until
from tests.fakes.edge_nodes import DOUBLE, EdgeNode, a_metric
from tests.fakes.mqtt import collect, publish
from tests.fakes.waveforms import a_tone, a_waveform_payload

FOREIGN = """
[machine.waveforms.drive_end]
name = { ko = "구동측", en = "Drive end" }
slot = "bearing"
bearing = { rolling_elements = 9, element_diameter_mm = 7.94, pitch_diameter_mm = 39.04 }

[[mapping]]
id = "flow"
like = "node_red_value"
machines = { Pump2 = "pump-2" }
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder: Path = tmp_path_factory.mktemp("foreign")
    a_plant_file(folder / "data", PLANT + FOREIGN)
    with running(folder / "data") as started:
        yield started


def last_values(program: Program, machine: str) -> dict[str, float]:
    sensors = program.get(f"/machines/{machine}")["sensors"]
    return {sensor["id"]: sensor["last"]["value"] for sensor in sensors if sensor["last"]}


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def test_an_edge_node_that_was_born_before_us_is_asked_for_its_names(program: Program) -> None:
    node = EdgeNode(ms=now_ms() - 60_000)
    vib = a_metric("vib", 1.5, alias=4, datatype=DOUBLE)
    node.birth()
    node.device_birth("pump-1", vib)
    with collect(program.mqtt, "spBv1.0/busan/NCMD/gw1", "edge") as commands:
        publish(program.mqtt, [node.data("pump-1", a_metric(None, 2.5, alias=4))])
        _, payload = until(lambda: commands[:1], within_s=10, what="a rebirth command")[0]
    (asked,) = payload_type().FromString(payload).metrics
    assert (asked.name, asked.boolean_value) == ("Node Control/Rebirth", True)
    publish(
        program.mqtt,
        [node.birth(), node.device_birth("pump-1", vib), node.data("pump-1", a_metric(None, 3.5, alias=4))],
    )
    until(lambda: last_values(program, "pump-1").get("vib") == 3.5, within_s=10, what="the metric's value")


def test_edge_nodes_are_told_that_we_are_there(program: Program) -> None:
    with collect(program.mqtt, "spBv1.0/STATE/yeji", "watcher") as states:
        (said,) = until(lambda: states[:1], within_s=10, what="our state")
        assert orjson.loads(said[1])["online"] is True
        publish(program.mqtt, [("spBv1.0/STATE/yeji", b'{"online": false, "timestamp": 1}')])
        until(lambda: len(states) > 2, within_s=10, what="our state again")
    assert orjson.loads(states[2][1])["online"] is True


def test_a_waveform_becomes_readings(program: Program) -> None:
    payload = a_waveform_payload(a_tone(80.0, 10.0), ts=now_ms() - 2_000)
    topic = "yeji/v1/ansan/water/pump-2/waveform"
    publish(program.mqtt, [(topic, payload)])
    found = until(lambda: last_values(program, "pump-2").get("drive_end_velocity_rms"), within_s=10, what="a velocity")
    assert found == pytest.approx(10 / (2 * np.pi * 80) / np.sqrt(2) * 1000, rel=0.01)


def test_a_bare_number_of_a_mapped_topic_becomes_a_reading(program: Program) -> None:
    publish(program.mqtt, [("factory/Pump2/flow", b"12.5")])
    until(lambda: last_values(program, "pump-2").get("flow") == 12.5, within_s=10, what="the number")


def test_a_machine_whose_edge_node_dies_is_silent_at_once(program: Program) -> None:
    node = EdgeNode(name="gw2", bd_seq=5, ms=now_ms() - 10_000)
    flow = a_metric("flow", 3.25, alias=1, datatype=DOUBLE)
    publish(program.mqtt, [node.birth(), node.device_birth("pump-1", flow)])
    until(lambda: last_values(program, "pump-1").get("flow") == 3.25, within_s=10, what="the metric's value")
    with program.client() as client:
        assert "no_signal" not in client.get("/machines/pump-1").text
        publish(program.mqtt, [node.death()])
        until(lambda: "no_signal" in client.get("/machines/pump-1").text, within_s=10, what="the machine silent")
