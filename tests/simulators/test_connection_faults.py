"""Connections that fail when somebody asks for it."""

import json
from pathlib import Path

import pytest

from simulators.connection_faults import ConnectionFault, Connections
from simulators.errors import SimulatorError
from simulators.injection import Injection
from simulators.live import LiveFactory
from simulators.network_faults import Network, Packet
from tests.simulators.scenarios import NO_FAULTS, START_S, a_scenario
from tests.simulators.test_live import NOON_S, FastClock, Wire, a_running_simulation, native


class Line(Wire):
    """A wire that keeps what was done to it."""

    def __init__(self) -> None:
        super().__init__()
        self.silences: list[float] = []
        self.wills: list[str] = []

    def fall_silent(self, seconds: float) -> None:
        self.silences.append(seconds)

    def die(self, will: Packet) -> None:
        self.wills.append(will.topic)


def asked(fault: ConnectionFault, machine: str = "pump-01", minutes: float = 1.0) -> Injection:
    return Injection(machine=machine, fault=fault, sensor=None, minutes=minutes)


def run_with(request: Injection, root: Path) -> tuple[Line, list[dict]]:
    line = Line()
    factory = LiveFactory(a_running_simulation(), native(line), None, root / "live.jsonl")
    factory.requests.append(request)
    factory.run(FastClock(NOON_S, NOON_S + 100).clock(), root / "checkpoint")
    truth = [json.loads(row) for row in (root / "live.jsonl").read_text(encoding="utf-8").splitlines()]
    return line, [row for row in truth if row.get("kind") == request.fault]


def test_half_open_line_says_nothing_for_as_long_as_asked(tmp_path: Path) -> None:
    line, truth = run_with(asked(ConnectionFault.HALF_OPEN), tmp_path)
    assert line.silences == [60.0]
    assert [row["to_s"] - row["from_s"] for row in truth] == [60.0]


def test_device_that_is_torn_off_leaves_a_will_and_is_born_again(tmp_path: Path) -> None:
    line, truth = run_with(asked(ConnectionFault.LAST_WILL), tmp_path)
    assert [topic.rsplit("/", 2)[1:] for topic in line.wills] == [["pump-01", "death"]]
    births = [place for place, (topic, _) in enumerate(line.messages) if topic.endswith("pump-01/birth")]
    told = [place for place, (topic, _) in enumerate(line.messages) if topic.endswith("pump-01/telemetry")]
    assert len(births) == len(truth) == 1
    assert min(told) > births[0]
    assert any(topic.endswith("pump-02/telemetry") for topic, _ in line.messages[: births[0]])


def test_retained_message_is_published_once_more_to_be_kept() -> None:
    scenario = a_scenario(2)
    network = Network(NO_FAULTS, None)  # type: ignore[arg-type]
    Connections(scenario.plant.machines, Line(), network).fail(asked(ConnectionFault.RETAINED), START_S)
    packet = Packet(topic="t", payload=b"{}", machine="pump-01", seq=1)
    assert [(each.seq, each.retain) for each in network.carry(packet, START_S)] == [(1, False), (1, True)]
    assert [fault.kind for fault in network.faults] == ["retained"]


def test_machine_that_does_not_exist_is_refused_in_one_line() -> None:
    connections = Connections(a_scenario(2).plant.machines, Line(), Network(NO_FAULTS, None))  # type: ignore[arg-type]
    with pytest.raises(SimulatorError, match="no machine is called ghost"):
        connections.fail(asked(ConnectionFault.LAST_WILL, "ghost"), START_S)
