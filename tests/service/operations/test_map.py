"""What `yeji map` shows of live messages."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from rich.console import Console

from configs.plant_file import dump_plant
from configs.settings import MqttSettings, Settings
from ingest.decode.mapping import MappingDecoder
from service.errors import BrokerError, InvalidRequestError
from service.operations.broker import BrokerFlavour, BrokerOptions, OwnBroker, find_mosquitto, start_broker
from service.operations.broker_client import BrokerAddress
from service.operations.listener import listening
from service.operations.map import MapWish, explain, lines_of, list_ready_made, show_mapping, verdict
from service.operations.result import Output
from tests.fakes.mqtt import publish
from tests.fakes.plants import a_plant
from tests.fakes.readings import NOON_NS
from tests.ingest.decode.test_mapping import WINDOW, a_mapped_plant

FLOW = {"topic": "f/{machine}", "value": [{"path": "$.{sensor}"}], "state": "$.state", "ignore": ["state"]}


def told(said: object, topic: str = "f/pump1", table: dict[str, object] | None = None) -> tuple[str, str]:
    """Return the lines of one message, and the verdict on it."""
    plant = a_mapped_plant(table or FLOW)
    outcome = explain(MappingDecoder(plant, WINDOW), plant, (topic, orjson.dumps(said)), NOON_NS)
    return "\n".join(lines_of(outcome)), verdict([outcome], topic, plant, 30)


def test_a_reading_is_shown_with_unit_and_local_time() -> None:
    lines, said = told({"vib": 0.82, "rpm": 5, "state": "idle", "temp": "x"})
    assert lines.splitlines() == [
        'f/pump1  {"vib":0.82,"rpm":5,"state":"idle","temp":"x"}',
        "    = pump1 vib = 0.82 mm/s at 2026-11-25 09:00:00.000+09:00".replace("2026-11-25 09:00", noon_in_seoul()),
        "    = pump1 is idle",
        "    ? pump1 rpm = 5: not in the plant",
        "    ! temp is 'x', no number; list its texts under words, or ignore it",
    ]
    assert said == "1 of 1 messages are read; 1 with unknown names and 1 with refusals"


def noon_in_seoul() -> str:
    from datetime import datetime  # noqa: PLC0415
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    return datetime.fromtimestamp(NOON_NS / 1e9, ZoneInfo("Asia/Seoul")).strftime("%Y-%m-%d %H:%M")


def test_nothing_matched_is_said_in_one_line() -> None:
    lines, said = told({"vib": 1}, topic="elsewhere/pump1")
    assert "no mapping is made for this topic" in lines
    assert said == "none of 1 messages is on a mapped topic (mapped: f/{machine}); add a [[mapping]] to plant.toml"
    assert "try --like tasmota" in told({}, topic="tele/plug/SENSOR")[0]
    assert told({"note": "x"})[1] == "the mapping finds nothing in 1 messages; correct its paths"
    assert "nothing in it is a reading" in told({"note": "x"})[0]
    assert "nothing that they find is in the plant" in told({"rpm": 1})[1]
    assert verdict([], "f/#", a_plant(), 30).startswith("nothing came on f/# within 30 s; see whether the sender runs")
    refused, _ = told([], table=FLOW | {"state": None})
    assert "finds nothing at $.{sensor}" in refused


def test_long_answers_are_cut_short() -> None:
    lines, _ = told({f"s{i}": i for i in range(40)})
    assert "    … and 28 more" in lines


def test_ready_made_mappings_are_listed() -> None:
    out = io.StringIO()
    list_ready_made(Output(Console(file=out, width=200), as_json=False))
    assert "tele/{machine}/SENSOR" in out.getvalue()


def the_plant_in(folder: Path, table: dict[str, object]) -> Settings:
    path = folder / "plant.toml"
    path.write_text(dump_plant(replace(a_mapped_plant(table))), encoding="utf-8")
    return Settings(data_dir=folder, mqtt=MqttSettings())


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[OwnBroker]:
    started = start_broker(BrokerOptions(folder=tmp_path / "broker", flavour=BrokerFlavour.MOSQUITTO))
    yield started
    started.stop()


@pytest.mark.skipif(find_mosquitto() is None, reason="mosquitto is not installed")
def test_live_messages_are_shown_as_they_come(tmp_path: Path, broker: OwnBroker) -> None:
    settings, out = the_plant_in(tmp_path, FLOW), io.StringIO()
    address = f"{broker.host}:{broker.port}"
    with listening(BrokerAddress(host=broker.host, port=broker.port), "f/+") as listener:
        publish((broker.host, broker.port), [("f/pump1", b'{"vib": 1.5}')])
        assert list(listener.hear(1, 10)) == [("f/pump1", b'{"vib": 1.5}')]
        assert list(listener.hear(1, 0.01)) == []
    wish = MapWish(topic=None, like=None, broker=address, messages=1, seconds=0.2)
    show_mapping(settings, wish, Output(Console(file=out, width=200), as_json=True))
    assert orjson.loads(out.getvalue())["verdict"].startswith("nothing came on f/+")
    tried = replace(wish, topic="tele/#", like="tasmota")
    show_mapping(settings, tried, Output(Console(file=out, width=200), as_json=False))
    assert out.getvalue().rstrip().endswith("whether the topic is right")
    with pytest.raises(InvalidRequestError, match="did you mean tasmota"):
        show_mapping(settings, replace(wish, like="tasmoto"), Output(Console(file=out), as_json=True))
    with pytest.raises(InvalidRequestError, match="name what to listen to with --topic"):
        show_mapping(settings, replace(wish, like="tasmota"), Output(Console(file=out), as_json=True))


def test_a_broker_that_is_not_there_is_said() -> None:
    with pytest.raises(BrokerError, match="no broker at"), listening(BrokerAddress(host="127.0.0.1", port=1), "#"):
        pass
