"""The factory in real time."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import orjson
import pytest

from configs.plant import MachineId
from ingest.decode.native import NativeDecoder
from ingest.decode.time_window import TimeWindow
from ingest.reading import Message
from simulators.batches import batches_of
from simulators.dialect import NativeDialect
from simulators.injection import Injection, decode_injection, encode_injection
from simulators.live import Clock, LiveFactory, Voice
from simulators.network_faults import Packet
from simulators.simulation import Simulation, resume_simulation
from tests.simulators.scenarios import START_S, a_scenario, a_simulation

NOON_S = START_S + 5 * 3600.0 + 300.0


class Wire:
    """An outlet that keeps what was published."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, bytes]] = []

    def publish(self, packet: Packet) -> None:
        self.messages.append((packet.topic, packet.payload))

    def flush(self, timeout_s: float) -> None:
        """Everything is delivered at once."""

    def of(self, machine: str) -> list[dict]:
        return [orjson.loads(payload) for topic, payload in self.messages if f"/{machine}/" in topic]


class FastClock:
    """Time that passes when somebody waits for it, until `end_s`."""

    def __init__(self, start_s: float, end_s: float) -> None:
        self.at_s = start_s
        self.end_s = end_s

    def clock(self) -> Clock:
        return Clock(now_s=lambda: self.at_s, wait_until=self.wait_until)

    def wait_until(self, at_s: float) -> bool:
        self.at_s = max(self.at_s, at_s)
        return self.at_s < self.end_s


def a_running_simulation(**changes: object) -> Simulation:
    simulation = a_simulation(4, **changes)
    simulation.advance_to(NOON_S)
    return simulation


def native(wire: Wire, boot: str = "b1", *, batched: bool = False) -> Voice:
    return Voice(outlet=wire, dialect=NativeDialect(boot), batched=batched)


def run(simulation: Simulation, seconds: float, root: Path, start_s: float = NOON_S, *, batched: bool = False) -> Wire:
    wire = Wire()
    factory = LiveFactory(simulation, native(wire, f"b{start_s:.0f}", batched=batched), None, root / "live.jsonl")
    factory.run(FastClock(start_s, start_s + seconds).clock(), root / "checkpoint")
    return wire


def test_machine_reports_every_second_with_a_sequence_that_rises_by_one(tmp_path: Path) -> None:
    messages = run(a_running_simulation(), 25, tmp_path).of("pump-01")
    assert [message["seq"] for message in messages] == list(range(1, len(messages) + 1))
    assert [b["ts"] - a["ts"] for a, b in pairwise(messages[:-1])] == [1000] * (len(messages) - 2)
    assert len({message["boot"] for message in messages}) == 1


def test_sensor_reports_at_its_own_period(tmp_path: Path) -> None:
    messages = run(a_running_simulation(), 30, tmp_path).of("pump-01")
    assert sum("flow" in message["values"] for message in messages) >= 29
    assert sum("vib" in message["values"] for message in messages) == 3


def test_batches_hold_the_same_values_as_single_messages_at_the_same_instants(tmp_path: Path) -> None:
    singly = run(a_running_simulation(), 31, tmp_path / "singly").of("pump-01")
    batched = run(a_running_simulation(), 45, tmp_path / "batched", batched=True).of("pump-01")
    assert len(batched) < len(singly) / 4
    told = {
        (message["t0"] // 1000 + row, sensor): value
        for message in batched
        for sensor, values in message.get("columns", {}).items()
        for row, value in enumerate(values)
        if value is not None
    }
    said = {
        (message["ts"] // 1000, sensor): value for message in singly[:30] for sensor, value in message["values"].items()
    }
    assert said
    assert {key: told[key] for key in said} == said


def test_machine_that_goes_off_within_a_batch_says_so_once(tmp_path: Path) -> None:
    simulation = a_simulation(1)
    shard = simulation.shards[0]
    trace = simulation.advance_to(START_S + 7200)
    times_s = np.arange(START_S, START_S + 10)
    report = replace(
        shard.report(trace, times_s, 1.0), state=np.array([[2]] * 3 + [[1]] * 2 + [[0]] * 5, dtype=np.uint8)
    )
    batches = list(batches_of(shard, report, 0, was_on=False))
    assert [(batch.state, batch.from_s - START_S) for batch in batches] == [("executing", 0), ("idle", 3), ("off", 5)]
    assert list(batches_of(shard, replace(report, state=report.state * 0), 0, was_on=False)) == []


def test_stop_is_reported_as_off_by_every_machine_that_was_on(tmp_path: Path) -> None:
    wire = run(a_running_simulation(), 15, tmp_path)
    machines = {topic.split("/")[4] for topic, _ in wire.messages}
    assert machines
    assert all(wire.of(machine)[-1]["state"] == "off" for machine in machines)


def test_second_start_goes_on_from_the_first_with_a_new_boot(tmp_path: Path) -> None:
    first = run(a_running_simulation(), 15, tmp_path)
    resumed = resume_simulation(a_scenario(4), tmp_path / "checkpoint")
    later = run(resumed, 15, tmp_path, start_s=NOON_S + 7200)
    assert first.of("pump-01")[0]["boot"] != later.of("pump-01")[0]["boot"]
    assert later.of("pump-01")[0]["ts"] >= (NOON_S + 7200) * 1000


def test_nothing_wears_while_the_simulator_is_away(tmp_path: Path) -> None:
    simulation = a_running_simulation()
    run(simulation, 10, tmp_path)
    resumed = resume_simulation(a_scenario(4), tmp_path / "checkpoint")
    before = resumed.fleet.state.damage.copy()
    run(resumed, 5, tmp_path, start_s=NOON_S + 86_400)
    assert np.all(resumed.fleet.state.damage - before < 5e-4)


@pytest.mark.parametrize("batched", [False, True])
def test_every_message_is_accepted_by_the_decoder_of_the_other_side(batched: bool, tmp_path: Path) -> None:
    simulation = a_running_simulation()
    wire = run(simulation, 30, tmp_path, batched=batched)
    decoder = NativeDecoder(simulation.scenario.plant, TimeWindow(past_ns=10**18, future_ns=10**18))
    decoded = [decoder.decode(topic, payload, int(NOON_S * 1e9)) for topic, payload in wire.messages]
    assert decoded
    assert all(isinstance(message, Message) for message in decoded)
    assert {message.machine for message in decoded} <= {machine.id for machine in simulation.scenario.plant.machines}


def test_part_fails_within_the_minutes_that_an_injection_asks_for(tmp_path: Path) -> None:
    simulation = a_running_simulation()
    wire = Wire()
    factory = LiveFactory(simulation, native(wire), None, tmp_path / "live.jsonl")
    request = decode_injection(
        encode_injection(Injection(machine="pump-01", fault="bearing", sensor=None, minutes=1.0))
    )
    factory.requests.append(request)
    factory.run(FastClock(NOON_S, NOON_S + 240).clock(), tmp_path / "checkpoint")
    truth = [json.loads(line) for line in (tmp_path / "live.jsonl").read_text(encoding="utf-8").splitlines()]
    assert any(row.get("slot") == "bearing" and row["reason"] == "failed" for row in truth)
    assert wire.of("pump-01")[-1]["state"] == "off"


def test_request_that_cannot_be_granted_does_not_stop_the_factory(tmp_path: Path) -> None:
    wire = Wire()
    factory = LiveFactory(a_running_simulation(), native(wire), None, tmp_path / "live.jsonl")
    factory.requests.append(Injection(machine="pump-01", fault="engine", sensor=None, minutes=1.0))
    factory.run(FastClock(NOON_S, NOON_S + 15).clock(), tmp_path / "checkpoint")
    assert wire.of("pump-01")
    assert "no slot engine" in (tmp_path / "live.jsonl").read_text(encoding="utf-8")


def test_nonsense_on_the_injection_topic_is_ignored() -> None:
    assert decode_injection(b"{") is None
    assert decode_injection(b'{"what": 1}') is None


def test_network_faults_reach_the_wire_and_the_truth(tmp_path: Path) -> None:
    scenario = a_scenario(4)
    simulation = a_running_simulation(rates=replace(scenario.rates, duplicate_share=0.2, loss_share=0.1))
    wire = run(simulation, 60, tmp_path)
    truth = [json.loads(line) for line in (tmp_path / "live.jsonl").read_text(encoding="utf-8").splitlines()]
    faults = [row for row in truth if "seq" in row and row["machine"] == "pump-01"]
    seqs = [message["seq"] for message in wire.of("pump-01")]
    for fault in faults:
        assert seqs.count(fault["seq"]) == {"duplicate": 2, "loss": 0}[fault["kind"]]
    assert {fault["kind"] for fault in faults} == {"duplicate", "loss"}
    assert MachineId("pump-01") in {m.id for m in simulation.scenario.plant.machines}
