"""The drill finds what is lost, doubled or altered, and with a real broker and a real writer it finds nothing."""

import time
from pathlib import Path

import pytest
from rich.console import Console

from configs.settings import MqttSettings, Settings
from ingest.ports import StoredValue
from service.app.running_file import announced
from service.errors import BrokerError, InvalidRequestError
from service.operations.broker import BrokerFlavour, BrokerOptions, find_mosquitto, start_broker
from service.operations.drill import DrillWish, drill, run_drill
from service.operations.drill_marks import MACHINES, judge, mark_of
from service.operations.result import Output

QUIET = Console(quiet=True)
needs_mosquitto = pytest.mark.skipif(find_mosquitto() is None, reason="mosquitto is not installed")


def rows(count: int, boot: str = "b") -> list[StoredValue]:
    numbers = [divmod(number, len(MACHINES)) for number in range(count)]
    return [StoredValue(MACHINES[machine], boot, seq, mark_of(machine, seq)) for seq, machine in numbers]


def test_each_message_once_is_received_equals_stored() -> None:
    verdict = judge("b", 20, rows(20), reported=0)
    assert (verdict.received, verdict.stored, verdict.holds) == (20, 20, True)


@pytest.mark.parametrize(
    ("stored", "lost", "doubled", "corrupt", "foreign"),
    [
        pytest.param(rows(20)[:-1], 1, 0, 0, 0, id="one is missing"),
        pytest.param([*rows(20), rows(20)[3]], 0, 1, 0, 0, id="one is there twice"),
        pytest.param([*rows(19), rows(20)[19]._replace(value=7.5)], 0, 0, 1, 0, id="one says something else"),
        pytest.param([*rows(20), rows(1, boot="other")[0]], 0, 0, 0, 1, id="one is of another drill"),
        pytest.param(rows(21), 0, 0, 0, 1, id="one was never sent"),
    ],
)
def test_whatever_is_not_as_it_was_sent_is_counted(
    stored: list[StoredValue], lost: int, doubled: int, corrupt: int, foreign: int
) -> None:
    verdict = judge("b", 20, stored, reported=0)
    assert (verdict.lost, verdict.doubled, verdict.corrupt, verdict.foreign) == (lost, doubled, corrupt, foreign)
    assert not verdict.holds


@pytest.mark.parametrize("wish", [DrillWish(rate=0), DrillWish(rate=1e9), DrillWish(messages=0), DrillWish(kills=-1)])
def test_a_drill_that_is_not_possible_is_refused(wish: DrillWish, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="must be"):
        drill(Settings(data_dir=tmp_path), wish, clock_ns=time.time_ns, progress=QUIET)


def test_without_the_plants_broker_a_live_drill_says_so(tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match="no service runs"):
        drill(Settings(data_dir=tmp_path), DrillWish(live=True), clock_ns=time.time_ns, progress=QUIET)


@needs_mosquitto
@pytest.mark.acceptance
@pytest.mark.mosquitto
def test_on_the_plants_broker_nothing_is_lost_and_nothing_is_left_behind(tmp_path: Path) -> None:
    """The writer is killed, and cut off for so long that the broker gives it up."""
    broker = start_broker(BrokerOptions(folder=tmp_path / "broker", flavour=BrokerFlavour.MOSQUITTO))
    console = Console(record=True, width=200)
    data = tmp_path / "data"
    data.mkdir()
    try:
        with announced(data, address="http://127.0.0.1:1", broker=(broker.host, broker.port)):
            settings = Settings(data_dir=data, mqtt=MqttSettings())
            wish = DrillWish(messages=400, rate=100.0, kills=1, cuts=1, live=True)
            holds = run_drill(
                settings, wish, clock_ns=time.time_ns, progress=QUIET, output=Output(console, as_json=False)
            )
            assert [path.name for path in data.iterdir() if path.name.startswith("yeji-drill")] == []
    finally:
        broker.stop()
    told = console.export_text()
    assert holds
    assert "0 lost, 0 doubled, 0 altered, 0 foreign" in told
    assert "killed 1 times and cut off 1 times" in told
